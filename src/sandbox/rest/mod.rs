//! `rest.php`: the envelope of a call, around the methods.

mod activity;
mod arguments;
mod digest;
mod errors;
mod fields;
mod files;
mod info;
mod jobs;
mod labels;
mod language;
mod language_notes;
mod layout;
mod modules;
mod oauth_records;
mod records;
mod search;
mod table;
mod walk;
mod writes;

use super::Flavour;
use super::hostile;
use super::http::Response;
use super::oauth::{Check, Checked, Problem, check};
use super::php::print_r::print_r;
use super::php_json;
use super::received::ReceivedRequest;
use super::server::Server;
use super::sessions::is_session_id;
use arguments::Arguments;
use errors::{ApiError, Fatal, Refusal};
use serde_json::Value;
use std::thread;
use std::time::Instant;
use table::{Door, Method, Run};
pub(crate) use walk::USER_ID;

/// One call, ready for its method.
pub(crate) struct Call<'a> {
    pub(crate) server: &'a Server,
    pub(crate) request: &'a ReceivedRequest,
    pub(crate) arguments: Arguments,
    /// The session that it runs in, if it needs one.
    pub(crate) session: String,
    /// The id of the session's user.
    pub(crate) user: String,
}

/// What PHP's session handling adds to the headers of an answer.
#[derive(Default)]
struct SessionHeaders {
    started: bool,
    cookie: Option<String>,
}

/// Answers a request to `rest.php`.
pub(crate) async fn answer(server: &Server, request: &ReceivedRequest) -> Response {
    let mut headers = SessionHeaders::default();
    let result = perform(server, request, &mut headers).await;
    let wants_json = is_json(request, "response_type");
    let response = match result {
        Ok(value) => encoded(
            wants_json,
            &hostile::result(server.trick(), &request.rest_method().unwrap_or_default(), value),
        ),
        Err(Refusal::Null) => encoded(wants_json, &Value::Null),
        Err(Refusal::Api(error)) if wants_json => encoded(true, &error.to_json()),
        Err(Refusal::Api(_)) => Response::html(200, ""),
        Err(Refusal::Database(text)) => fatal(text),
        Err(Refusal::Fatal(error)) if server.config.flavour == Flavour::DisplayErrors => {
            return Response::html(200, error.page());
        }
        Err(Refusal::Fatal(_)) => fatal(""),
    };
    headers.add_to(response, server)
}

fn encoded(wants_json: bool, value: &Value) -> Response {
    match wants_json {
        true => Response::new(200, "application/json; charset=UTF-8", php_json::encode(value)),
        false => Response::html(200, print_r(value)),
    }
}

fn fatal(text: &str) -> Response {
    let mut response = Response::html(500, text);
    response.is_http_1_0 = true;
    response
}

fn is_json(request: &ReceivedRequest, parameter: &str) -> bool {
    request
        .parameter(parameter)
        .is_some_and(|value| value.eq_ignore_ascii_case("json"))
}

impl SessionHeaders {
    fn add_to(self, mut response: Response, server: &Server) -> Response {
        let mut headers = Vec::new();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        if let Some(id) = self.cookie {
            add("Set-Cookie", &format!("PHPSESSID={id}; path=/"));
        }
        if self.started {
            add("Expires", "Thu, 19 Nov 1981 08:52:00 GMT");
            add("Cache-Control", "no-store, no-cache, must-revalidate");
            add("Pragma", "no-cache");
        } else if response.status == 200 {
            add("Cache-Control", "max-age=0");
            add("Expires", &server.clock.http_date());
        }
        add("X-Content-Type-Options", "nosniff");
        headers.append(&mut response.headers);
        response.headers = headers;
        response
    }
}

async fn perform(server: &Server, request: &ReceivedRequest, headers: &mut SessionHeaders) -> Result<Value, Refusal> {
    let name = request.rest_method().unwrap_or_default();
    let method = table::find(&name, server.config.flavour).ok_or(Refusal::Api(ApiError::INVALID_CALL))?;
    let given = arguments::given(request, is_json(request, "input_type"));
    let by_order_only = server.config.flavour == Flavour::SugarCe65;
    let arguments = Arguments::bind(method, given, by_order_only).map_err(Refusal::Fatal)?;
    let mut call = Call {
        server,
        request,
        arguments,
        session: String::new(),
        user: String::new(),
    };
    match method.door {
        Door::Open(run) => {
            server.hooks.wait_at_work(request).await;
            let value = at_cost(&call, run).await?;
            if method.name == "login" {
                headers.started = true;
                headers.cookie = value["id"].as_str().map(str::to_owned);
            }
            Ok(value)
        }
        Door::Session(run) if signed(server, request) => {
            let opened = open_signed_session(server, request).map_err(Refusal::Fatal)?;
            let Some((session, user)) = opened else {
                return Err(method.no_session());
            };
            server.hooks.wait_at_work(request).await;
            headers.started = true;
            (call.session, call.user) = (session.clone(), user);
            let result = at_cost(&call, run).await;
            // Only `oauth_access` tells its session; that of any other call cannot be used again.
            if method.name != "oauth_access" {
                server.data().sessions.close(&session);
            }
            result
        }
        Door::Session(run) => {
            call.session = call.arguments.text("session");
            if call.session.is_empty() || call.session == "0" {
                return Err(method.no_session());
            }
            if is_session_id(&call.session) {
                headers.started = true;
                headers.cookie = Some(call.session.clone());
            }
            let lock = server.data().sessions.lock_of(&call.session);
            let _held = match &lock {
                Some(lock) => Some(lock.lock().await),
                None => None,
            };
            call.user = use_session(server, &call.session).ok_or(method.invalid_session())?;
            server.hooks.wait_at_work(request).await;
            at_cost(&call, run).await
        }
    }
}

/// Runs a method and takes as long as it costs.
async fn at_cost(call: &Call<'_>, run: Run) -> Result<Value, Refusal> {
    let began = Instant::now();
    let result = run(call);
    if let Some(model) = call.server.hooks.cost() {
        let answer = result.as_ref().unwrap_or(&Value::Null);
        let left = model.of(call.arguments.named(), answer).saturating_sub(began.elapsed());
        // The runtime's own timer knows whole milliseconds only. It fails only when the sandbox is being stopped.
        let _ = tokio::task::spawn_blocking(move || thread::sleep(left)).await;
    }
    result
}

fn use_session(server: &Server, id: &str) -> Option<String> {
    let now = server.clock.milliseconds();
    let mut data = server.data();
    let address = data.client_address;
    data.sessions.use_from(id, address, now)
}

/// The server looks for OAuth only when `oauth_token` is a parameter, and an `Authorization` header
/// holds no parameters.
fn signed(server: &Server, request: &ReceivedRequest) -> bool {
    server.config.flavour != Flavour::NoOauth
        && (request.get.get("oauth_token").is_some() || request.post.get("oauth_token").is_some())
}

/// Opens the session of a signed call; `None` when the token is no access token.
fn open_signed_session(server: &Server, request: &ReceivedRequest) -> Result<Option<(String, String)>, Fatal> {
    let checked = check_signature(server, request, true)?;
    let Some(user) = checked
        .token
        .filter(|token| token.kind == super::oauth::TokenKind::Access)
        .and_then(|t| t.user)
    else {
        return Ok(None);
    };
    let now = server.clock.milliseconds();
    let mut data = server.data();
    data.session_files += 2;
    let address = data.client_address;
    let session = data.sessions.open(&user, address, now);
    Ok(Some((session, user)))
}

/// Checks the signature of a request.
fn check_signature(server: &Server, request: &ReceivedRequest, needs_token: bool) -> Result<Checked, Fatal> {
    let url = server.seen_url(request);
    let mut data = server.data();
    let data = &mut *data;
    let conditions = Check {
        request,
        url: &url,
        needs_token,
        consumers: &server.config.consumers,
        now: server.clock.unix_time(),
    };
    check(&conditions, &mut data.nonces, &mut data.tokens).map_err(|problem: Problem| Fatal::oauth(problem.text()))
}

impl Method {
    /// How this method answers without any session argument.
    fn no_session(&self) -> Refusal {
        if self.name == "oauth_access" {
            Refusal::Api(ApiError::INVALID_LOGIN)
        } else {
            Refusal::Null
        }
    }

    /// How this method answers a session that is not there.
    fn invalid_session(&self) -> Refusal {
        let says_login = matches!(self.name, "oauth_access" | "get_available_modules");
        Refusal::Api(if says_login {
            ApiError::INVALID_LOGIN
        } else {
            ApiError::INVALID_SESSION
        })
    }
}
