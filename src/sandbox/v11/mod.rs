//! REST v10 and v11: OAuth 2 and the record API, of [`Flavour::Sugar11`](super::Flavour::Sugar11).
//!
//! No server of this line was measured. What the vendor's documents say is kept to; what they leave open is a choice,
//! and the strict one where both would do. Choices that a client can notice are told where they are made.

mod about;
mod bulk;
mod files;
mod filter;
mod grants;
mod links;
mod logins;
mod metadata;
mod module;
mod multipart;
mod query;
mod records;
mod refusal;
mod settings;
mod shape;
mod times;
mod values;
mod writing;

pub use logins::LoginState;
pub(crate) use logins::Logins;
pub(crate) use settings::{Lifetimes, Settings};

use super::crm::{Caller, Module};
use super::http::Response;
use super::php::form::raw_url_decode;
use super::received::ReceivedRequest;
use super::server::Server;
use logins::Login;
use query::Query;
use refusal::Refusal;
use serde_json::Value;

/// The one page of the site that is no REST: the web application itself is not there.
const HOME: &str = "<!DOCTYPE html>\n<html><head><title>SugarCRM</title></head><body>Practice instance</body></html>\n";

/// A request to the API, or one of those inside of a bulk request.
struct Call<'a> {
    server: &'a Server,
    method: &'a str,
    /// What stands in the path behind the version, decoded.
    path: Vec<String>,
    query: Query,
    content: Content<'a>,
    /// `v11` of the path, for URLs in answers.
    version: String,
}

/// What a request carries.
struct Content<'a> {
    media_type: &'a str,
    bytes: &'a [u8],
}

/// What a call is answered with when it is not refused.
enum Answer {
    Json(Value),
    File {
        media_type: String,
        name: String,
        content: Vec<u8>,
    },
}

/// Answers any request to the site.
pub(crate) async fn answer(server: &Server, request: &ReceivedRequest) -> Response {
    let Some(local) = request.path.strip_prefix("/rest/") else {
        return match request.path.as_str() {
            "/" | "/index.php" => Response::html(200, HOME),
            _ => Response::apache_error(404, "The requested URL was not found on this server."),
        };
    };
    server.hooks.wait_at_work(request).await;
    let content = Content {
        media_type: request.header("Content-Type").unwrap_or_default(),
        bytes: &request.body,
    };
    let query = request.query.as_deref().unwrap_or_default();
    let answered = Call::read(server, &request.method, local, query, content).and_then(|call| {
        let tokens = Tokens::of(request, &call.query);
        call.run(&tokens)
    });
    match answered {
        Ok(answer) => answer.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Where a request may carry a token.
struct Tokens {
    access: Option<String>,
    download: Option<String>,
}

impl Tokens {
    /// The access token comes in the header `OAuth-Token` only. The documents do not say how the download token comes:
    /// that header, the query parameters `download_token` and `oauth_token` and a cookie are looked at.
    fn of(request: &ReceivedRequest, query: &Query) -> Self {
        let header = request.header("OAuth-Token").map(str::to_owned);
        let cookies = request.header("Cookie").unwrap_or_default().split(';');
        let mut cookies = cookies.filter_map(|pair| pair.trim().split_once('='));
        let mut cookie = || cookies.find(|(name, _)| name.starts_with("download_token"));
        let download = header
            .clone()
            .or_else(|| query.text("download_token").map(str::to_owned))
            .or_else(|| query.text("oauth_token").map(str::to_owned))
            .or_else(|| cookie().map(|(_, value)| value.to_owned()));
        Self {
            access: header,
            download,
        }
    }
}

/// `v10`, `v11`, or `v11_` and a number.
fn is_version(text: &str) -> bool {
    let minor = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(text, "v10" | "v11") || text.strip_prefix("v11_").is_some_and(minor)
}

impl<'a> Call<'a> {
    /// Reads a target that begins with the version.
    fn read(
        server: &'a Server,
        method: &'a str,
        local: &str,
        query: &str,
        content: Content<'a>,
    ) -> Result<Self, Refusal> {
        let mut parts = local.split('/').filter(|part| !part.is_empty());
        let version = parts.next().unwrap_or_default();
        if !is_version(version) {
            return Err(Refusal::INCORRECT_VERSION);
        }
        let decoded = |part| String::from_utf8_lossy(&raw_url_decode(str::as_bytes(part))).into_owned();
        Ok(Self {
            server,
            method,
            path: parts.map(decoded).collect(),
            query: Query::decode(query),
            content,
            version: version.to_owned(),
        })
    }

    fn run(&self, tokens: &Tokens) -> Result<Answer, Refusal> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        if (self.method, &path[..]) == ("POST", &["oauth2", "token"]) {
            return grants::token(self).map(Answer::Json);
        }
        let login = self.login(tokens)?;
        if (self.method, &path[..]) == ("POST", &["oauth2", "logout"]) {
            return Ok(Answer::Json(grants::log_out(self, &login)));
        }
        if (self.method, &path[..]) == ("POST", &["bulk"]) {
            return bulk::answer(self, &login).map(Answer::Json);
        }
        self.perform(&login, &path)
    }

    /// Answers what a bulk request may hold too.
    fn perform(&self, login: &Login, path: &[&str]) -> Result<Answer, Refusal> {
        match (self.method, path) {
            ("GET", ["me"]) => about::me(self, login).map(Answer::Json),
            ("GET", ["ping"]) => Ok(Answer::Json(Value::from("pong"))),
            ("GET", ["ping", "whattimeisit"]) => Ok(Answer::Json(about::time(self))),
            ("GET", ["metadata"]) => Ok(Answer::Json(metadata::answer(self))),
            (_, [name, rest @ ..]) => self.on_records(login, module::named(name)?, rest),
            _ => Err(Refusal::NO_METHOD),
        }
    }

    fn on_records(&self, login: &Login, module: &'static Module, path: &[&str]) -> Result<Answer, Refusal> {
        match (self.method, path) {
            ("GET", []) | ("GET" | "POST", ["filter"]) => records::list(self, login, module),
            ("GET", ["count"]) | ("GET" | "POST", ["filter", "count"]) => records::count(self, login, module),
            ("GET", ["enum", field]) => metadata::choices(module, field),
            ("POST", []) => records::create(self, login, module),
            ("GET", [id]) => records::one(self, login, module, id),
            ("PUT", [id]) => records::update(self, login, module, id),
            ("DELETE", [id]) => records::delete(self, login, module, id),
            (_, [id, "link", rest @ ..]) => links::answer(self, login, module, id, rest),
            (_, [id, "file", rest @ ..]) => return files::answer(self, login, module, id, rest),
            _ => Err(Refusal::NO_METHOD),
        }
        .map(Answer::Json)
    }

    /// Whose the token is. A file can be fetched with the download token too.
    fn login(&self, tokens: &Tokens) -> Result<Login, Refusal> {
        let now = self.server.clock.milliseconds();
        let data = self.server.data();
        let is_file = self.method == "GET" && matches!(&self.path[..], [_, _, file, _] if file == "file");
        let download = tokens.download.as_deref().filter(|_| is_file);
        let by_download = download.and_then(|token| data.logins.with_download(token, now));
        let by_access = tokens.access.as_deref();
        let by_access = by_access.and_then(|token| data.logins.with_access(token, now));
        by_access
            .or(by_download)
            .cloned()
            .ok_or(match (&tokens.access, download) {
                (None, None) => Refusal::NEED_LOGIN,
                _ => Refusal::ACCESS_TOKEN,
            })
    }

    /// The JSON object in the body. A form is not read.
    fn object(&self) -> Result<serde_json::Map<String, Value>, Refusal> {
        let form = ["application/x-www-form-urlencoded", "multipart/form-data"];
        let media_type = self.content.media_type.split(';').next().unwrap_or_default().trim();
        let is_form = form.iter().any(|form| media_type.eq_ignore_ascii_case(form));
        if is_form || self.content.bytes.trim_ascii().is_empty() {
            return Ok(serde_json::Map::new());
        }
        match serde_json::from_slice(self.content.bytes) {
            Ok(Value::Object(members)) => Ok(members),
            _ => Err(Refusal::NO_JSON),
        }
    }

    fn caller(&self, login: &Login) -> Caller {
        Caller {
            user: login.user.clone(),
            owner_only: login.user == super::crm::OWNER_ONLY_USER_ID && self.server.config.owner_only_user.is_some(),
            now: self.server.clock.gmt_time(),
        }
    }
}

impl Answer {
    fn into_response(self) -> Response {
        let uncached = |response: Response| {
            response
                .header("Cache-Control", "no-store, no-cache, must-revalidate")
                .header("Pragma", "no-cache")
        };
        match self {
            Self::Json(value) => uncached(Response::new(200, "application/json", value.to_string())),
            Self::File {
                media_type,
                name,
                content,
            } => {
                let is_plain = |c: &char| !c.is_control() && !matches!(c, '"' | '\\');
                let quoted: String = name.chars().filter(is_plain).collect();
                uncached(Response::new(200, &media_type, content))
                    .header("Content-Disposition", format!("attachment; filename=\"{quoted}\""))
            }
        }
    }
}
