//! The keyring of the operating system, or that there is none.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// Where entries by name hold secrets.
pub(super) trait Keyring: Send + Sync {
    /// Whether it can be reached at all.
    fn is_there(&self) -> bool;
    fn write(&self, entry: &str, secret: &[u8]) -> Result<()>;
    /// `None` where there is no such entry.
    fn read(&self, entry: &str) -> Result<Option<Zeroizing<Vec<u8>>>>;
    /// Does nothing where there is no such entry.
    fn remove(&self, entry: &str) -> Result<()>;
}

/// The one of this machine.
pub(super) fn of_this_machine() -> Arc<dyn Keyring> {
    #[cfg(feature = "keyring")]
    return Arc::new(system::System);
    #[cfg(not(feature = "keyring"))]
    return Arc::new(None);
}

/// A keyring that is there and does not open.
#[cfg(any(feature = "keyring", test))]
pub(super) fn locked() -> Error {
    Error::new(ErrorKind::Storage, "the keyring is locked, or refuses access")
        .hint("unlock it, as logging in to the desktop does, and try again")
        .hint("or keep the credentials in a file of your own")
}

/// No keyring.
#[cfg_attr(feature = "keyring", allow(dead_code, reason = "the tests use it"))]
pub(super) struct None;

impl None {
    fn missing() -> Error {
        let error = Error::new(ErrorKind::Storage, "there is no keyring here");
        match cfg!(feature = "keyring") {
            true => error.hint("start the desktop's keyring, or keep the credentials in a file"),
            false => error.hint("this program was built without the feature `keyring`"),
        }
    }
}

impl Keyring for None {
    fn is_there(&self) -> bool {
        false
    }

    fn write(&self, _: &str, _: &[u8]) -> Result<()> {
        Err(Self::missing())
    }

    fn read(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        Err(Self::missing())
    }

    fn remove(&self, _: &str) -> Result<()> {
        Err(Self::missing())
    }
}

#[cfg(feature = "keyring")]
mod system {
    use keyring::{Entry, Error as Refusal};
    use zeroize::Zeroizing;

    use super::{Keyring, None as NoKeyring, locked};
    use crate::error::{Error, ErrorKind, Result};

    /// Below which all entries stand.
    const SERVICE: &str = "sugar-oauth";

    /// On Linux the Secret Service, elsewhere what the operating system has.
    pub(super) struct System;

    impl Keyring for System {
        fn is_there(&self) -> bool {
            Entry::store_status().is_ok()
        }

        fn write(&self, entry: &str, secret: &[u8]) -> Result<()> {
            self.entry(entry)?
                .set_secret(secret)
                .map_err(|refusal| failed(&refusal))
        }

        fn read(&self, entry: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
            match self.entry(entry)?.get_secret() {
                Ok(secret) => Ok(Some(Zeroizing::new(secret))),
                Err(Refusal::NoEntry) => Ok(None),
                Err(refusal) => Err(failed(&refusal)),
            }
        }

        fn remove(&self, entry: &str) -> Result<()> {
            match self.entry(entry)?.delete_credential() {
                Ok(()) | Err(Refusal::NoEntry) => Ok(()),
                Err(refusal) => Err(failed(&refusal)),
            }
        }
    }

    impl System {
        fn entry(&self, name: &str) -> Result<Entry> {
            if !self.is_there() {
                return Err(NoKeyring::missing());
            }
            Entry::new(SERVICE, name).map_err(|refusal| failed(&refusal))
        }
    }

    /// The crate's own texts may repeat what an entry holds.
    fn failed(refusal: &Refusal) -> Error {
        match refusal {
            Refusal::NoStorageAccess(_) => locked(),
            Refusal::Ambiguous(_) => Error::new(ErrorKind::Storage, "the keyring has more than one entry of that name")
                .hint("remove them with the desktop's program for keyrings, and log in anew"),
            _ => Error::new(ErrorKind::Storage, "the keyring fails")
                .hint("look whether other programs can use it; or keep the credentials in a file"),
        }
    }
}
