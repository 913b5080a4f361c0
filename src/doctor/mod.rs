//! Why a connection does not work, found out by trying.
//!
//! An examination goes from the ground up and stops where nothing further can be tried: the host's name, the port, TLS,
//! what answers and at which paths, whether there are OAuth methods, the server's clock; then, with a consumer, a signed
//! request and, where that is refused, variants of it, one by one. Each [`Finding`] has its evidence and what mends it:
//! the setting's name in the library and on the command line. Causes that look alike from outside are listed together,
//! with what would tell them apart. `docs/doctor.md` lists every finding.
//!
//! It uses the client as it is set up: transport, URL to sign, placement, yes to plain http. It never
//!
//! - sends a timestamp that is later than the server's clock,
//! - changes where requests go: in a variant only the URL that is signed differs,
//! - sends a password, a token, or anything to another origin than the instance's own,
//! - calls a method that reads or writes records.
//!
//! It leaves nothing on the server but nonces and at most one request token, which dies within a day.
//!
//! ```
//! use sugar_oauth::doctor::{Doctor, FindingId};
//! use sugar_oauth::sandbox::Sandbox;
//! use sugar_oauth::{Client, Consumer, Instance};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A server that takes itself for another URL than the one that is called, as behind a proxy.
//! let sandbox = Sandbox::builder().seen_as("http://localhost:8080").start().await?;
//! let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret())?;
//! let client = Client::new(Instance::parse(sandbox.url())?, consumer);
//!
//! let report = Doctor::new(&client).examine().await;
//! let problem = report.problems().next().ok_or("there is a problem")?;
//! assert_eq!(problem.id, FindingId::SigningUrl);
//! assert_eq!(problem.remedies[0].library, Some("Instance::with_signing_url"));
//! assert_eq!(problem.remedies[0].value.as_deref(), Some("http://localhost:8080"));
//! println!("{report}");
//! # Ok(())
//! # }
//! ```

mod api;
mod causes;
mod finding;
mod ids;
mod network;
mod probe;
mod remedies;
mod reply;
mod report;
mod signed;
mod signing_sites;
mod time;
mod token;

use std::fmt;

pub use finding::{Cause, Finding, Remedy, State};
pub use ids::FindingId;
pub use report::Report;

use crate::client::Client;
use crate::instance::ApiVersion;
use crate::utc::UtcTime;
use probe::Probe;

type Watcher = Box<dyn FnMut(&Finding) + Send>;

/// Examines why a client's connection does not work.
///
/// ```no_run
/// # async fn examine(client: sugar_oauth::Client) {
/// use sugar_oauth::doctor::Doctor;
///
/// let report = Doctor::new(&client).on_finding(|finding| eprintln!("{finding}")).examine().await;
/// std::process::exit(if report.healthy { 0 } else { 1 });
/// # }
/// ```
#[must_use = "nothing is examined yet"]
pub struct Doctor {
    client: Client,
    watcher: Option<Watcher>,
}

impl Doctor {
    /// A doctor for a client, which is used as it is set up. Without a consumer nothing is signed.
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            watcher: None,
        }
    }

    /// Shows each finding as soon as it is made: an examination can take a minute where a server is silent.
    pub fn on_finding(mut self, watcher: impl FnMut(&Finding) + Send + 'static) -> Self {
        self.watcher = Some(Box::new(watcher));
        self
    }

    /// Examines. It cannot fail: what fails is what it reports.
    ///
    /// Cancellation-safe: what was sent so far leaves no more behind than all of it would.
    pub async fn examine(self) -> Report {
        let mut notes = Notes {
            findings: Vec::new(),
            watcher: self.watcher,
        };
        let probe = Probe { client: &self.client };
        let _ended_early = look(&probe, &mut notes).await;
        let instance = self.client.instance();
        let signing_url = instance.signing_url(ApiVersion::V4_1);
        let differs = signing_url != instance.rest_url(ApiVersion::V4_1);
        Report {
            site: api::shown(instance.site_url()),
            signing_url: differs.then(|| signing_url.as_str().replace("/service/v4_1/rest.php", "")),
            examined_at: UtcTime::now().to_string(),
            healthy: !notes.findings.iter().any(|finding| finding.state.is_problem()),
            findings: notes.findings,
        }
    }
}

impl fmt::Debug for Doctor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Doctor")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// The findings so far.
struct Notes {
    findings: Vec<Finding>,
    watcher: Option<Watcher>,
}

impl Notes {
    fn add(&mut self, finding: Finding) {
        if let Some(watcher) = &mut self.watcher {
            watcher(&finding);
        }
        self.findings.push(finding);
    }
}

/// From the ground up; `None` where nothing further can be tried.
async fn look(probe: &Probe<'_>, notes: &mut Notes) -> Option<()> {
    network::look(probe, notes).await?;
    let api = api::look(probe, notes).await?;
    api::look_for_oauth(probe, &api, notes).await?;
    let may_sign = time::look(probe, &api, notes);
    if probe.client.consumer_key().is_none() {
        notes.add(
            Finding::new(
                FindingId::NotSigned,
                "without consumer key and secret nothing was signed, so that signatures are not examined",
            )
            .mend(remedies::consumer("give key and secret from Admin > OAuth Keys")),
        );
        return None;
    }
    may_sign?;
    signed::look(probe, &api, notes).await;
    Some(())
}
