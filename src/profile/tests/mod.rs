//! What is kept, where, and what is refused.

#[cfg(unix)]
mod of_unix;
mod rest;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use zeroize::Zeroizing;

use super::keyring::{Keyring, None as NoKeyring, locked};
use super::*;
use crate::access_token::AccessToken;
use crate::consumer::Consumer;
use crate::error::ErrorKind;
use crate::secret::TokenSecret;

const SECRETS: [&str; 3] = ["consumer-secret-1f", "token-77", "token-secret-2c"];

/// A keyring of the test's own, which can be locked.
#[derive(Default)]
struct Fake {
    locked: AtomicBool,
    entries: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Fake {
    fn entries(&self) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>>> {
        match self.locked.load(Ordering::SeqCst) {
            true => Err(locked()),
            false => Ok(self.entries.lock().unwrap()),
        }
    }
}

impl Keyring for Fake {
    fn is_there(&self) -> bool {
        true
    }

    fn write(&self, entry: &str, secret: &[u8]) -> Result<()> {
        self.entries()?.insert(entry.to_owned(), secret.to_vec());
        Ok(())
    }

    fn read(&self, entry: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        Ok(self.entries()?.get(entry).cloned().map(Zeroizing::new))
    }

    fn remove(&self, entry: &str) -> Result<()> {
        self.entries()?.remove(entry);
        Ok(())
    }
}

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("config/sugar-oauth")
    }

    fn without_keyring(&self) -> Profiles {
        Profiles::with_keyring(self.path(), Arc::new(NoKeyring))
    }

    fn with(&self, keyring: &Arc<Fake>) -> Profiles {
        Profiles::with_keyring(self.path(), keyring.clone())
    }
}

fn profile(name: &str, url: &str) -> Profile {
    let user = User {
        id: "1".into(),
        name: Some("admin".into()),
    };
    Profile::new(name, Instance::parse(url).unwrap(), Api::V4_1, "KEY", user).unwrap()
}

/// All of some credentials, to compare.
fn parts(credentials: &Credentials) -> Vec<String> {
    let text = |secret: Option<&str>| secret.unwrap_or("none").to_owned();
    match credentials {
        Credentials::OAuth1 { consumer, access_token } => vec![
            consumer.key().to_owned(),
            consumer.secret().expose().to_owned(),
            access_token.token().to_owned(),
            access_token.secret().expose().to_owned(),
        ],
        Credentials::OAuth2 { client_secret, tokens } => vec![
            text(client_secret.as_ref().map(|secret| secret.expose())),
            tokens.access_token.expose().to_owned(),
            text(tokens.refresh_token.as_ref().map(|token| token.expose())),
            text(tokens.download_token.as_ref().map(|token| token.expose())),
            format!("{:?} {:?}", tokens.expires_at, tokens.refresh_expires_at),
        ],
    }
}

fn credentials() -> Credentials {
    Credentials::OAuth1 {
        consumer: Consumer::new("KEY", SECRETS[0]).unwrap(),
        access_token: AccessToken::from_parts(SECRETS[1], TokenSecret::new(SECRETS[2])).unwrap(),
    }
}

const URL: &str = "https://crm.example.com/legacy";

#[test]
fn what_is_kept_comes_back() {
    let keyring = Arc::new(Fake::default());
    for (keep, in_keyring) in [(Keep::KeyringOrFile, true), (Keep::Keyring, true), (Keep::File, false)] {
        let home = Home::new();
        let profiles = home.with(&keyring);
        let mut before = profile("crm", URL);
        before.instance = before.instance.with_signing_url("http://10.0.0.5/legacy").unwrap();
        let saved = profiles.save(&before, &credentials(), keep).unwrap();
        assert_eq!(matches!(saved.place(), Place::Keyring { .. }), in_keyring);
        let read = profiles.get("crm").unwrap();
        assert_eq!(read, saved);
        assert_eq!((read.instance(), read.user()), (before.instance(), before.user()));
        assert_eq!(parts(&profiles.credentials(&read).unwrap()), parts(&credentials()));
        let text = fs::read_to_string(home.path().join("crm.json")).unwrap();
        for secret in SECRETS {
            assert_eq!(text.contains(secret), !in_keyring, "{text}");
        }
        profiles.remove(&read).unwrap();
        assert_eq!(profiles.get("crm").unwrap_err().kind(), ErrorKind::NotLoggedIn);
        assert!(keyring.entries.lock().unwrap().is_empty());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "something is left");
    }
}

#[test]
fn a_file_takes_the_place_of_a_keyring_that_is_not_there() {
    let home = Home::new();
    let profiles = home.without_keyring();
    let saved = profiles
        .save(&profile("crm", URL), &credentials(), Keep::KeyringOrFile)
        .unwrap();
    assert_eq!(saved.place(), &Place::File(home.path().join("crm.json")));
    let error = profiles
        .save(&profile("crm", URL), &credentials(), Keep::Keyring)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
}

#[test]
fn a_locked_keyring_is_an_error_and_nothing_is_written() {
    let (home, keyring) = (Home::new(), Arc::new(Fake::default()));
    let profiles = home.with(&keyring);
    keyring.locked.store(true, Ordering::SeqCst);
    let error = profiles
        .save(&profile("crm", URL), &credentials(), Keep::KeyringOrFile)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.to_string().contains("locked"), "{error}");
    assert!(!home.path().exists());

    keyring.locked.store(false, Ordering::SeqCst);
    let saved = profiles
        .save(&profile("crm", URL), &credentials(), Keep::KeyringOrFile)
        .unwrap();
    keyring.locked.store(true, Ordering::SeqCst);
    assert_eq!(profiles.credentials(&saved).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(profiles.remove(&saved).unwrap_err().kind(), ErrorKind::Storage);
    assert!(profiles.get("crm").is_ok(), "its entry would be orphaned");
}

#[test]
fn an_entry_that_is_gone_means_not_logged_in() {
    let (home, keyring) = (Home::new(), Arc::new(Fake::default()));
    let profiles = home.with(&keyring);
    let saved = profiles
        .save(&profile("crm", URL), &credentials(), Keep::Keyring)
        .unwrap();
    keyring.entries.lock().unwrap().clear();
    assert_eq!(profiles.credentials(&saved).unwrap_err().kind(), ErrorKind::NotLoggedIn);
}

#[test]
fn a_second_login_leaves_no_entry_of_the_first() {
    let (home, keyring) = (Home::new(), Arc::new(Fake::default()));
    let profiles = home.with(&keyring);
    for keep in [Keep::Keyring, Keep::Keyring, Keep::File] {
        let saved = profiles.save(&profile("crm", URL), &credentials(), keep).unwrap();
        assert_eq!(parts(&profiles.credentials(&saved).unwrap()), parts(&credentials()));
        let entries = keyring.entries.lock().unwrap().len();
        assert_eq!(entries, usize::from(keep == Keep::Keyring));
    }
}

#[test]
fn credentials_are_given_out_for_no_other_origin() {
    for (keep, url) in [
        (Keep::Keyring, "https://evil.example"),
        (Keep::File, "https://evil.example"),
        (Keep::File, "http://crm.example.com"),
        (Keep::Keyring, "https://crm.example.com:8443"),
    ] {
        let (home, keyring) = (Home::new(), Arc::new(Fake::default()));
        let profiles = home.with(&keyring);
        profiles.save(&profile("crm", URL), &credentials(), keep).unwrap();
        let path = home.path().join("crm.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace(URL, url)).unwrap();
        let moved = profiles.get("crm").unwrap();
        assert_eq!(moved.instance().origin(), url);
        let error = profiles.credentials(&moved).unwrap_err();
        assert!(error.to_string().contains("another origin"), "{error}");
        tells_no_secret(&error);
    }
}

#[test]
fn a_name_belongs_to_one_site() {
    let home = Home::new();
    let profiles = home.without_keyring();
    profiles.save(&profile("crm", URL), &credentials(), Keep::File).unwrap();
    let other = profile("crm", "https://other.example");
    for error in [
        profiles.save(&other, &credentials(), Keep::File).unwrap_err(),
        profiles.check("crm", other.instance()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(URL), "{error}");
    }
    assert_eq!(
        profiles.get("crm").unwrap().instance().site_url().as_str(),
        format!("{URL}/")
    );
}

#[test]
fn a_url_beside_the_profile_has_to_be_its_own() {
    let profile = profile("crm", URL);
    for url in [URL, "https://CRM.example.com:443/legacy/"] {
        profile.check_url(url).unwrap();
    }
    for url in [
        "https://crm.example.com",
        "http://crm.example.com/legacy",
        "https://evil.example/legacy",
        "crm",
    ] {
        assert_eq!(
            profile.check_url(url).unwrap_err().kind(),
            ErrorKind::InvalidInput,
            "{url}"
        );
    }
}

#[test]
fn which_profile_is_meant() {
    let home = Home::new();
    let profiles = home.without_keyring();
    let chosen = |name: Option<&str>| profiles.choose(name).map(|profile| profile.name().to_owned());
    assert_eq!(chosen(None).unwrap_err().kind(), ErrorKind::NotLoggedIn);
    for name in ["b", "a"] {
        profiles.save(&profile(name, URL), &credentials(), Keep::File).unwrap();
    }
    assert_eq!(profiles.names().unwrap(), ["a", "b"]);
    assert_eq!(chosen(None).unwrap(), "b", "the first one kept");
    assert_eq!(chosen(Some("a")).unwrap(), "a");
    assert_eq!(chosen(Some("c")).unwrap_err().kind(), ErrorKind::NotLoggedIn);
    assert_eq!(chosen(Some("../a")).unwrap_err().kind(), ErrorKind::InvalidInput);
    profiles.set_default("a").unwrap();
    assert_eq!(chosen(None).unwrap(), "a");
    assert_eq!(profiles.set_default("c").unwrap_err().kind(), ErrorKind::NotLoggedIn);
    profiles.save(&profile("c", URL), &credentials(), Keep::File).unwrap();
    profiles.remove(&profiles.get("a").unwrap()).unwrap();
    let error = chosen(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("b, c"), "{error}");
    profiles.remove(&profiles.get("c").unwrap()).unwrap();
    assert_eq!(chosen(None).unwrap(), "b", "the only one");
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let profiles = home.without_keyring();
            scope.spawn(move || {
                for round in 0..5 {
                    // One name that all write, and one of its own each.
                    for name in [String::from("shared"), format!("own-{writer}-{round}")] {
                        profiles.save(&profile(&name, URL), &credentials(), Keep::File).unwrap();
                    }
                }
            });
        }
    });
    let profiles = home.without_keyring();
    let names = profiles.names().unwrap();
    assert_eq!(names.len(), 8 * 5 + 1);
    for name in names {
        let read = profiles.get(&name).unwrap();
        assert_eq!(parts(&profiles.credentials(&read).unwrap()), parts(&credentials()));
    }
    let left: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 8 * 5 + 2, "{left:?}");
}

fn tells_no_secret(error: &crate::Error) {
    let text = format!("{error} {error:?}");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn a_damaged_file_is_an_error_that_repeats_nothing() {
    let home = Home::new();
    let profiles = home.without_keyring();
    profiles.save(&profile("crm", URL), &credentials(), Keep::File).unwrap();
    let path = home.path().join("crm.json");
    let good = fs::read_to_string(&path).unwrap();
    let mut damaged: Vec<String> = (0..good.len() - 2)
        .step_by(7)
        .map(|end| good[..end].to_owned())
        .collect();
    for (what, instead) in [
        ("\"form\": 1", "\"form\": 2"),
        ("\"v4_1\"", "\"v9\""),
        ("https://crm.example.com/legacy", "javascript:alert(1)"),
        ("\"since\": \"2", "\"since\": \"x2"),
        ("\"user_id\": \"1\"", "\"user_id\": \"\""),
        ("\"secrets\"", "\"keyring\": \"token-77\", \"secrets\""),
        ("\"secrets\"", "\"other\""),
        ("\"token\": \"token-77\"", "\"token\": 77"),
        ("\"token-77\"", "\"token-77\\u0000\""),
        (
            "\"KEY\",\n    \"consumer_secret\"",
            "\"ANOTHER\",\n    \"consumer_secret\"",
        ),
    ] {
        assert!(good.contains(what), "{what} is not in {good}");
        damaged.push(good.replacen(what, instead, 1));
    }
    damaged.push("x".repeat(70_000));
    for text in damaged {
        fs::write(&path, &text).unwrap();
        let error = profiles
            .get("crm")
            .and_then(|read| profiles.credentials(&read))
            .expect_err(&text);
        assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
        tells_no_secret(&error);
    }
    fs::write(&path, good).unwrap();
    assert_eq!(
        parts(&profiles.credentials(&profiles.get("crm").unwrap()).unwrap()),
        parts(&credentials())
    );
}

#[test]
fn what_a_killed_process_left_is_removed_with_the_profile() {
    let home = Home::new();
    let profiles = home.without_keyring();
    for name in ["crm", "crm.json"] {
        profiles.save(&profile(name, URL), &credentials(), Keep::File).unwrap();
    }
    let (own, others) = (".crm.json.0f.new", ".crm.json.json.0f.new");
    for name in [own, others] {
        fs::write(home.path().join(name), "half").unwrap();
    }
    assert_eq!(profiles.names().unwrap(), ["crm", "crm.json"]);
    profiles.remove(&profiles.get("crm").unwrap()).unwrap();
    assert!(!home.path().join(own).exists());
    assert!(home.path().join(others).exists());
}
