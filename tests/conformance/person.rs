//! A person with a browser, as far as the server can tell: pages are fetched, forms are filled in and posted, cookies
//! and the `Referer` go along.

use std::collections::BTreeMap;

use sugar_oauth::v4_1::decode_entities;
use url::Url;

/// What the authorize page answered to a yes.
pub enum Answer {
    /// A page with the code.
    Page(String),
    /// A redirect to the callback.
    SentTo(String),
}

pub struct Person {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    user_name: String,
    password: String,
}

struct Page {
    url: Url,
    status: u16,
    location: Option<String>,
    text: String,
}

impl Person {
    pub fn new(user_name: &str, password: &str) -> Self {
        // The transport of the crate installs the TLS provider; a browser of its own must do it itself.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            http: http.build().expect("an HTTP client"),
            cookies: BTreeMap::new(),
            user_name: user_name.to_owned(),
            password: password.to_owned(),
        }
    }

    pub async fn authorize(&mut self, authorize_url: &str) -> Answer {
        let authorize_url = Url::parse(authorize_url).expect("an authorize URL");
        let mut page = self.get(authorize_url).await;
        if page.has_field("user_name") {
            let (name, password) = (self.user_name.clone(), self.password.clone());
            let mut fields = page.form("user_name");
            let password_field = page.password_field();
            fields.retain(|(field, _)| field != "user_name" && *field != password_field);
            fields.push((String::from("user_name"), name));
            fields.push((password_field, password));
            page = self.post(&page.url, fields).await;
        }
        let fields = page.form("token");
        let page = self.post_once(&page.url, fields).await;
        if let Some(location) = page.location {
            return Answer::SentTo(location);
        }
        let after = page.text.split("Token authorization code:").nth(1).unwrap_or_else(|| {
            panic!(
                "the page shows no code; status {}, {} bytes",
                page.status,
                page.text.len()
            )
        });
        let code = after
            .split("<big>")
            .nth(1)
            .and_then(|rest| rest.split("</big>").next())
            .expect("a code in <big>");
        Answer::Page(code.trim().to_owned())
    }

    async fn get(&mut self, url: Url) -> Page {
        let request = self.http.get(url.clone());
        let page = self.send(request, url).await;
        self.follow(page).await
    }

    async fn post(&mut self, form_page: &Url, fields: Vec<(String, String)>) -> Page {
        let page = self.post_once(form_page, fields).await;
        self.follow(page).await
    }

    async fn post_once(&mut self, form_page: &Url, fields: Vec<(String, String)>) -> Page {
        let mut target = form_page.clone();
        target.set_query(None);
        let body = serde_urlencoded::to_string(fields).expect("a form");
        let request = self
            .http
            .post(target.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("referer", form_page.as_str())
            .body(body);
        self.send(request, target).await
    }

    async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..5 {
            let Some(location) = page.location.take() else {
                break;
            };
            let url = page.url.join(&location).expect("a place to go");
            page = self.send(self.http.get(url.clone()), url).await;
        }
        page
    }

    async fn send(&mut self, request: reqwest::RequestBuilder, url: Url) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .expect("a page");
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().expect("a cookie").split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        Page {
            url,
            status: response.status().as_u16(),
            location: response
                .headers()
                .get("location")
                .map(|to| to.to_str().expect("a location").to_owned()),
            text: response.text().await.expect("text"),
        }
    }
}

impl Page {
    fn has_field(&self, name: &str) -> bool {
        inputs(&self.text).any(|input| attribute(input, "name").as_deref() == Some(name))
    }

    fn password_field(&self) -> String {
        inputs(&self.text)
            .find(|input| attribute(input, "type").as_deref() == Some("password"))
            .and_then(|input| attribute(input, "name"))
            .unwrap_or_else(|| String::from("username_password"))
    }

    /// The fields, filled in as the page came, of the form that holds this field.
    fn form(&self, field: &str) -> Vec<(String, String)> {
        let form = self
            .text
            .split("<form")
            .skip(1)
            .map(|rest| rest.split("</form").next().unwrap_or_default())
            .find(|form| inputs(form).any(|input| attribute(input, "name").as_deref() == Some(field)));
        let form = form.unwrap_or_else(|| {
            panic!(
                "no form with the field {field}; status {}, {} bytes",
                self.status,
                self.text.len()
            )
        });
        inputs(form)
            .filter(|input| {
                !matches!(
                    attribute(input, "type").as_deref(),
                    Some("button" | "checkbox" | "image")
                )
            })
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())))
            .collect()
    }
}

fn inputs(html: &str) -> impl Iterator<Item = &str> {
    html.split("<input")
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    for quote in ['"', '\''] {
        let start = format!(" {name}={quote}");
        let folded = tag.replace(['\n', '\t', '\r'], " ");
        if let Some(at) = folded.find(&start) {
            let rest = &folded[at + start.len()..];
            return rest
                .split(quote)
                .next()
                .map(|value| decode_entities(value).into_owned());
        }
    }
    None
}
