//! What all connections share, and which script answers a path.

use super::Flavour;
use super::clock::Clock;
use super::crm::{Crm, OWNER_ONLY_USER_ID};
use super::hooks::Hooks;
use super::hostile::{self, Trick};
use super::http::Response;
use super::oauth::{Nonces, Tokens};
use super::received::ReceivedRequest;
use super::sessions::Sessions;
use super::uploads::Uploads;
use super::v11::{self, Logins};
use super::viewed::Viewed;
use super::{pages, rest, soap};
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many requests are kept for inspection; older ones are forgotten.
const KEPT_REQUESTS: usize = 50_000;

/// What was decided when the sandbox was started.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) flavour: Flavour,
    /// Keys and their secrets; the first is the one that the sandbox tells.
    pub(crate) consumers: Vec<(String, String)>,
    pub(crate) user_name: String,
    pub(crate) password: String,
    /// Name and password of the user whose role shows only own records.
    pub(crate) owner_only_user: Option<(String, String)>,
    /// The URL that clients call.
    pub(crate) url: String,
    /// `site_url` of its configuration.
    pub(crate) site_url: String,
    /// The site URL that the server sees in requests, if a proxy changes it.
    pub(crate) seen_as: Option<String>,
    /// How many accounts and contacts there are; none for an instance that nobody has used yet.
    pub(crate) records: Option<(usize, usize)>,
    pub(crate) oauth2: v11::Settings,
}

/// What requests change.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) nonces: Nonces,
    pub(crate) tokens: Tokens,
    pub(crate) sessions: Sessions,
    /// Logins by OAuth 2.
    pub(crate) logins: Logins,
    /// Sessions of the web pages.
    pub(crate) browsers: Sessions,
    pub(crate) session_files: u64,
    pub(crate) uploads: Uploads,
    pub(crate) viewed: Viewed,
    pub(crate) client_address: Ipv4Addr,
}

pub(crate) struct Server {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) crm: Crm,
    pub(crate) hooks: Hooks,
    trick: Mutex<Trick>,
    data: Mutex<Data>,
    requests: Mutex<VecDeque<ReceivedRequest>>,
}

impl Server {
    pub(crate) fn new(config: Config, clock: Clock) -> Self {
        let crm = match config.records {
            Some((accounts, contacts)) => Crm::generated(accounts, contacts, &config.user_name),
            None => Crm::unused(&config.user_name),
        };
        if let Some((name, _)) = &config.owner_only_user {
            crm.rename_user(OWNER_ONLY_USER_ID, name);
        }
        let data = Data {
            nonces: Nonces::default(),
            tokens: Tokens::default(),
            sessions: Sessions::default(),
            logins: Logins::default(),
            browsers: Sessions::default(),
            session_files: 0,
            uploads: Uploads::default(),
            viewed: Viewed::default(),
            client_address: Ipv4Addr::LOCALHOST,
        };
        Self {
            config,
            clock,
            crm,
            hooks: Hooks::default(),
            trick: Mutex::default(),
            data: Mutex::new(data),
            requests: Mutex::default(),
        }
    }

    /// The data, locked; never held over an `await`.
    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn requests(&self) -> MutexGuard<'_, VecDeque<ReceivedRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, request: &ReceivedRequest) {
        let mut requests = self.requests();
        if requests.len() >= KEPT_REQUESTS {
            requests.pop_front();
        }
        requests.push_back(request.clone());
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, mut request: ReceivedRequest) -> Response {
        request.received_at = self.clock.unix_time();
        request.decode_fields();
        self.record(&request);
        self.hooks.wait_on_the_way(&request).await;
        match self.hooks.fault_for(&request) {
            Some(fault) if fault.acts() => {
                let answer = self.dispatch(&request).await;
                fault.apply(Some(answer)).await
            }
            Some(fault) => fault.apply(None).await,
            None => self.dispatch(&request).await,
        }
    }

    pub(crate) fn set_trick(&self, trick: Trick) {
        *self.trick.lock().unwrap_or_else(PoisonError::into_inner) = trick;
    }

    /// What the hostile flavour does now; nothing on any other.
    pub(crate) fn trick(&self) -> Trick {
        match self.config.flavour {
            Flavour::Hostile => *self.trick.lock().unwrap_or_else(PoisonError::into_inner),
            _ => Trick::Nothing,
        }
    }

    async fn dispatch(&self, request: &ReceivedRequest) -> Response {
        if self.config.flavour == Flavour::Sugar11 {
            return v11::answer(self, request).await;
        }
        let site_path = self.config.flavour.site_path();
        match request.path.strip_prefix(site_path) {
            Some("/service/v4_1/rest.php" | "/service/v4/rest.php") => {
                let answer = rest::answer(self, request).await;
                hostile::response(self.trick(), request, answer)
            }
            Some("/service/v4_1/soap.php") => self.describe(request, "v4_1"),
            Some("/service/v4/soap.php") => self.describe(request, "v4"),
            Some("/" | "/index.php") => pages::answer(self, request),
            Some("") => {
                Response::apache_error(301, "The document has moved.").header("Location", format!("{site_path}/"))
            }
            _ => not_found(),
        }
    }

    fn describe(&self, request: &ReceivedRequest, version: &str) -> Response {
        soap::answer(self, version, request.query.as_deref()).unwrap_or_else(not_found)
    }

    /// The URL that the server sees: `Host` and path, and `http`, for the server's own port is no 443.
    pub(crate) fn seen_url(&self, request: &ReceivedRequest) -> String {
        let path = &request.path;
        match &self.config.seen_as {
            Some(site) => format!(
                "{site}{}",
                path.strip_prefix(self.config.flavour.site_path()).unwrap_or(path)
            ),
            None => {
                let host = request.header("Host").unwrap_or_default().to_ascii_lowercase();
                format!("http://{}{path}", host.strip_suffix(":80").unwrap_or(&host))
            }
        }
    }
}

fn not_found() -> Response {
    Response::apache_error(404, "The requested URL was not found on this server.")
}
