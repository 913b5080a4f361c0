//! Exports: the records of one module, of several or of all, to files in a folder.
//!
//! ```no_run
//! # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
//! let export = session.export().modules(["Accounts", "Contacts"]).sessions(2).links(true);
//! println!("about {} rows", export.plan().await?.rows);
//! let manifest = export.run("crm-export").await?;
//! assert!(manifest.is_complete());
//! # Ok(())
//! # }
//! ```
//!
//! The folder is for this user alone (0700, files 0600), and no symbolic link in it is followed. It holds a file a module,
//! `links/` with a file a relationship, `files/` with attachments, and `manifest.json`, which tells what is there, whether
//! it is complete, what was left out and why.
//!
//! An export can be killed at any moment, and goes on when it is started again with the same folder and settings: its
//! files then hold what they would have held without the interruption, in an order of their own. Files that are not
//! finished end in `.part`.

mod asking;
mod attachments;
mod begin;
mod checkpoint;
mod complete;
mod credentials;
mod emails;
mod folder;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod jobs;
mod lock;
mod manifest;
mod plan;
mod progress;
mod render;
mod run;
mod settings;
mod source;
mod table;
mod targets;

use std::path::Path;
use std::time::Duration;

pub use manifest::{Completeness, Content, FileReport, LeftOut, Manifest, Refused};
pub use plan::{Plan, PlannedModule};
pub use progress::Progress;
pub use settings::Format;
pub use table::ndjson_of_page;

use begin::{put, tidy};
use checkpoint::Checkpoint;
use folder::Folder;
use progress::Listener;
use settings::{Settings, Shard};

use crate::error::{Error, Result};
use crate::session::Session;
use crate::utc::UtcTime;

/// What to export, and how. Made by [`Session::export`].
///
/// ```
/// # use sugar_oauth::sandbox::Sandbox;
/// # use sugar_oauth::{Client, Instance, Password};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let client = Client::builder(Instance::parse(sandbox.url())?).build();
/// # let session = client.login(sandbox.user_name(), Password::new(sandbox.password())).await?;
/// # let home = tempfile::tempdir()?;
/// # let folder = home.path().join("crm-export");
/// let manifest = session.export().modules(["Accounts"]).fields(["name"]).run(&folder).await?;
/// assert!(manifest.is_complete());
/// let accounts = std::fs::read_to_string(folder.join("Accounts.ndjson"))?;
/// assert_eq!(manifest.file("Accounts.ndjson").map(|file| file.lines), Some(accounts.lines().count() as u64));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is exported before `run`"]
pub struct Export {
    session: Session,
    settings: Settings,
    sessions: usize,
    page_size: Option<u32>,
    rate_limit: Option<f64>,
    checkpoint_every: Duration,
    listener: Listener,
}

impl Session {
    /// An export of all modules that can be exported, as NDJSON.
    pub fn export(&self) -> Export {
        Export {
            session: self.clone(),
            settings: Settings::default(),
            sessions: 1,
            page_size: None,
            rate_limit: None,
            checkpoint_every: run::CHECKPOINT_EVERY,
            listener: Listener::default(),
        }
    }
}

impl Export {
    /// Only these modules. Without any, all that the server names or that are known to be hidden, as far as it gives them;
    /// modules of credentials are not among them.
    pub fn modules<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> Self {
        self.settings.modules = names.into_iter().map(Into::into).collect();
        self
    }

    /// Only these fields of each module that has them, and its key. Without any, all but those that hold credentials.
    pub fn fields<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> Self {
        self.settings.fields = names.into_iter().map(Into::into).collect();
        self
    }

    /// How records are written. Default: [`Format::Ndjson`].
    pub fn format(mut self, format: Format) -> Self {
        self.settings.format = format;
        self
    }

    /// Puts an apostrophe before CSV cells that a spreadsheet would run as a formula: those that begin with `=`, `+`, `-`,
    /// `@`, a tab or a line break and are no plain numbers. The cells are no longer what the server gave.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::records::export::{Export, Format};
    ///
    /// let export: Export = session.export().modules(["Contacts"]);
    /// export.format(Format::Csv).csv_safe(true).run("for-a-spreadsheet").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn csv_safe(mut self, safe: bool) -> Self {
        self.settings.csv_safe = safe;
        self
    }

    /// Lets credentials out that are also named: the modules OAuthKeys, OAuthTokens, InboundEmail, OutboundEmailAccounts,
    /// EAPM, UserPreferences and those of the families OAuth2 and ExternalOAuth by [`modules`](Self::modules); fields with
    /// passwords, their hashes and other secrets, such as `user_hash` of Users, by [`fields`](Self::fields).
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// // A backup that has to restore the logins, too.
    /// let users = session.export().modules(["Users"]).fields(["user_name", "user_hash"]).include_credentials(true);
    /// users.run("users").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn include_credentials(mut self, include: bool) -> Self {
        self.settings.include_credentials = include;
        self
    }

    /// Writes a file for each relationship, read from one side. It holds the ids at both ends, a line a link.
    ///
    /// Relationships that a record carries as an id of its own (who it is assigned to, who created and changed it) have none.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::records::export::Export;
    ///
    /// let export: Export = session.export().modules(["Accounts", "Contacts"]).links(true);
    /// println!("{} link files", export.plan().await?.links);
    /// # Ok(())
    /// # }
    /// ```
    pub fn links(mut self, links: bool) -> Self {
        self.settings.links = links;
        self
    }

    /// Brings the files of notes and document revisions, each into a file of its own, with an index that tells which are
    /// missing on the server. Only those of modules that are exported.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// session.export().modules(["Notes", "Documents"]).files(true).run("attachments").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn files(mut self, files: bool) -> Self {
        self.settings.files = files;
        self
    }

    /// Only a part of the ids: `number` of `of`, counted from 1. All parts together are everything.
    ///
    /// Machines that work beside each other need a consumer key each: the server refuses signed requests that are older than
    /// the newest it has seen of a key.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// // On the second of four machines.
    /// session.export().modules(["Emails"]).shard(2, 4)?.run("emails-2-of-4").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such part; there are at most 256.
    pub fn shard(mut self, number: u32, of: u32) -> Result<Self> {
        self.settings.shard = Some(Shard::new(number, of)?);
        Ok(self)
    }

    /// Only records that match this condition: a [`Filter`](crate::filter::Filter), or SQL, which is looked through as by
    /// [`Filter::raw`](crate::filter::Filter::raw). For exports of one module; its links and files are of those records only.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// let export = session.export().modules(["Contacts"]).filter("contacts.lead_source = 'Web Site'");
    /// export.run("from-the-web").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter(mut self, condition: impl Into<String>) -> Self {
        self.settings.filter = Some(condition.into());
        self
    }

    /// Only records that were created or changed since this moment, by the server's clock; modules without a
    /// `date_modified` come whole. Deletions are not in exports: [`Records::changed_since`](super::Records::changed_since)
    /// has them.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session, last_night: sugar_oauth::UtcTime) -> sugar_oauth::Result<()> {
    /// session.export().modules(["Accounts", "Contacts"]).changed_since(last_night).run("today").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn changed_since(mut self, time: UtcTime) -> Self {
        self.settings.changed_since = Some(time.to_string());
        self
    }

    /// Reads on this many sessions; see [`Records::sessions`](super::Records::sessions). Default: 1.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use std::time::Duration;
    ///
    /// let export = session.export().sessions(4).page_size(100).rate_limit(10.0);
    /// export.checkpoint_every(Duration::from_secs(5)).run("crm-export").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn sessions(mut self, count: usize) -> Self {
        self.sessions = count.max(1);
        self
    }

    /// At most this many records a page; see [`Records::page_size`](super::Records::page_size).
    pub fn page_size(mut self, records: u32) -> Self {
        self.page_size = Some(records);
        self
    }

    /// At most this many requests a second for records; see [`Records::rate_limit`](super::Records::rate_limit).
    pub fn rate_limit(mut self, requests_per_second: f64) -> Self {
        self.rate_limit = Some(requests_per_second);
        self
    }

    /// How often it is written down how far the export is: so much is done again after an interruption. Default: 1 second.
    pub fn checkpoint_every(mut self, time: Duration) -> Self {
        self.checkpoint_every = time;
        self
    }

    /// Tells how far the export is, after each page.
    ///
    /// ```no_run
    /// # async fn export(session: sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::records::export::Export;
    ///
    /// let export: Export = session.export();
    /// export.on_progress(|progress| eprintln!("{}: {}", progress.file, progress.lines)).run("crm-export").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_progress(mut self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.listener = Listener::new(callback);
        self
    }

    /// What the export would bring. Asks the server for fields and counts, and writes nothing.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn plan(&self) -> Result<Plan> {
        self.check()?;
        let (targets, left_out) = targets::find(&self.session, &self.settings).await?;
        plan::plan(self, targets, left_out).await
    }

    /// Exports into a folder, which is made if it is not there, or goes on where an earlier run was interrupted. An export
    /// that is finished is left as it is.
    ///
    /// Cancellation is an interruption like others. A folder serves one run at a time.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a folder that is not empty and holds no export of
    /// this instance, user and settings, for one in which another run is at work or that cannot be written to, for a
    /// damaged checkpoint, and for the name of a module that the server does not know or that holds credentials;
    /// otherwise as [`Session::call`].
    pub async fn run(&self, folder: impl AsRef<Path>) -> Result<Manifest> {
        self.check()?;
        let mut manifest = self.describe().await?;
        let folder = Folder::open(folder.as_ref())?;
        // Before anything is written: the folder may be someone else's.
        if let Some(earlier) = manifest.earlier(&folder)?.filter(|earlier| earlier.finished.is_some()) {
            tidy(&folder)?;
            return Ok(earlier);
        }
        let folder = lock::take(folder).await?;
        // Another run may have been at work here up to now.
        match manifest.earlier(&folder)? {
            Some(earlier) if earlier.finished.is_some() => {
                tidy(&folder)?;
                return Ok(earlier);
            }
            Some(earlier) => manifest = earlier,
            None => {}
        }
        folder.close_to_others()?;
        let mut checkpoint = match Checkpoint::read(&folder)? {
            Some(checkpoint) => checkpoint,
            None => {
                // Before the folder becomes this export's: a module that is not there leaves it free.
                let checkpoint = self.begin().await?;
                put(&folder, &manifest)?;
                run::save(&folder, &checkpoint).await?;
                checkpoint
            }
        };
        for below in self.folders() {
            folder.make_below(below)?;
        }
        manifest.files = run::all(self, &folder, &mut checkpoint).await?;
        manifest.left_out = checkpoint.left_out;
        manifest.finished = Some(UtcTime::now().to_string());
        manifest.complete = manifest.is_complete();
        put(&folder, &manifest)?;
        tidy(&folder)?;
        Ok(manifest)
    }
}

/// Runs what blocks where it may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Error::invalid_input("the work on a file was given up")))
}
