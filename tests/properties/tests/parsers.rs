//! Whatever text comes in, from a person or from a server: no panic, and what comes out is what was promised.

use std::borrow::Cow;
use std::path::{Component, Path};
use std::time::SystemTime;

use proptest::prelude::*;
use sugar_oauth::files::safe_file_name;
use sugar_oauth::v4_1::decode_entities;
use sugar_oauth::{
    AccessToken, ApiVersion, Consumer, Error, ErrorKind, Instance, TokenSecret, UtcTime, Verifier, printable,
};

/// Stands in for what must not be repeated.
const SECRET: &str = "pw9f3kq7xw";

/// Pieces of URLs, in any order and number, and any text between them.
fn url_like() -> impl Strategy<Value = String> {
    let pieces = vec![
        "http://",
        "https://",
        "ftp://",
        "//",
        "/",
        "?",
        "#",
        "@",
        ":",
        ":8080",
        ":99999",
        "crm.example.com",
        "127.0.0.1",
        "[::1]",
        "localhost",
        "user",
        "service",
        "v4_1",
        "rest.php",
        "rest",
        "v11",
        "Api",
        "V8",
        "index.php",
        "legacy",
        "..",
        "%2e%2e",
        "%00",
        "\u{202e}",
        "\u{1b}",
        "\\",
        " ",
        "\n",
        "bücher",
        "xn--",
        "javascript:",
    ];
    let piece = prop_oneof![
        6 => prop::sample::select(pieces).prop_map(String::from),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

/// Whether text could move a cursor or reorder a line.
fn is_safe_to_show(text: &str) -> bool {
    !text.chars().any(|character| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

fn fit_to_show(error: &Error) -> Result<(), TestCaseError> {
    let text = error.to_string();
    prop_assert!(is_safe_to_show(&text), "{:?}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_instance_is_a_bare_site_or_an_error(text in prop_oneof![url_like(), any::<String>()]) {
        match Instance::parse(&text) {
            Ok(instance) => {
                let site = instance.site_url();
                prop_assert!(matches!(site.scheme(), "http" | "https"));
                prop_assert!(site.has_host() && site.username().is_empty() && site.password().is_none());
                prop_assert!(site.query().is_none() && site.fragment().is_none());
                prop_assert!(site.path().ends_with('/'));
                let rest = instance.rest_url(ApiVersion::V4_1);
                prop_assert_eq!(rest.as_str(), format!("{site}service/v4_1/rest.php"));
                prop_assert_eq!(&instance.signing_url(ApiVersion::V4_1), &rest);
                prop_assert_eq!(rest.origin().ascii_serialization(), instance.origin());
                prop_assert_eq!(&Instance::parse(site.as_str()).unwrap(), &instance);
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
                fit_to_show(&error)?;
                // The URL that it says to give instead can be given.
                let advice = error.hints()[0].strip_prefix("give http");
                if let Some(url) = advice.and_then(|advice| advice.split(' ').next()) {
                    prop_assert!(Instance::parse(&format!("http{url}")).is_ok(), "{}: {}", text, error);
                }
            }
        }
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated(
        before in url_like(), user in "[a-z]{0,4}", host in prop_oneof![Just("crm.example.com".to_owned()), url_like()],
        with_scheme in any::<bool>(),
    ) {
        let scheme = if with_scheme { "https://" } else { "" };
        for text in [
            format!("{scheme}{user}:{SECRET}@{host}"),
            format!("{scheme}{SECRET}@{host}"),
            format!("{before}{user}:{SECRET}@{host}"),
        ] {
            if let Err(error) = Instance::parse(&text) {
                let shown = error.to_string();
                // A host or path of that name is no password.
                let is_password = url::Url::parse(&text).map_or(true, |url| {
                    url.username().contains(SECRET) || url.password().is_some_and(|found| found.contains(SECRET))
                });
                prop_assert!(!is_password || !shown.contains(SECRET), "{}: {}", text, shown);
            }
        }
    }

    #[test]
    fn a_verifier_is_one_short_word_or_an_error(text in prop_oneof![url_like(), any::<String>()], code in "[!-~]{1,40}") {
        for input in [text.clone(), format!("{text}?oauth_verifier={text}"), format!("{text}{SECRET}")] {
            match Verifier::from_input(&input) {
                Ok(verifier) => {
                    let verifier = verifier.expose();
                    prop_assert!((1..=255).contains(&verifier.len()));
                    prop_assert!(verifier.bytes().all(|byte| byte.is_ascii_graphic()));
                }
                Err(error) => {
                    prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
                    prop_assert!(!error.to_string().contains(SECRET));
                    fit_to_show(&error)?;
                }
            }
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("state", "1"), ("oauth_verifier", &code), ("oauth_token", "bf")])
            .finish();
        for input in [format!("http://127.0.0.1:9/cb?{query}"), format!(" 127.0.0.1:9/cb?{query}\r\n"), query] {
            let verifier = Verifier::from_input(&input).unwrap();
            prop_assert_eq!(verifier.expose(), &code);
        }
    }

    #[test]
    fn a_code_is_read_whatever_white_space_came_along(code in "[0-9a-f]{12}", at in 0_usize..12) {
        let input = format!("\t {}\r\n{}\u{a0}\n", &code[..at], &code[at..]);
        let verifier = Verifier::from_input(&input).unwrap();
        prop_assert_eq!(verifier.expose(), &code);
    }

    #[test]
    fn a_time_that_is_read_is_written_the_same(
        text in prop_oneof!["[0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9]", "\\PC{19}", any::<String>()],
    ) {
        if let Some(time) = UtcTime::parse(&text) {
            prop_assert_eq!(time.to_string(), text);
        }
    }

    #[test]
    fn every_second_can_be_written(seconds in any::<i64>(), of_our_calendar in -62_167_219_200_i64..253_402_300_800) {
        let _ = (UtcTime::from_unix_seconds(seconds).to_string(), SystemTime::from(UtcTime::from_unix_seconds(seconds)));
        let time = UtcTime::from_unix_seconds(of_our_calendar);
        prop_assert_eq!(UtcTime::parse(&time.to_string()), Some(time));
        prop_assert_eq!(UtcTime::from(SystemTime::from(time)), time);
    }

    #[test]
    fn entities_are_decoded_exactly_once(text in any::<String>(), with_entities in "(&|amp;|#0?39;|lt;|quot;|x|é|;){0,12}") {
        for text in [&text, &with_entities] {
            let decoded = decode_entities(text);
            prop_assert!(decoded.len() <= text.len());
            prop_assert!(text.contains('&') || matches!(decoded, Cow::Borrowed(_)) && decoded == text.as_str());
            let encoded = encode_entities(text);
            prop_assert_eq!(decode_entities(&encoded), text.as_str());
            let twice = encode_entities(&encoded);
            prop_assert_eq!(decode_entities(&twice), encoded);
        }
    }

    #[test]
    fn a_consumer_is_kept_as_given_or_refused(key in any::<String>(), secret in any::<String>()) {
        let secret = format!("{secret}{SECRET}{secret}");
        match Consumer::new(key.as_str(), secret.as_str()) {
            Ok(consumer) => {
                prop_assert_eq!(consumer.key(), &key);
                prop_assert_eq!(consumer.secret().expose(), &secret);
                prop_assert!(!key.is_empty() && !key.chars().chain(secret.chars()).any(char::is_control));
                let debug = format!("{:?}", consumer);
                prop_assert!(!debug.contains(SECRET));
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
                let shown = format!("{} {:?}", error, error);
                prop_assert!(!shown.contains(SECRET));
                fit_to_show(&error)?;
            }
        }
    }

    #[test]
    fn tokens_are_kept_as_given_or_refused(
        token in prop_oneof!["[A-Za-z0-9._~-]{0,260}", any::<String>()],
        secret in prop_oneof!["[A-Za-z0-9._~-]{0,260}", any::<String>()],
    ) {
        let fits = |text: &str| {
            (1..=255).contains(&text.len())
                && text.chars().all(|character| character.is_ascii_alphanumeric() || "._~-".contains(character))
        };
        match AccessToken::from_parts(token.as_str(), TokenSecret::new(secret.as_str())) {
            Ok(access_token) => {
                prop_assert!(fits(&token) && fits(&secret));
                let (kept, kept_secret) = access_token.into_parts();
                prop_assert_eq!((kept.as_str(), kept_secret.expose()), (token.as_str(), secret.as_str()));
            }
            Err(error) => {
                prop_assert!(!fits(&token) || !fits(&secret));
                prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
                fit_to_show(&error)?;
            }
        }
    }

    #[test]
    fn a_servers_name_of_a_file_is_one_visible_component(
        text in prop_oneof![any::<String>(), r#"[./\\: a-cC-O1-9\u{0}\u{202e}]{0,16}"#, "[a-zü.]{190,220}", "[a-z]{195,199}[. \u{3000}]{1,3}[a-z]{30}"],
    ) {
        let name = safe_file_name(&text);
        let mut components = Path::new(&name).components();
        prop_assert!(matches!(components.next(), Some(Component::Normal(_))), "{:?}", name);
        prop_assert_eq!(components.next(), None);
        prop_assert!(is_safe_to_show(&name) && !name.contains(['/', '\\', ':']), "{:?}", name);
        prop_assert!((1..=200).contains(&name.len()) && !name.starts_with('.') && !name.ends_with([' ', '.']));
        prop_assert_eq!(safe_file_name(&name), name);
    }

    #[test]
    fn shown_text_moves_no_cursor(text in prop_oneof![any::<String>(), "[\u{0}-\u{9f}\u{2000}-\u{2070}a-c]{0,300}"]) {
        let shown = printable(&text);
        prop_assert!(is_safe_to_show(&shown), "{:?}", shown);
        prop_assert!(shown.chars().count() <= 200 * 10 + 1);
        if is_safe_to_show(&text) && text.chars().count() <= 200 && text.is_ascii() {
            prop_assert_eq!(shown, text);
        }
    }
}

/// What PHP's `htmlspecialchars` with `ENT_QUOTES` does, which is how the CRM stores text.
fn encode_entities(text: &str) -> String {
    let mut encoded = String::new();
    for character in text.chars() {
        match character {
            '&' => encoded.push_str("&amp;"),
            '<' => encoded.push_str("&lt;"),
            '>' => encoded.push_str("&gt;"),
            '"' => encoded.push_str("&quot;"),
            '\'' => encoded.push_str("&#039;"),
            other => encoded.push(other),
        }
    }
    encoded
}
