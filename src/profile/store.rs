//! All the profiles of a user: which there are, which is meant, keeping and forgetting them.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::{Folder, shown};
use super::keyring::{Keyring, of_this_machine};
use super::lock::Lock;
use super::name;
use super::written::{Secrets, Written};
use super::{Credentials, Place, Profile};
use crate::clock::random_hex;
use crate::error::{Error, ErrorKind, Result};
use crate::printable::printable;

/// The file that names the default profile. No profile's file is called so.
const DEFAULT: &str = "default";
const ENDING: &str = ".json";

/// Where new credentials are kept.
///
/// ```no_run
/// # use sugar_oauth::profile::{Credentials, Keep, Profile, Profiles};
/// # fn keep(profile: &Profile, credentials: &Credentials) -> sugar_oauth::Result<()> {
/// // On a server, where no keyring is unlocked.
/// let saved = Profiles::of_this_user()?.save(profile, credentials, Keep::File)?;
/// println!("kept in {}", saved.place());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Keep {
    /// In the keyring, and in a file where there is no keyring. A keyring that is there and locked is an error.
    #[default]
    KeyringOrFile,
    /// In the keyring, or not at all.
    Keyring,
    /// In a file.
    File,
}

/// A folder of profiles. Cheap to clone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let home = tempfile::tempdir()?;
/// # let folder = home.path().join("profiles");
/// use sugar_oauth::profile::{Api, Credentials, Keep, Profile, Profiles, User};
/// use sugar_oauth::{AccessToken, Consumer, Instance, TokenSecret};
///
/// let profiles = Profiles::at(folder);
/// let crm = Instance::parse("https://crm.example.com")?;
/// profiles.check("crm", &crm)?; // before a person is sent to a browser for nothing
/// let consumer = Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?;
/// let access_token = AccessToken::from_parts("bf1a2b3c4d5e", TokenSecret::new("5b05d09a0b7e"))?;
/// let profile = Profile::new("crm", crm, Api::V4_1, consumer.key(), User::new("1", None))?;
/// profiles.save(&profile, &Credentials::OAuth1 { consumer, access_token }, Keep::File)?;
///
/// // In another run of the program.
/// assert_eq!(profiles.names()?, ["crm"]);
/// assert_eq!(profiles.default_name()?.as_deref(), Some("crm"));
/// let profile = profiles.choose(None)?;
/// let Credentials::OAuth1 { access_token, .. } = profiles.credentials(&profile)? else { return Ok(()) };
/// assert_eq!(access_token.token(), "bf1a2b3c4d5e");
///
/// profiles.remove(&profile)?;
/// assert!(profiles.get("crm").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Profiles {
    folder: Folder,
    keyring: Arc<dyn Keyring>,
}

impl fmt::Debug for Profiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Profiles")
            .field("folder", &self.folder.path())
            .finish_non_exhaustive()
    }
}

impl Profiles {
    /// The profiles of the user who runs this program, shared with the program `sugar-oauth`: in `sugar-oauth` below
    /// `$XDG_CONFIG_HOME` or `~/.config`, and below `%APPDATA%` on Windows.
    ///
    /// ```no_run
    /// use sugar_oauth::profile::Profiles;
    ///
    /// let profiles = Profiles::of_this_user()?;
    /// println!("{} profiles in {}", profiles.names()?.len(), profiles.folder().display());
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the environment names no such folder.
    pub fn of_this_user() -> Result<Self> {
        // A relative path would depend on where the program is started; the specification says to ignore it.
        let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let found = match cfg!(windows) {
            true => folder("APPDATA"),
            false => folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config"))),
        };
        let found = found.ok_or_else(|| {
            Error::new(
                ErrorKind::Storage,
                "there is no folder for profiles: neither HOME nor XDG_CONFIG_HOME is set",
            )
            .hint("set HOME to your own folder")
        })?;
        Ok(Self::at(found.join("sugar-oauth")))
    }

    /// The profiles in a folder, which need not be there yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self::with_keyring(folder.into(), of_this_machine())
    }

    pub(super) fn with_keyring(folder: PathBuf, keyring: Arc<dyn Keyring>) -> Self {
        Self {
            folder: Folder::new(folder),
            keyring,
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The names of the profiles that there are, sorted.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the folder cannot be read, or others can read it.
    pub fn names(&self) -> Result<Vec<String>> {
        let files = self.folder.names()?;
        let names = files.iter().filter_map(|file| file.strip_suffix(ENDING));
        Ok(names.filter(|name| name::is_name(name)).map(str::to_owned).collect())
    }

    /// A profile by its name.
    ///
    /// # Errors
    /// [`ErrorKind::NotLoggedIn`] when there is none of that name, [`ErrorKind::InvalidInput`] when that is no name, and
    /// [`ErrorKind::Storage`] when its file is damaged, others can read it, or it is a symbolic link.
    pub fn get(&self, name: &str) -> Result<Profile> {
        self.read(name).map(|(profile, _)| profile)
    }

    /// The profile of this name; without a name the default one, or the only one that there is.
    ///
    /// ```no_run
    /// # fn choose(profiles: sugar_oauth::profile::Profiles) -> sugar_oauth::Result<()> {
    /// let named = std::env::var("SUGAR_PROFILE").ok();
    /// let profile = profiles.choose(named.as_deref())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get); [`ErrorKind::InvalidInput`] when there are several and none is the default.
    pub fn choose(&self, name: Option<&str>) -> Result<Profile> {
        if let Some(name) = name {
            return self.get(name);
        }
        if let Some(name) = self.default_name()? {
            return self.get(&name);
        }
        match self.names()?.as_slice() {
            [] => Err(Error::new(ErrorKind::NotLoggedIn, "nobody is logged in").hint("sugar-oauth login URL")),
            [only] => self.get(only),
            several => Err(Error::invalid_input(format!(
                "there are several profiles and none is the default: {}",
                several.join(", ")
            ))
            .hint("say which: --profile NAME or SUGAR_PROFILE")
            .hint("or make one the default: sugar-oauth default NAME")),
        }
    }

    /// The name of the default profile, if one was set and is there.
    ///
    /// # Errors
    /// As [`names`](Self::names).
    pub fn default_name(&self) -> Result<Option<String>> {
        let Some(bytes) = self.folder.read(DEFAULT)? else {
            return Ok(None);
        };
        let name = String::from_utf8_lossy(&bytes).trim().to_owned();
        Ok(self.names()?.into_iter().find(|there| *there == name))
    }

    /// Makes a profile the default one.
    ///
    /// ```no_run
    /// # fn make_default(profiles: sugar_oauth::profile::Profiles) -> sugar_oauth::Result<()> {
    /// profiles.set_default("crm.example.com")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn set_default(&self, name: &str) -> Result<()> {
        self.get(name)?;
        self.folder.write(DEFAULT, format!("{name}\n").as_bytes())
    }

    /// Keeps a profile and its credentials, in the place of one of the same name for the same site. The answer tells
    /// where they lie. The first profile becomes the default one.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the keyring is locked or a file cannot be written; [`ErrorKind::InvalidInput`] when
    /// the name belongs to a profile for another site.
    pub fn save(&self, profile: &Profile, credentials: &Credentials, keep: Keep) -> Result<Profile> {
        let _lock = self.lock(&profile.name)?;
        let before = self.check_free(profile)?;
        let secrets = Secrets::new(profile, credentials);
        let mut saved = profile.clone();
        let in_keyring = match keep {
            Keep::File => false,
            Keep::Keyring => true,
            Keep::KeyringOrFile => self.keyring.is_there(),
        };
        let file = format!("{}{ENDING}", profile.name);
        let written = if in_keyring {
            // A new entry each time: until the file names it, the one before stays good.
            let entry = format!("{} {}", profile.name, random_hex()?);
            self.keyring.write(&entry, &secrets.to_bytes()?)?;
            saved.place = Place::Keyring { entry };
            Written::new(&saved, None)
        } else {
            saved.place = Place::File(self.folder.file(&file));
            Written::new(&saved, Some(secrets))
        };
        let is_first = self.names()?.is_empty();
        if let Err(error) = self.folder.write(&file, &written.to_bytes()?) {
            if let Place::Keyring { entry } = &saved.place {
                let _ = self.keyring.remove(entry);
            }
            return Err(error);
        }
        if let Some(Place::Keyring { entry }) = before {
            // Kept or not, nothing names it any more.
            let _ = self.keyring.remove(&entry);
        }
        if is_first {
            self.set_default(&profile.name)?;
        }
        Ok(saved)
    }

    /// Whether a profile could be kept under its name: before a person is sent to a browser for nothing.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn check(&self, profile_name: &str, instance: &crate::Instance) -> Result<()> {
        name::checked(profile_name)?;
        self.folder.names()?;
        match self.get(profile_name) {
            Ok(there) if there.instance.site_url() != instance.site_url() => Err(taken(&there)),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotLoggedIn => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn check_free(&self, profile: &Profile) -> Result<Option<Place>> {
        match self.get(&profile.name) {
            Ok(there) if there.instance.site_url() != profile.instance.site_url() => Err(taken(&there)),
            Ok(there) => Ok(Some(there.place)),
            Err(error) if error.kind() == ErrorKind::NotLoggedIn => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A profile's credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotLoggedIn`] when they are gone from the keyring; [`ErrorKind::Storage`] when the keyring is locked,
    /// or what is there was made for another origin than the profile's.
    pub fn credentials(&self, profile: &Profile) -> Result<Credentials> {
        match &profile.place {
            Place::Keyring { entry } => {
                let shown = format!("the keyring's entry {}", printable(entry));
                let bytes = self.keyring.read(entry)?.ok_or_else(|| {
                    Error::new(
                        ErrorKind::NotLoggedIn,
                        format!("{shown} is gone, and with it the profile's credentials"),
                    )
                    .hint(format!("sugar-oauth login {}", profile.instance.site_url()))
                })?;
                Secrets::from_bytes(&bytes, &shown)?.into_credentials(profile, &shown)
            }
            Place::File(_) | Place::Nowhere => {
                let (now, secrets) = self.read(&profile.name)?;
                let shown = shown(&self.file_of(&profile.name));
                match secrets {
                    Some(secrets) => secrets.into_credentials(profile, &shown),
                    // Another process has moved them to the keyring meanwhile.
                    None if now.place != profile.place => self.credentials(&now),
                    None => Err(absent(&profile.name)),
                }
            }
        }
    }

    /// Forgets a profile and its credentials. The server is not told.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the keyring is locked or the file cannot be removed.
    pub fn remove(&self, profile: &Profile) -> Result<()> {
        let _lock = self.lock(&profile.name)?;
        if let Place::Keyring { entry } = &profile.place {
            self.keyring.remove(entry)?;
        }
        let default = self.default_name()?;
        self.folder.remove(&format!("{}{ENDING}", profile.name))?;
        if default.as_deref() == Some(&profile.name) {
            self.folder.remove(DEFAULT)?;
        }
        Ok(())
    }

    /// Puts credentials where those of a profile lie.
    pub(super) fn put(&self, profile: &Profile, credentials: &Credentials) -> Result<()> {
        let secrets = Secrets::new(profile, credentials);
        match &profile.place {
            Place::Keyring { entry } => self.keyring.write(entry, &secrets.to_bytes()?),
            Place::File(_) | Place::Nowhere => {
                let written = Written::new(profile, Some(secrets));
                self.folder
                    .write(&format!("{}{ENDING}", profile.name), &written.to_bytes()?)
            }
        }
    }

    /// The lock on the profile of this name; `None` while another process has it.
    pub(super) fn try_lock(&self, name: &str) -> Result<Option<Lock>> {
        Lock::attempt(&self.folder, &format!("{name}{ENDING}"))
    }

    /// Waits until no other process changes the profile of this name. Where there is no folder yet there is none to
    /// change.
    pub(super) fn lock(&self, name: &str) -> Result<Option<Lock>> {
        let file = format!("{name}{ENDING}");
        let is_there = self.folder.is_there()?;
        is_there.then(|| Lock::take(&self.folder, &file)).transpose()
    }

    fn file_of(&self, name: &str) -> PathBuf {
        self.folder.file(&format!("{name}{ENDING}"))
    }

    fn read(&self, name: &str) -> Result<(Profile, Option<Secrets>)> {
        let name = name::checked(name)?;
        let path = self.file_of(&name);
        let bytes = self
            .folder
            .read(&format!("{name}{ENDING}"))?
            .ok_or_else(|| absent(&name))?;
        let shown = shown(&path);
        Written::read(&bytes, &shown)?.into_profile(&name, &path, &shown)
    }
}

fn absent(name: &str) -> Error {
    Error::new(ErrorKind::NotLoggedIn, format!("there is no profile {name}"))
        .hint(format!("sugar-oauth --profile {name} login URL"))
}

fn taken(there: &Profile) -> Error {
    Error::invalid_input(format!(
        "the profile {} is there already, for {}",
        there.name,
        there.instance.site_url()
    ))
    .hint("give the new one another name: --profile NAME")
    .hint(format!(
        "or forget that one: sugar-oauth --profile {} logout",
        there.name
    ))
}
