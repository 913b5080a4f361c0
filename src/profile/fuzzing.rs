//! For `tests/fuzz`.

use std::path::Path;

use super::written::{Secrets, Written};
use super::{Credentials, Profile};
use crate::error::Result;

const SHOWN: &str = "work.json";

/// A profile's file, with the credentials that are in it.
///
/// # Errors
/// As [`Profiles`](super::Profiles).
pub fn profile(bytes: &[u8]) -> Result<(Profile, Option<Result<Credentials>>)> {
    let (profile, secrets) = Written::read(bytes, SHOWN)?.into_profile("work", Path::new(SHOWN), SHOWN)?;
    let credentials = secrets.map(|secrets| secrets.into_credentials(&profile, SHOWN));
    Ok((profile, credentials))
}

/// The file of a profile with these credentials in it.
///
/// # Errors
/// None is known.
pub fn written(profile: &Profile, credentials: &Credentials) -> Result<Vec<u8>> {
    let secrets = Secrets::new(profile, credentials);
    Ok(Written::new(profile, Some(secrets)).to_bytes()?.to_vec())
}

/// A profile's credentials from its entry in a keyring.
///
/// # Errors
/// As [`Profiles`](super::Profiles).
pub fn credentials_in_keyring(bytes: &[u8], profile: &Profile) -> Result<Credentials> {
    Secrets::from_bytes(bytes, SHOWN)?.into_credentials(profile, SHOWN)
}
