//! Profiles: named credentials, kept between two runs of a program.
//!
//! A profile says where (the instance, the version of its API), who (consumer key, user) and since when; its
//! [`Credentials`] lie in the keyring of the operating system (feature `keyring`) or in the profile's own file, and name
//! the origin that they were made for: they are given out for no other.
//!
//! ```no_run
//! # async fn open() -> sugar_oauth::Result<()> {
//! use sugar_oauth::profile::{Credentials, Profiles};
//!
//! let profiles = Profiles::of_this_user()?;
//! let profile = profiles.choose(None)?;
//! if let Credentials::OAuth1 { consumer, access_token } = profiles.credentials(&profile)? {
//!     let client = sugar_oauth::Client::new(profile.instance().clone(), consumer);
//!     let session = client.oauth_access(&access_token).await?;
//! #   let _ = session;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! All of it blocks: it reads files, and a keyring may ask the person to unlock it. In async programs put it into
//! `tokio::task::spawn_blocking`.
//!
//! Files are made for this user alone: 0600 in a folder of 0700, written whole under another name and renamed, symbolic
//! links not followed. Folders and files that others can read are refused. Each profile is a file of its own, so that
//! processes that write at the same time lose nothing of each other's.

mod credentials;
mod folder;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod keyring;
mod lock;
mod name;
mod renewed;
mod store;
#[cfg(test)]
mod tests;
mod written;

use std::path::PathBuf;

pub use credentials::Credentials;
pub use store::{Keep, Profiles};

use crate::error::{Error, Result};
use crate::instance::Instance;
use crate::oauth2::{Platform, RestVersion};
use crate::printable::printable;
use crate::utc::UtcTime;

/// Who someone is where: all of a login but its secrets.
///
/// ```
/// use sugar_oauth::Instance;
/// use sugar_oauth::profile::{Api, Place, Profile, User};
///
/// # fn main() -> sugar_oauth::Result<()> {
/// let crm = Instance::parse("https://crm.example.com")?;
/// let name = Profile::name_for(&crm);
/// let profile = Profile::new(&name, crm, Api::V4_1, "CUSTOMKEY", User::new("1", Some("admin".into())))?;
/// assert_eq!(profile.name(), "crm.example.com");
/// assert_eq!(profile.instance().site_url().as_str(), "https://crm.example.com/");
/// assert_eq!(profile.consumer_key(), "CUSTOMKEY");
/// assert_eq!(profile.place(), &Place::Nowhere);
/// println!("{} since {}", profile.user().shown(), profile.since());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    name: String,
    instance: Instance,
    api: Api,
    consumer_key: String,
    user: User,
    since: UtcTime,
    place: Place,
}

/// The API that a profile is for.
///
/// ```
/// use sugar_oauth::oauth2::{Platform, RestVersion};
/// use sugar_oauth::profile::Api;
///
/// let api = Api::Rest { version: RestVersion::default(), platform: Platform::new("data_migration")? };
/// assert_eq!(api.name(), "v11");
/// assert_eq!(Api::V4_1.name(), "v4_1");
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// `service/v4_1/rest.php`, by OAuth 1.0a.
    V4_1,
    /// REST v10 or v11, by OAuth 2.
    Rest {
        /// The version that is asked.
        version: RestVersion,
        /// The platform that the login belongs to.
        platform: Platform,
    },
}

impl Api {
    /// Its name, as on a command line: `v4_1`, `v11`, `v11_20`.
    pub fn name(&self) -> &str {
        match self {
            Api::V4_1 => "v4_1",
            Api::Rest { version, .. } => version.as_str(),
        }
    }
}

/// The user whom a profile acts as, as the server named them at login.
///
/// The texts are the server's: escape them before they reach a terminal.
///
/// ```
/// use sugar_oauth::profile::User;
///
/// assert_eq!(User::new("seed_sally_id", Some("sally".into())).shown(), "sally");
/// assert_eq!(User::new("seed_sally_id", None).shown(), "seed_sally_id");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The record's id in the module `Users`.
    pub id: String,
    /// The name that they log in with; `None` where the server did not tell.
    pub name: Option<String>,
}

impl User {
    /// A user by id, with the name to log in with where that is known.
    pub fn new(id: impl Into<String>, name: Option<String>) -> Self {
        Self { id: id.into(), name }
    }

    /// The name to log in with, or the id where it is not known. The server's text.
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// Where a profile's credentials lie.
///
/// ```
/// use sugar_oauth::profile::Place;
///
/// let place = Place::File("/home/sally/.config/sugar-oauth/crm.json".into());
/// assert_eq!(place.to_string(), "the file /home/sally/.config/sugar-oauth/crm.json");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the keyring of the operating system.
    Keyring {
        /// What the entry is called there, below the service `sugar-oauth`.
        entry: String,
    },
    /// In a file that only this user can read.
    File(PathBuf),
    /// Nowhere yet: the profile was not saved.
    Nowhere,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Keyring { entry } => write!(formatter, "the keyring, entry {}", printable(entry)),
            Place::File(path) => write!(formatter, "the file {}", printable(&path.display().to_string())),
            Place::Nowhere => formatter.write_str("nowhere"),
        }
    }
}

impl Profile {
    /// A profile that begins now. It is kept by [`Profiles::save`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a name that is none: 1 to 64 of `a-z`, `0-9`,
    /// `.`, `_` and `-`, a letter or digit first.
    pub fn new(name: &str, instance: Instance, api: Api, consumer_key: &str, user: User) -> Result<Self> {
        Ok(Self {
            name: name::checked(name)?,
            instance,
            api,
            consumer_key: consumer_key.to_owned(),
            user,
            since: UtcTime::now(),
            place: Place::Nowhere,
        })
    }

    /// What a profile for this instance is called unless told otherwise: its host, with a port and a path that it has,
    /// such as `crm.example.com`.
    pub fn name_for(instance: &Instance) -> String {
        name::of_instance(instance)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The instance that its credentials are for, and no other.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The API that it is for.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The consumer key; `client_id` in OAuth 2.
    pub fn consumer_key(&self) -> &str {
        &self.consumer_key
    }

    /// The user whom it acts as.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// When the user logged in, by this machine's clock.
    pub fn since(&self) -> UtcTime {
        self.since
    }

    /// Where its credentials lie.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether a URL that was given beside the profile is the profile's own site.
    ///
    /// ```
    /// use sugar_oauth::Instance;
    /// use sugar_oauth::profile::{Api, Profile, User};
    ///
    /// # fn main() -> sugar_oauth::Result<()> {
    /// let crm = Instance::parse("https://crm.example.com/crm")?;
    /// let profile = Profile::new("crm", crm, Api::V4_1, "CUSTOMKEY", User::new("1", None))?;
    /// assert!(profile.check_url("https://CRM.example.com:443/crm/").is_ok());
    /// assert!(profile.check_url("https://crm.example.org/crm").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it is another: credentials go only to the
    /// instance that they were made for.
    pub fn check_url(&self, url: &str) -> Result<()> {
        let given = Instance::parse(url)?;
        if given.site_url() == self.instance.site_url() {
            return Ok(());
        }
        Err(Error::invalid_input(format!(
            "the URL given is {}, but the profile {} is for {}",
            given.site_url(),
            self.name,
            self.instance.site_url()
        ))
        .hint("give the name of another profile, or leave the URL out")
        .hint("or log in at that URL: its credentials are others"))
    }
}
