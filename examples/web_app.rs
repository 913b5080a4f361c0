//! A web application: leg 1 and leg 3 happen in two requests of the same person's browser.
//!
//!     cargo run --example web_app
//!
//! Without arguments it runs beside a practice instance; with SUGAR_URL, SUGAR_CONSUMER_KEY and SUGAR_CONSUMER_SECRET it
//! connects to yours. It listens on 127.0.0.1 only: a real application stands behind TLS and adds `Secure` to its cookie.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{AccessToken, Callback, Client, Consumer, Instance, RequestToken, TokenSecret, Verifier};
use tokio::net::TcpListener;
use url::Url;

/// How long a person may take at the authorize page.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How many people may be under way at once; more would be someone filling the memory.
const UNDER_WAY: usize = 1000;
const COOKIE_NAME: &str = "walk";

/// What is known of one browser, by the random text in its cookie.
enum Walk {
    /// Sent to the authorize page: the request token's parts, which the browser never sees together.
    Asked {
        token: String,
        secret: TokenSecret,
        since: Instant,
    },
    /// Back, with a yes.
    Connected(AccessToken),
}

#[derive(Clone)]
struct App {
    client: Client,
    callback: Url,
    walks: Arc<Mutex<HashMap<String, Walk>>>,
}

impl App {
    fn walks(&self) -> MutexGuard<'_, HashMap<String, Walk>> {
        self.walks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leg 1, and the browser on its way to leg 2.
    async fn connect(State(app): State<App>) -> Result<Response, Trouble> {
        let request_token = app.client.request_token(Callback::Url(app.callback.clone())).await?;
        let location = request_token.authorize_url().to_string();
        let (token, secret) = request_token.into_parts();
        let cookie = random().map_err(|_| Trouble::new("this machine gives no random numbers"))?;
        {
            let mut walks = app.walks();
            walks.retain(|_, walk| !matches!(walk, Walk::Asked { since, .. } if since.elapsed() > PATIENCE));
            if walks.len() >= UNDER_WAY {
                return Err(Trouble::new("too many people are connecting at this moment"));
            }
            let since = Instant::now();
            walks.insert(cookie.clone(), Walk::Asked { token, secret, since });
        }
        // Lax: the cookie must come along when the CRM sends the browser back.
        let cookie = format!(
            "{COOKIE_NAME}={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}",
            PATIENCE.as_secs()
        );
        Ok(see_other(&location, Some(&cookie)))
    }

    /// Leg 3, and the browser on to an address without the verifier.
    async fn callback(
        State(app): State<App>,
        Query(back): Query<Back>,
        headers: HeaderMap,
    ) -> Result<Response, Trouble> {
        let cookie = cookie(&headers).ok_or_else(Trouble::unknown)?;
        let parts = match app.walks().get(&cookie) {
            Some(Walk::Asked { token, secret, .. }) => (token.clone(), secret.clone()),
            _ => return Err(Trouble::unknown()),
        };
        // Another token than this browser was sent away with is somebody else's walk.
        if parts.0 != back.oauth_token {
            return Err(Trouble::unknown());
        }
        let request_token = RequestToken::from_parts(&app.client, parts.0, parts.1)?;
        let verifier = Verifier::from_input(&back.oauth_verifier)?;
        // A refused verifier spends nothing: what is known stays until one is taken.
        let access_token = app.client.access_token(&request_token, &verifier).await?;
        app.walks().insert(cookie, Walk::Connected(access_token));
        Ok(see_other("/modules", None))
    }

    /// What the access token is for. A real application keeps it with the person's account.
    async fn modules(State(app): State<App>, headers: HeaderMap) -> Result<Response, Trouble> {
        let cookie = cookie(&headers).ok_or_else(Trouble::unknown)?;
        let access_token = match app.walks().get(&cookie) {
            Some(Walk::Connected(access_token)) => access_token.clone(),
            _ => return Err(Trouble::unknown()),
        };
        let session = app.client.oauth_access(&access_token).await?;
        let modules = session.get_available_modules().await;
        session.logout().await?;
        let rows: String = modules?
            .iter()
            .map(|module| {
                format!(
                    "<tr><td>{}</td><td>{}</td></tr>",
                    escaped(&module.key),
                    escaped(&module.label)
                )
            })
            .collect();
        Ok(page(
            "Connected",
            &format!("<table><tr><th>Module</th><th>Label</th></tr>{rows}</table>"),
        ))
    }
}

/// What the CRM adds to the callback URL.
#[derive(Deserialize)]
struct Back {
    oauth_token: String,
    oauth_verifier: String,
}

/// What the person is told when it does not work.
struct Trouble(StatusCode, String);

impl Trouble {
    fn new(text: &str) -> Self {
        Self(StatusCode::BAD_GATEWAY, text.to_owned())
    }

    fn unknown() -> Self {
        let text = "This browser is not on its way to connect. Begin again on the first page.";
        Self(StatusCode::BAD_REQUEST, text.to_owned())
    }
}

impl From<sugar_oauth::Error> for Trouble {
    fn from(error: sugar_oauth::Error) -> Self {
        Self::new(&error.to_string())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        (
            self.0,
            page(
                "Not connected",
                &format!("<p>{}</p><p><a href=\"/\">First page</a></p>", escaped(&self.1)),
            ),
        )
            .into_response()
    }
}

fn page(title: &str, content: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }} \
         td, th {{ text-align: left; padding: .1rem 1.5rem .1rem 0 }}</style><h1>{title}</h1>{content}</html>"
    );
    (
        [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")],
        Html(html),
    )
        .into_response()
}

fn see_other(location: &str, cookie: Option<&str>) -> Response {
    let mut response = (
        StatusCode::SEE_OTHER,
        [
            (LOCATION, location),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
        ],
    )
        .into_response();
    if let Some(Ok(cookie)) = cookie.map(str::parse) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    let found = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    found
        .into_iter()
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value.to_owned())
}

fn escaped(text: &str) -> String {
    let escape = |character| match character {
        '&' => String::from("&amp;"),
        '<' => String::from("&lt;"),
        '>' => String::from("&gt;"),
        '"' => String::from("&quot;"),
        '\'' => String::from("&#39;"),
        other => String::from(other),
    };
    text.chars().map(escape).collect()
}

/// 128 random bits: whoever knows them is taken for this browser.
fn random() -> Result<String, getrandom::Error> {
    Ok(format!("{:016x}{:016x}", getrandom::u64()?, getrandom::u64()?))
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut practice = None;
    let client = match env::var("SUGAR_URL") {
        Ok(url) => {
            let consumer = Consumer::new(env::var("SUGAR_CONSUMER_KEY")?, env::var("SUGAR_CONSUMER_SECRET")?)?;
            Client::new(Instance::parse(&url)?, consumer)
        }
        Err(_) => {
            let sandbox = practice.insert(Sandbox::start().await?);
            println!("Practice instance  {}", sandbox.url());
            println!(
                "Log in there as    {}  password  {}",
                sandbox.user_name(),
                sandbox.password()
            );
            Client::new(
                Instance::parse(sandbox.url())?,
                Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?,
            )
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let app = App {
        client,
        callback: Url::parse(&format!("{address}/callback"))?,
        walks: Arc::default(),
    };
    let routes = Router::new()
        .route(
            "/",
            get(async || {
                page(
                    "A web application",
                    "<p><a href=\"/connect\">Connect to the CRM</a></p>",
                )
            }),
        )
        .route("/connect", get(App::connect))
        .route("/callback", get(App::callback))
        .route("/modules", get(App::modules))
        .with_state(app);
    println!("Open               {address}/");
    println!("Ctrl-C ends it.");
    let ctrl_c = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    tokio::select! {
        served = axum::serve(listener, routes) => served?,
        () = ctrl_c => {}
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
