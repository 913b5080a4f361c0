//! `index.php`: the pages that a person sees.

mod authorize;
mod html;
mod login;

use super::Flavour;
use super::http::Response;
use super::php::form::Fields;
use super::received::ReceivedRequest;
use super::server::Server;

/// The parameters of a page that a login remembers, to come back to it.
const REMEMBERED: [&str; 5] = ["module", "action", "record", "token", "oauth_token"];

/// One visit.
pub(crate) struct Visit<'a> {
    server: &'a Server,
    request: &'a ReceivedRequest,
    /// PHP's `$_REQUEST`.
    fields: Fields,
    /// The browser's session, if somebody is logged in.
    session: Option<(String, String)>,
}

/// Answers a request to `index.php`.
pub(crate) fn answer(server: &Server, request: &ReceivedRequest) -> Response {
    let mut fields = request.get.clone();
    fields.merge(&request.post);
    let visit = Visit {
        server,
        request,
        fields,
        session: logged_in(server, request),
    };
    let response = if request.method == "POST" && !comes_from_own_host(request) {
        html::page(200, "Request refused", html::WRONG_REFERER)
    } else {
        visit.dispatch()
    };
    response
        .header("Expires", "Thu, 19 Nov 1981 08:52:00 GMT")
        .header("Cache-Control", "no-store, no-cache, must-revalidate")
        .header("Pragma", "no-cache")
        .header("X-Content-Type-Options", "nosniff")
}

impl Visit<'_> {
    fn dispatch(&self) -> Response {
        let (module, action) = (self.fields.text("module"), self.fields.text("action"));
        match (&*module, &*action.to_ascii_lowercase()) {
            ("Users", "login") => login::form(self),
            ("Users", "authenticate") => login::authenticate(self),
            ("Users", "logout") => login::log_out(self),
            _ if self.session.is_none() => login::send_to_form(self),
            ("OAuthTokens", "authorize") if self.server.config.flavour != Flavour::NoOauth => authorize::answer(self),
            _ => login::home(self),
        }
    }

    /// The remembered parameters of this request under their names with `login_` before them.
    fn to_remember(&self) -> Vec<(String, String)> {
        let values = REMEMBERED
            .iter()
            .map(|name| (format!("login_{name}"), self.fields.text(name).into_owned()));
        values.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The `login_*` parameters that this request carries.
    fn remembered(&self) -> Vec<(String, String)> {
        let names = REMEMBERED.iter().map(|name| format!("login_{name}"));
        let values = names.map(|name| (self.fields.text(&name).into_owned(), name));
        values
            .filter(|(value, _)| !value.is_empty())
            .map(|(value, name)| (name, value))
            .collect()
    }
}

/// The session of the cookie `PHPSESSID`, and its user.
fn logged_in(server: &Server, request: &ReceivedRequest) -> Option<(String, String)> {
    let cookies = request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("Cookie"));
    let mut pairs = cookies
        .flat_map(|(_, value)| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let id = pairs.find(|(name, _)| *name == "PHPSESSID")?.1;
    let now = server.clock.milliseconds();
    let mut data = server.data();
    let address = data.client_address;
    Some((id.to_owned(), data.browsers.use_from(id, address, now)?))
}

/// Whether the `Referer` names the host that the request was sent to; ports do not matter.
fn comes_from_own_host(request: &ReceivedRequest) -> bool {
    let host_of = |authority: &str| {
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let end = if host.starts_with('[') {
            host.find(']').map_or(host.len(), |at| at + 1)
        } else {
            host.find(':').unwrap_or(host.len())
        };
        host[..end].to_ascii_lowercase()
    };
    let referer = request.header("Referer").unwrap_or_default();
    let Some((_, rest)) = referer.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host_of(authority) == host_of(request.header("Host").unwrap_or_default())
}

/// `index.php` with these parameters, relative to the page itself.
fn index_php(parameters: &[(String, String)]) -> String {
    let joined: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", super::oauth::encode(value.as_bytes())))
        .collect();
    format!("index.php?{}", joined.join("&"))
}
