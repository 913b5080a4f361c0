//! Logins by OAuth 2, whose tokens change.

use super::*;
use crate::oauth2::{self, ClientSecret, DownloadToken, Platform, RefreshToken, RestVersion, Tokens};

fn rest_profile() -> Profile {
    let api = Api::Rest {
        version: RestVersion::new("v11_20").unwrap(),
        platform: Platform::new("data_migration").unwrap(),
    };
    let user = User {
        id: "seed_admin".into(),
        name: None,
    };
    Profile::new(
        "new",
        Instance::parse("https://new.example.com").unwrap(),
        api,
        "sugar",
        user,
    )
    .unwrap()
}

fn tokens(number: u32) -> Credentials {
    let mut tokens = Tokens::new(
        oauth2::AccessToken::new(format!("access-{number}")),
        Some(RefreshToken::new(format!("refresh-{number}"))),
    );
    tokens.download_token = Some(DownloadToken::new(format!("download-{number}")));
    tokens.expires_at = UtcTime::parse("2026-11-21 08:54:25");
    Credentials::OAuth2 {
        client_secret: number.is_multiple_of(2).then(|| ClientSecret::new("hidden")),
        tokens,
    }
}

#[test]
fn tokens_are_kept_and_renewed_where_they_lie() {
    let keyring = Arc::new(Fake::default());
    for keep in [Keep::Keyring, Keep::File] {
        let home = Home::new();
        let profiles = home.with(&keyring);
        let saved = profiles.save(&rest_profile(), &tokens(1), keep).unwrap();
        assert_eq!(profiles.get("new").unwrap(), saved);
        assert_eq!((saved.api().name(), saved.consumer_key()), ("v11_20", "sugar"));
        for number in [1, 2, 3] {
            assert!(profiles.renew(&saved, &tokens(number)).unwrap());
            let read = profiles.get("new").unwrap();
            assert_eq!(read, saved);
            assert_eq!(parts(&profiles.credentials(&read).unwrap()), parts(&tokens(number)));
        }
        profiles.remove(&saved).unwrap();
    }
    assert!(keyring.entries.lock().unwrap().is_empty());
}

#[test]
fn a_renewal_brings_back_no_profile_and_overwrites_no_newer_login() {
    let home = Home::new();
    let profiles = home.without_keyring();
    let mut before = rest_profile();
    before.since = UtcTime::from_unix_seconds(1);
    let first = profiles.save(&before, &tokens(1), Keep::File).unwrap();
    let second = profiles.save(&rest_profile(), &tokens(2), Keep::File).unwrap();
    assert!(!profiles.renew(&first, &tokens(3)).unwrap());
    assert_eq!(parts(&profiles.credentials(&second).unwrap()), parts(&tokens(2)));
    profiles.remove(&second).unwrap();
    assert!(!profiles.renew(&second, &tokens(3)).unwrap());
    assert_eq!(profiles.get("new").unwrap_err().kind(), ErrorKind::NotLoggedIn);
}

#[test]
fn files_of_one_api_do_not_pass_for_the_other() {
    let home = Home::new();
    let profiles = home.without_keyring();
    profiles.save(&rest_profile(), &tokens(1), Keep::File).unwrap();
    let path = home.path().join("new.json");
    let good = fs::read_to_string(&path).unwrap();
    for (what, instead) in [
        ("\"v11_20\"", "\"v4_1\""),
        ("\"platform\"", "\"other\""),
        ("\"data_migration\"", "\"data migration\""),
        ("2026-11-21 08:54:25", "never"),
    ] {
        assert!(good.contains(what), "{what} is not in {good}");
        fs::write(&path, good.replacen(what, instead, 1)).unwrap();
        let error = profiles
            .get("new")
            .and_then(|read| profiles.credentials(&read))
            .expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    }
}
