//! The pages of a person, as docs/server.md has them, by raw HTTP against the sandbox.

#[path = "support/harness.rs"]
mod harness;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/signer.rs"]
mod signer;

use harness::{Harness, is_hex, token_of};
use raw_http::{Answer, get, post};
use signer::form;
use sugar_oauth::sandbox::{Flavour, Sandbox};

/// A browser without its looks: cookies, forms and a `Referer`.
struct Browser<'a> {
    harness: &'a Harness,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn new(harness: &'a Harness) -> Self {
        Self {
            harness,
            cookie: String::new(),
        }
    }

    fn site_path(&self) -> String {
        self.harness
            .path("x")
            .split("/service")
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    fn take_cookie(&mut self, answer: Answer) -> Answer {
        for (name, value) in &answer.headers {
            if name == "Set-Cookie" && value.starts_with("PHPSESSID=") {
                self.cookie = value.split(';').next().unwrap_or_default().to_owned();
            }
        }
        answer
    }

    /// Opens a page given relative to the site.
    fn open(&mut self, page: &str) -> Answer {
        let target = format!("{}/{page}", self.site_path());
        let answer = get(self.harness.url(), &target, &[("Cookie", &self.cookie)]);
        self.take_cookie(answer)
    }

    fn submit(&mut self, fields: &[(String, String)], referer: Option<&str>) -> Answer {
        let mut headers = vec![("Cookie", self.cookie.as_str())];
        headers.extend(referer.map(|referer| ("Referer", referer)));
        let target = format!("{}/index.php", self.site_path());
        let answer = post(self.harness.url(), &target, &headers, &form(fields));
        self.take_cookie(answer)
    }

    fn log_in(&mut self) -> Answer {
        let page = self.open("index.php?action=Login&module=Users").text();
        let fields = filled(&page, &self.harness.sandbox);
        self.submit(&fields, Some(self.harness.url()))
    }
}

/// The named fields of a page's form, in their order.
fn form_fields(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[start..].split('"').next().unwrap_or_default().replace("&amp;", "&"))
    };
    let inputs = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    inputs
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
        .collect()
}

/// A login form filled in.
fn filled(page: &str, sandbox: &Sandbox) -> Vec<(String, String)> {
    let fill = |(name, value): (String, String)| match name.as_str() {
        "user_name" => (name, sandbox.user_name().to_owned()),
        "username_password" => (name, sandbox.password().to_owned()),
        _ => (name, value),
    };
    form_fields(page).into_iter().map(fill).collect()
}

fn authorize_page(token: &str) -> String {
    format!("index.php?module=OAuthTokens&action=authorize&token={token}")
}

/// Walks a person's way to a yes and gives the last answer.
fn say_yes(harness: &Harness, token: &str) -> Answer {
    let mut browser = Browser::new(harness);
    browser.log_in();
    let page = browser.open(&authorize_page(token)).text();
    browser.submit(&form_fields(&page), Some(harness.url()))
}

#[tokio::test]
async fn who_is_not_logged_in_is_sent_to_the_login_page_and_back_after_it() {
    let harness = Harness::start().await;
    let (token, _) = harness.request_token("oob");
    let mut browser = Browser::new(&harness);
    let answer = browser.open(&authorize_page(&token));
    assert_eq!(answer.status(), 301);
    let login = answer.header("Location").expect("a location").to_owned();
    assert_eq!(
        login,
        format!(
            "index.php?action=Login&module=Users&login_module=OAuthTokens&login_action=authorize&login_token={token}"
        )
    );
    let page = browser.open(&login);
    assert_eq!(page.status(), 200);
    let answer = browser.submit(&filled(&page.text(), &harness.sandbox), Some(harness.url()));
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.header("Location"), Some(authorize_page(&token).as_str()));
    assert!(browser.open(&authorize_page(&token)).text().contains(&token));
}

#[tokio::test]
async fn the_login_form_has_the_fields_of_the_real_one() {
    let harness = Harness::start().await;
    let page = Browser::new(&harness)
        .open("index.php?action=Login&module=Users&login_token=abc")
        .text();
    let fields = form_fields(&page);
    let value = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(
        (value("module"), value("action")),
        (Some("Users"), Some("Authenticate"))
    );
    assert_eq!(value("login_token"), Some("abc"));
    assert!(value("user_name").is_some() && value("username_password").is_some());
    assert!(page.contains("method=\"post\" action=\"index.php\""));
}

#[tokio::test]
async fn a_wrong_password_leads_back_to_the_form() {
    let harness = Harness::start().await;
    let mut browser = Browser::new(&harness);
    let page = browser
        .open("index.php?action=Login&module=Users&login_module=OAuthTokens&login_token=abc")
        .text();
    let mut fields = filled(&page, &harness.sandbox);
    fields
        .iter_mut()
        .filter(|(name, _)| name == "username_password")
        .for_each(|(_, value)| value.push('x'));
    let answer = browser.submit(&fields, Some(harness.url()));
    let location = answer.header("Location").expect("a location").to_owned();
    assert!(
        location.contains("action=Login") && location.contains("login_token=abc"),
        "{location}"
    );
    assert!(browser.open(&location).text().contains("valid username and password"));
    assert_eq!(browser.open("index.php").status(), 301);
}

#[tokio::test]
async fn the_authorize_page_takes_oauth_token_as_well_as_token() {
    let harness = Harness::start().await;
    let (token, _) = harness.request_token("oob");
    let mut browser = Browser::new(&harness);
    browser.log_in();
    let by_token = browser.open(&authorize_page(&token)).text();
    let by_oauth_token = browser
        .open(&authorize_page(&token).replace("&token", "&oauth_token"))
        .text();
    assert_eq!(by_token, by_oauth_token);
}

#[tokio::test]
async fn the_authorize_form_has_sugars_fields_and_no_deny_button() {
    let harness = Harness::start().await;
    let (token, _) = harness.request_token("oob");
    let mut browser = Browser::new(&harness);
    browser.log_in();
    let page = browser.open(&authorize_page(&token)).text();
    let names: Vec<String> = form_fields(&page).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["module", "action", "sid", "hash", "confirm", "token"]);
    let fields = form_fields(&page);
    assert_eq!(
        (fields[0].1.as_str(), fields[1].1.as_str()),
        ("OAuthTokens", "authorize")
    );
    assert_eq!((fields[4].1.as_str(), fields[5].1.as_str()), ("1", token.as_str()));
    assert_eq!(page.matches("<button").count(), 1);
    assert!(page.contains("method=\"post\" action=\"index.php\"") && !page.to_lowercase().contains("deny"));
}

#[tokio::test]
async fn every_post_to_index_php_needs_a_referer_of_the_instance() {
    let harness = Harness::start().await;
    let (token, _) = harness.request_token("oob");
    let mut browser = Browser::new(&harness);
    let login = filled(
        &browser.open("index.php?action=Login&module=Users").text(),
        &harness.sandbox,
    );
    for referer in [
        None,
        Some("http://elsewhere.example/"),
        Some("http://127.0.0.1.example/"),
        Some("about:blank"),
    ] {
        assert_eq!(browser.submit(&login, referer).header("Location"), None, "{referer:?}");
        assert_eq!(browser.open("index.php").status(), 301, "{referer:?} logged in");
    }
    // The host decides, not the port.
    browser.submit(&login, Some("http://127.0.0.1/any/page?x=y"));
    let authorize = form_fields(&browser.open(&authorize_page(&token)).text());
    assert_eq!(authorize.len(), 6);
    browser.submit(&authorize, None);
    assert_eq!(harness.sandbox.state().request_tokens[0].verifier, None);
    browser.submit(&authorize, Some(harness.url()));
    assert!(harness.sandbox.state().request_tokens[0].verifier.is_some());
}

#[tokio::test]
async fn the_form_of_another_session_authorizes_nothing() {
    let harness = Harness::start().await;
    let (token, _) = harness.request_token("oob");
    let mut first = Browser::new(&harness);
    first.log_in();
    let fields = form_fields(&first.open(&authorize_page(&token)).text());
    let mut second = Browser::new(&harness);
    second.log_in();
    second.submit(&fields, Some(harness.url()));
    for missing in ["sid", "hash"] {
        let mut incomplete = fields.clone();
        incomplete.retain(|(name, _)| name != missing);
        first.submit(&incomplete, Some(harness.url()));
    }
    assert_eq!(harness.sandbox.state().request_tokens[0].verifier, None);
}

#[tokio::test]
async fn an_unknown_or_used_token_is_200_and_invalid_token() {
    let harness = Harness::start().await;
    let used = harness.request_token("oob");
    let verifier = harness.sandbox.approve(&used.0).expect("a request token");
    let (access_token, _) = token_of(&harness.exchange(&used, &verifier));
    let mut browser = Browser::new(&harness);
    browser.log_in();
    for token in ["ffffffffffff", "", &used.0, &access_token] {
        let answer = browser.open(&authorize_page(token));
        assert_eq!(
            (answer.status(), answer.text().contains("Invalid token")),
            (200, true),
            "{token}"
        );
    }
}

#[tokio::test]
async fn without_a_callback_the_verifier_stands_on_a_page_in_big() {
    let harness = Harness::start().await;
    let oob = harness.request_token("oob");
    let none = token_of(&harness.signed(&harness.signer(), &[("method", "oauth_request_token")]));
    for token in [oob, none] {
        let answer = say_yes(&harness, &token.0);
        assert_eq!(answer.status(), 200);
        let page = answer.text();
        let after = page.split("Token authorization code:").nth(1).expect("the text");
        let verifier = after
            .split("<big>")
            .nth(1)
            .and_then(|rest| rest.split('<').next())
            .expect("a verifier");
        assert!(is_hex(verifier, 12), "{verifier}");
        token_of(&harness.exchange(&token, verifier));
    }
}

#[tokio::test]
async fn a_callback_url_is_redirected_to_with_301_and_keeps_its_own_query() {
    let harness = Harness::start().await;
    for (callback, separator) in [
        ("http://127.0.0.1:9/callback", '?'),
        ("http://127.0.0.1:9/callback?state=a%20b&c=d", '&'),
    ] {
        let token = harness.request_token(callback);
        let answer = say_yes(&harness, &token.0);
        assert_eq!(answer.status(), 301);
        let location = answer.header("Location").expect("a location");
        let rest = location
            .strip_prefix(&format!("{callback}{separator}oauth_verifier="))
            .expect(location);
        let (verifier, after) = rest.split_at(12);
        assert!(is_hex(verifier, 12), "{verifier}");
        assert_eq!(after, format!("&oauth_token={}", token.0));
        token_of(&harness.exchange(&token, verifier));
    }
}

#[tokio::test]
async fn of_a_callback_at_most_255_characters_are_kept() {
    let harness = Harness::start().await;
    let fitting = format!("http://127.0.0.1:9/{}", "p".repeat(255 - 19));
    for callback in [fitting.clone(), fitting.clone() + "more"] {
        let (token, _) = harness.request_token(&callback);
        let answer = say_yes(&harness, &token);
        let location = answer.header("Location").expect("a location");
        assert!(
            location.starts_with(&format!("{fitting}?oauth_verifier=")),
            "{location}"
        );
    }
}

#[tokio::test]
async fn saying_yes_again_gives_a_new_verifier_in_place_of_the_first() {
    let harness = Harness::start().await;
    let token = harness.request_token("oob");
    let first = harness.sandbox.approve(&token.0).expect("a request token");
    say_yes(&harness, &token.0);
    let second = harness.sandbox.state().request_tokens[0]
        .verifier
        .clone()
        .expect("a verifier");
    assert_ne!(first, second);
    assert_eq!(harness.exchange(&token, &first).status(), 500);
    token_of(&harness.exchange(&token, &second));
}

#[tokio::test]
async fn pages_are_whole_html_escape_what_they_show_and_load_nothing() {
    let hostile = "\"><img src=x>'";
    let harness = Harness::with(Sandbox::builder().consumer(hostile, "secret")).await;
    let (token, _) = harness.request_token("oob");
    let mut browser = Browser::new(&harness);
    let login = browser.open(&format!(
        "index.php?action=Login&module=Users&login_token={}",
        signer::percent(hostile)
    ));
    let remembered = login.text();
    browser.log_in();
    let pages = [
        remembered,
        browser.open(&authorize_page(&token)).text(),
        browser.open("index.php").text(),
        say_yes(&harness, &token).text(),
    ];
    for page in &pages {
        assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
        assert!(
            !page.contains("<img") && !page.contains("src=\"") && !page.contains("http://"),
            "{page}"
        );
    }
    assert!(pages[1].contains("&quot;&gt;&lt;img"), "{}", pages[1]);
}

#[tokio::test]
async fn suitecrm_8_has_its_pages_and_its_api_under_legacy() {
    let harness = Harness::with(Sandbox::builder().flavour(Flavour::SuiteCrm8)).await;
    assert!(harness.url().ends_with("/legacy"));
    let (token, _) = harness.request_token("http://127.0.0.1:9/cb");
    assert_eq!(say_yes(&harness, &token).status(), 301);
    assert_eq!(get(harness.url(), "/service/v4_1/rest.php", &[]).status(), 404);
}

#[tokio::test]
async fn a_build_that_ignores_the_callback_shows_the_verifier() {
    let harness = Harness::with(Sandbox::builder().flavour(Flavour::CallbackIgnored)).await;
    let (token, _) = harness.request_token("http://127.0.0.1:9/cb");
    let answer = say_yes(&harness, &token);
    assert_eq!(answer.status(), 200);
    assert!(answer.text().contains("Token authorization code:"));
}
