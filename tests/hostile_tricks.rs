//! Every trick of the hostile practice instance against the whole walk and against a session that was open before: what
//! comes of each stands in a table, and a trick without a row fails.

use std::time::Duration;

use sugar_oauth::sandbox::{Flavour, Sandbox, Trick};
use sugar_oauth::{Callback, Client, Consumer, Error, ErrorKind, Instance, Result, Session, Step, Transport, Verifier};

/// What comes of a trick.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// The browser is sent where the server says, and everything works.
    Works,
    /// The browser is sent to the instance's own page, and everything works.
    WorksByOurUrl,
    Fails(ErrorKind, Step),
}

use ErrorKind::{Api, Clock, Connect, HttpStatus, InvalidAnswer, Redirect, Timeout, TooLarge};
use Outcome::{Fails, Works, WorksByOurUrl};
use Step::{Call, OauthAccess, RequestToken, ServerInfo};

/// The trick, what comes of the walk, and of a call in an open session (`None` where it works).
const TABLE: [(Trick, Outcome, Option<ErrorKind>); 37] = [
    (Trick::Nothing, Works, None),
    (Trick::AuthorizeUrlForeignHost, WorksByOurUrl, None),
    (Trick::AuthorizeUrlOtherPort, WorksByOurUrl, None),
    (Trick::AuthorizeUrlOtherScheme, WorksByOurUrl, None),
    (Trick::AuthorizeUrlUserinfo, WorksByOurUrl, None),
    (Trick::AuthorizeUrlOwnUserinfo, WorksByOurUrl, None),
    (Trick::AuthorizeUrlFragment, WorksByOurUrl, None),
    (Trick::AuthorizeUrlJavascript, WorksByOurUrl, None),
    (Trick::AuthorizeUrlFile, WorksByOurUrl, None),
    (Trick::AuthorizeUrlOption, WorksByOurUrl, None),
    (Trick::AuthorizeUrlControlCharacters, WorksByOurUrl, None),
    (Trick::AuthorizeUrlWithoutSlash, WorksByOurUrl, None),
    (Trick::AuthorizeUrlMissing, WorksByOurUrl, None),
    (
        Trick::CallbackUnconfirmed,
        Fails(ErrorKind::Callback, RequestToken),
        None,
    ),
    (Trick::CallbackDenied, Fails(ErrorKind::Callback, RequestToken), None),
    (Trick::TokenQuotes, Fails(InvalidAnswer, RequestToken), None),
    (Trick::TokenLineBreak, Fails(InvalidAnswer, RequestToken), None),
    (Trick::TokenShell, Fails(InvalidAnswer, RequestToken), None),
    (Trick::TokenLong, Fails(InvalidAnswer, RequestToken), None),
    (Trick::TokenEmpty, Fails(InvalidAnswer, RequestToken), None),
    (Trick::TokenTwice, Fails(InvalidAnswer, RequestToken), None),
    (Trick::TokenSecretLineBreak, Fails(InvalidAnswer, RequestToken), None),
    (Trick::SessionIdLineBreak, Fails(InvalidAnswer, OauthAccess), None),
    (Trick::ErrorControlCharacters, Fails(Api, RequestToken), Some(Api)),
    (Trick::LabelControlCharacters, Works, None),
    (Trick::DateFarAhead, Works, None),
    (Trick::GmtTimeFarAhead, Fails(Clock, RequestToken), None),
    (Trick::HugeBody, Fails(TooLarge, ServerInfo), Some(TooLarge)),
    (Trick::HugeLength, Fails(Timeout, ServerInfo), Some(Timeout)),
    (Trick::GzipBomb, Fails(TooLarge, ServerInfo), Some(TooLarge)),
    (Trick::RedirectElsewhere, Fails(Redirect, ServerInfo), Some(Redirect)),
    (Trick::RedirectLoop, Fails(Redirect, ServerInfo), Some(Redirect)),
    (Trick::DeepNesting, Fails(TooLarge, ServerInfo), Some(InvalidAnswer)),
    (Trick::EchoRequest, Fails(Api, RequestToken), Some(Api)),
    (Trick::EchoRequestPage, Fails(HttpStatus, ServerInfo), Some(HttpStatus)),
    (
        Trick::InvalidUtf8,
        Fails(InvalidAnswer, ServerInfo),
        Some(InvalidAnswer),
    ),
    (Trick::ManyHeaders, Fails(Connect, ServerInfo), Some(Connect)),
];

async fn hostile(trick: Trick) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().flavour(Flavour::Hostile).start().await.unwrap();
    sandbox.hostile(Trick::Nothing);
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    // Enough for what is large; what never ends is not waited for as long.
    let patience = Duration::from_secs(if trick == Trick::HugeLength { 1 } else { 120 });
    let transport = Transport::builder()
        .total_timeout(patience)
        .read_timeout(patience)
        .build();
    let client = Client::builder(Instance::parse(sandbox.url()).unwrap())
        .consumer(consumer)
        .transport(&transport)
        .build();
    (sandbox, client)
}

/// All three legs, a session, and a call.
async fn walk(sandbox: &Sandbox, client: &Client) -> Result<(bool, Session)> {
    let request_token = client.request_token(Callback::OutOfBand).await?;
    let url = request_token.authorize_url();
    let own = format!("{}/index.php?module=OAuthTokens&action=authorize&token=", sandbox.url());
    assert!(url.as_str().starts_with(&own), "{url:?}");
    let is_servers_own = url.is_servers_own();
    let verifier = Verifier::new(sandbox.approve(request_token.token()).expect("it is there"));
    let access_token = client.access_token(&request_token, &verifier).await?;
    let session = client.oauth_access(&access_token).await?;
    session.get_available_modules().await?;
    Ok((is_servers_own, session))
}

/// Every secret that is known so far.
fn secrets(sandbox: &Sandbox) -> Vec<String> {
    let state = sandbox.state();
    let mut secrets = vec![sandbox.consumer_secret().to_owned(), sandbox.password().to_owned()];
    secrets.extend(state.request_tokens.into_iter().map(|token| token.secret));
    secrets.extend(
        state
            .access_tokens
            .into_iter()
            .flat_map(|token| [token.token, token.secret]),
    );
    secrets.extend(state.sessions.into_iter().map(|session| session.id));
    secrets
}

/// An error that a person can be shown.
#[track_caller]
fn is_fit_to_be_shown(trick: Trick, error: &Error, sandbox: &Sandbox) {
    let texts = format!("{error} {error:#} {error:?}");
    for secret in secrets(sandbox) {
        assert!(!texts.contains(&secret), "{trick:?}: {error}");
    }
    let shown = error.to_string();
    // Bidi controls stand in two ranges, with punctuation between them.
    let moves = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    assert!(!shown.contains(moves), "{trick:?}: {shown:?}");
    assert!(shown.len() < 2_000, "{trick:?}: {} bytes", shown.len());
}

#[test]
fn every_trick_has_a_row() {
    for trick in Trick::ALL {
        let rows = TABLE.iter().filter(|(listed, ..)| *listed == trick).count();
        assert_eq!(rows, 1, "{trick:?}");
    }
}

#[tokio::test]
async fn what_comes_of_the_walk() {
    let mut wrong = Vec::new();
    for (trick, expected, _) in TABLE {
        let (sandbox, client) = hostile(trick).await;
        sandbox.hostile(trick);
        let outcome = walk(&sandbox, &client).await;
        if let Err(error) = &outcome {
            is_fit_to_be_shown(trick, error, &sandbox);
        }
        let is_right = match (&outcome, expected) {
            (Ok((is_servers_own, _)), Works) => *is_servers_own,
            (Ok((is_servers_own, _)), WorksByOurUrl) => !is_servers_own,
            (Err(error), Fails(kind, step)) => (error.kind(), error.step()) == (kind, Some(step)),
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{trick:?}: {:?}", outcome.map(|(is_own, _)| is_own)));
        }
        // Whatever the server claims, no signature is dated ahead: the key works on once it behaves.
        sandbox.hostile(Trick::Nothing);
        if let Err(error) = walk(&sandbox, &client).await {
            wrong.push(format!("{trick:?}: the walk after it: {error:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_comes_of_a_call_in_an_open_session() {
    let mut wrong = Vec::new();
    for (trick, _, expected) in TABLE {
        let (sandbox, client) = hostile(trick).await;
        let (_, session) = walk(&sandbox, &client).await.expect("no trick yet");
        sandbox.hostile(trick);
        let outcome = session.get_available_modules().await;
        if let Err(error) = &outcome {
            is_fit_to_be_shown(trick, error, &sandbox);
            assert_eq!(error.step(), Some(Call), "{trick:?}: {error}");
        }
        if outcome.as_ref().err().map(Error::kind) != expected {
            wrong.push(format!("{trick:?}: {:?}", outcome.map(|modules| modules.len())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
