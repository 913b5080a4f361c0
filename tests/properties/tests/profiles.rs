//! Whatever stands in a profile's file: no panic, no secret in an error, and credentials for no other origin than theirs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use sugar_oauth::profile::{Api, Credentials, Keep, Profile, Profiles, User};
use sugar_oauth::{AccessToken, Consumer, ErrorKind, Instance, TokenSecret};

/// Stands in for what must not be repeated.
const SECRET: &str = "pw9f3kq7xw";

fn whole() -> Value {
    json!({
        "form": 1,
        "url": "https://crm.example.com/legacy",
        "signing_url": "http://10.0.0.5",
        "api": "v4_1",
        "consumer_key": "KEY",
        "user_id": "1",
        "user_name": "admin",
        "since": "2026-11-21 08:54:25",
        "secrets": {
            "origin": "https://crm.example.com",
            "consumer_key": "KEY",
            "consumer_secret": SECRET,
            "token": format!("t{SECRET}"),
            "token_secret": format!("s{SECRET}"),
            "refresh_token": format!("r{SECRET}"),
            "expires_at": "2026-11-21 08:54:25",
        },
    })
}

/// Values that a field could hold, sensible ones among them.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![
            json!(null),
            json!(1),
            json!(2),
            json!(-1),
            json!([]),
            json!({}),
            json!(true),
            json!(""),
            json!("v11"),
            json!("v4_1"),
            json!("https://crm.example.com"),
            json!("https://evil.example/legacy"),
            json!("http://u:p@crm.example.com"),
            json!("data_migration"),
            json!("KEY"),
            json!("2026-02-30 00:00:00"),
            json!(SECRET),
            json!("\u{1b}[2J"),
            json!("../x"),
        ]),
        any::<String>().prop_map(Value::String),
        "[ -~]{0,300}".prop_map(Value::String),
    ]
}

/// A file with some of its fields replaced, removed or added.
fn changed() -> impl Strategy<Value = String> {
    let names = vec![
        "form",
        "url",
        "signing_url",
        "api",
        "platform",
        "consumer_key",
        "user_id",
        "user_name",
        "since",
        "keyring",
        "secrets",
        "secrets/origin",
        "secrets/consumer_key",
        "secrets/consumer_secret",
        "secrets/token",
        "secrets/token_secret",
        "secrets/refresh_token",
        "secrets/expires_at",
        "other",
    ];
    let change = (prop::sample::select(names), prop::option::of(value()));
    prop::collection::vec(change, 0..4).prop_map(|changes| {
        let mut file = whole();
        for (name, value) in changes {
            let (within, field) = match name.strip_prefix("secrets/") {
                Some(field) => (&mut file["secrets"], field),
                None => (&mut file, name),
            };
            let Some(fields) = within.as_object_mut() else {
                continue;
            };
            match value {
                Some(value) => drop(fields.insert(field.to_owned(), value)),
                None => drop(fields.remove(field)),
            }
        }
        file.to_string()
    })
}

/// A folder with this as the file of the profile `crm`.
fn folder_with(bytes: &[u8]) -> (tempfile::TempDir, Profiles) {
    let folder = tempfile::tempdir().unwrap();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let file = folder.path().join("crm.json");
    fs::write(&file, bytes).unwrap();
    set(&file, 0o600);
    set(folder.path(), 0o700);
    let profiles = Profiles::at(folder.path());
    (folder, profiles)
}

fn is_safe_to_show(text: &str) -> bool {
    !text.chars().any(|character| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// Reads the profile and its credentials, as `status` does.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let (_folder, profiles) = folder_with(bytes);
    let read = profiles.get("crm");
    let read = read.and_then(|profile| profiles.credentials(&profile).map(|credentials| (profile, credentials)));
    match read {
        Ok((profile, credentials)) => {
            let file: Value = serde_json::from_slice(bytes).unwrap();
            prop_assert_eq!(&file["secrets"]["origin"], &profile.instance().origin());
            prop_assert_eq!(&file["secrets"]["consumer_key"], profile.consumer_key());
            prop_assert!(profile.instance().site_url().username().is_empty());
            let of_oauth1 = matches!(credentials, Credentials::OAuth1 { .. });
            prop_assert_eq!(of_oauth1, matches!(profile.api(), Api::V4_1));
            prop_assert!(profiles.renew(&profile, &credentials).unwrap());
            prop_assert_eq!(&profiles.get("crm").unwrap(), &profile);
        }
        Err(error) => {
            // Without the feature there is no keyring to look into.
            prop_assert_eq!(error.kind(), ErrorKind::Storage);
            let text = format!("{error} {error:?}");
            prop_assert!(!text.contains(SECRET), "{}", text);
            prop_assert!(is_safe_to_show(&error.to_string()), "{:?}", error.to_string());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_file_gives_credentials_for_their_own_origin_or_an_error(text in changed()) {
        check(text.as_bytes())?;
    }

    #[test]
    fn bytes_of_any_kind_are_an_error(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            (changed(), any::<prop::sample::Index>()).prop_map(|(text, at)| text.as_bytes()[..at.index(text.len())].to_vec()),
        ],
    ) {
        check(&bytes)?;
    }

    #[test]
    fn a_name_never_leads_out_of_the_folder(name in prop_oneof![any::<String>(), "[./a-z\\\\]{1,12}"]) {
        let (_folder, profiles) = folder_with(whole().to_string().as_bytes());
        match profiles.get(&name) {
            Ok(profile) => prop_assert_eq!(profile.name(), "crm"),
            Err(error) => {
                prop_assert!(matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotLoggedIn), "{}", error);
                prop_assert!(is_safe_to_show(&error.to_string()));
            }
        }
    }

    #[test]
    fn what_is_kept_comes_back(
        key in "[!-~]{1,40}", secret in "[ -~é]{1,40}", token in "[A-Za-z0-9._~-]{1,60}", id in any::<String>(), name in any::<String>(),
    ) {
        prop_assume!(!id.is_empty() && id.len() <= 255 && !name.is_empty() && name.len() <= 255);
        prop_assume!(secret.trim() == secret);
        let folder = tempfile::tempdir().unwrap();
        let profiles = Profiles::at(folder.path().join("profiles"));
        let user = User::new(id, Some(name));
        let instance = Instance::parse("https://crm.example.com").unwrap();
        let profile = Profile::new("crm", instance, Api::V4_1, &key, user).unwrap();
        let given = Credentials::OAuth1 {
            consumer: Consumer::new(key.as_str(), secret.as_str()).unwrap(),
            access_token: AccessToken::from_parts(token.as_str(), TokenSecret::new(token.as_str())).unwrap(),
        };
        let saved = profiles.save(&profile, &given, Keep::File).unwrap();
        let read = profiles.get("crm").unwrap();
        prop_assert_eq!(&read, &saved);
        let Credentials::OAuth1 { consumer, access_token } = profiles.credentials(&read).unwrap() else {
            return Err(TestCaseError::fail("another API"));
        };
        prop_assert_eq!((consumer.key(), consumer.secret().expose()), (key.as_str(), secret.as_str()));
        prop_assert_eq!((access_token.token(), access_token.secret().expose()), (token.as_str(), token.as_str()));
    }
}
