//! Tokens that must not get lost: two programs on one profile, and a logout that is dropped in the middle.

use std::time::Duration;

use sugar_oauth::oauth2::{Client, Platform, RestVersion, Session};
use sugar_oauth::profile::{Api, Credentials, Keep, Profile, Profiles, User};
use sugar_oauth::sandbox::{Fault, Flavour, Sandbox};
use sugar_oauth::{Instance, Password, Transport};

const PLATFORM: &str = "two_programs";

async fn start() -> (Sandbox, Client) {
    let builder = Sandbox::builder().flavour(Flavour::Sugar11).platform(PLATFORM);
    let sandbox = builder.start().await.unwrap();
    let client = Client::builder(
        Instance::parse(sandbox.url()).unwrap(),
        Platform::new(PLATFORM).unwrap(),
    )
    .transport(&Transport::builder().no_proxy().build())
    .build();
    (sandbox, client)
}

async fn log_in(sandbox: &Sandbox, client: &Client) -> Session {
    let password = Password::new(sandbox.password());
    client.password(sandbox.user_name(), password).await.unwrap()
}

fn keep(profiles: &Profiles, session: &Session) {
    let api = Api::Rest {
        version: RestVersion::default(),
        platform: Platform::new(PLATFORM).unwrap(),
    };
    let instance = session.client().instance().clone();
    let profile = Profile::new("crm", instance, api, "sugar", User::new("1", None)).unwrap();
    let credentials = Credentials::OAuth2 {
        client_secret: None,
        tokens: session.tokens(),
    };
    profiles.save(&profile, &credentials, Keep::File).unwrap();
}

/// As a program does that is started on the profile.
fn open(folder: &std::path::Path, client: &Client) -> Session {
    let profiles = Profiles::at(folder);
    let profile = profiles.choose(None).unwrap();
    let Credentials::OAuth2 { client_secret, tokens } = profiles.credentials(&profile).unwrap() else {
        panic!("not OAuth 2")
    };
    let session = client.session(tokens).unwrap();
    profiles.keep_renewed(&profile, client_secret, &session);
    session
}

fn refreshes(sandbox: &Sandbox) -> usize {
    let is_refresh = |body: &[u8]| String::from_utf8_lossy(body).contains("\"grant_type\":\"refresh_token\"");
    let requests = sandbox.requests();
    requests.iter().filter(|request| is_refresh(&request.body)).count()
}

fn forget_access_tokens(sandbox: &Sandbox) {
    sandbox.clock().advance(Duration::from_secs(3_700));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_renew_one_profile_at_once_use_one_login() {
    let (sandbox, client) = start().await;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("profiles");
    keep(&Profiles::at(&folder), &log_in(&sandbox, &client).await);
    let programs: Vec<Session> = (0..4).map(|_| open(&folder, &client)).collect();
    // Slow enough that all of them are there before the first has its answer.
    sandbox.fault(Fault::delay(Duration::from_millis(150)).on_path("/oauth2/token"));
    for round in 1..=3 {
        forget_access_tokens(&sandbox);
        let calls = programs
            .iter()
            .cloned()
            .map(|session| tokio::spawn(async move { session.me().await }));
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
        assert_eq!(refreshes(&sandbox), round);
        let newest = open(&folder, &client).tokens();
        for program in &programs {
            assert_eq!(program.tokens().access_token, newest.access_token);
        }
    }
    let left: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_tokens_that_the_server_has_forgotten_are_renewed_in_the_same_call() {
    let (sandbox, client) = start().await;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("profiles");
    keep(&Profiles::at(&folder), &log_in(&sandbox, &client).await);
    let (first, second) = (open(&folder, &client), open(&folder, &client));
    forget_access_tokens(&sandbox);
    first.me().await.unwrap();
    forget_access_tokens(&sandbox);
    // Its own are refused, and so are those that the first has kept.
    second.me().await.unwrap();
    first.me().await.unwrap();
    assert_eq!(refreshes(&sandbox), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_ends_the_login_that_another_program_has_renewed() {
    let (sandbox, client) = start().await;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("profiles");
    keep(&Profiles::at(&folder), &log_in(&sandbox, &client).await);
    let (first, second) = (open(&folder, &client), open(&folder, &client));
    forget_access_tokens(&sandbox);
    first.me().await.unwrap();
    second.logout().await.unwrap();
    assert!(sandbox.state().logins.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_that_is_dropped_loses_no_tokens() {
    let (sandbox, client) = start().await;
    let session = log_in(&sandbox, &client).await;
    forget_access_tokens(&sandbox);
    let before = session.tokens().access_token;
    // The server has acted when its answer is on the way.
    sandbox.fault(Fault::delay(Duration::from_millis(300)).on_path("/oauth2/token").once());
    let dropped = tokio::time::timeout(Duration::from_secs(60), async {
        tokio::select! {
            result = session.logout() => panic!("not in the middle: {result:?}"),
            () = until(|| refreshes(&sandbox) == 1) => {}
        }
    });
    dropped.await.unwrap();
    until(|| session.tokens().access_token != before).await;
    assert_eq!(sandbox.state().logins.len(), 1);
    session.logout().await.unwrap();
    assert!(sandbox.state().logins.is_empty());
    assert_eq!(refreshes(&sandbox), 1);
}

async fn until(condition: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to that");
}
