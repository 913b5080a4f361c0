use super::*;

#[test]
fn the_text_names_step_event_and_what_to_try() {
    let error = Error::new(ErrorKind::Refused, "the server refused")
        .hint("check the secret")
        .hint("check the clock")
        .at(Step::RequestToken)
        .at(Step::Call);
    assert_eq!(
        error.to_string(),
        "request token: the server refused. Try, the likeliest first: (1) check the secret; (2) check the clock"
    );
    assert_eq!(
        format!("{error:#}"),
        "request token: the server refused\n  Try, the likeliest first:\n    1. check the secret\n    2. check the clock"
    );
}

#[test]
fn secrets_that_the_server_repeats_are_blotted_out() {
    let api = ApiError {
        number: 1,
        name: "your secret is 5b05d09a0b7e".into(),
        description: format!("{}pa\u{1b}ssword", "x".repeat(195)),
    };
    let error = Error::from_api(api).without(["5b05d09a0b7e", "pa\u{1b}ssword", ""]);
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains("5b05d09a0b7e") && !text.contains("pa\\u"), "{text}");
    }
}

#[test]
fn our_own_words_stay_whatever_a_secret_is() {
    let error = Error::from_api(ApiError {
        number: 1,
        name: "SSS".into(),
        description: String::new(),
    });
    let error = error.hint("set SUGAR_URL").without(["S"]);
    assert_eq!(
        error.to_string(),
        "the server answered [secret][secret][secret] (1). Try: set SUGAR_URL"
    );
}

#[test]
fn server_text_is_escaped_in_the_message_and_exact_in_the_api_error() {
    let api = ApiError {
        number: 40,
        name: "a\u{1b}[31m".into(),
        description: String::new(),
    };
    let error = Error::from_api(api.clone());
    assert_eq!(error.api(), Some(&api));
    assert!(!error.to_string().contains('\u{1b}'));
}
