//! Many at once: signed calls over a network that delays them, tasks on a session that keeps dying, renewals by the
//! thousand. What takes longer runs by `cargo test -- --ignored`.

#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/rest_server.rs"]
mod rest_server;
#[path = "support/signer.rs"]
mod signer;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rest_server::RestServer;
use serde_json::json;
use sugar_oauth::sandbox::{ReceivedRequest, Sandbox};
use sugar_oauth::v4_1::{GetEntryList, SetEntry};
use sugar_oauth::{
    AccessToken, Client, ClientBuilder, Consumer, ErrorKind, GetUserId, Instance, Password, Session, TokenSecret,
    Transport,
};

const TOKEN: (&str, &str) = ("token-of-the-test", "secret-of-the-token");

async fn sandbox() -> Sandbox {
    Sandbox::builder().access_token(TOKEN.0, TOKEN.1).start().await.unwrap()
}

fn token() -> AccessToken {
    AccessToken::from_parts(TOKEN.0, TokenSecret::new(TOKEN.1)).unwrap()
}

fn builder(sandbox: &Sandbox) -> ClientBuilder {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).unwrap();
    Client::builder(Instance::parse(sandbox.url()).unwrap()).consumer(consumer)
}

fn count(sandbox: &Sandbox, method: &str) -> usize {
    let requests = sandbox.requests();
    let of_method = requests
        .iter()
        .filter(|request| request.rest_method().as_deref() == Some(method));
    of_method.count()
}

/// From 0 to 300 ms between signing and the server's check, other for each request.
fn delay_signed_calls(sandbox: &Sandbox) {
    let random = RandomState::new();
    sandbox.latency(move |request| match request.parameter("oauth_nonce") {
        Some(nonce) => Duration::from_millis(random.hash_one(nonce) % 301),
        None => Duration::ZERO,
    });
}

/// Makes the calls with eight tasks. A refused call is signed afresh once, so what tells is how many requests there were.
async fn signed_calls_of_eight_tasks(calls: usize) {
    const TASKS: usize = 8;
    let sandbox = sandbox().await;
    let signed = builder(&sandbox).build().signed(&token()).unwrap();
    delay_signed_calls(&sandbox);
    let left = Arc::new(AtomicUsize::new(calls));
    let began = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (signed, left) = (signed.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                let take = |left: usize| left.checked_sub(1);
                while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                    signed.call(&GetUserId).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let time = began.elapsed();
    println!(
        "{calls} calls in {time:.1?}, {:.1} a second",
        calls as f64 / time.as_secs_f64()
    );
    assert_eq!(
        count(&sandbox, "get_user_id"),
        calls,
        "calls were refused and signed afresh"
    );
    let one_at_a_time = Duration::from_millis(150) * u32::try_from(calls).unwrap();
    assert!(time < one_at_a_time / 2, "{time:?} is no better than one at a time");
    let timestamps: HashSet<_> = sandbox
        .requests()
        .iter()
        .filter_map(|request| request.parameter("oauth_timestamp"))
        .collect();
    assert!(
        timestamps.len() > 2,
        "{timestamps:?}: time did not move, so this told nothing"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_signed_calls_of_eight_tasks_are_all_accepted() {
    signed_calls_of_eight_tasks(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes most of a minute"]
async fn two_thousand_signed_calls_of_eight_tasks_are_all_accepted() {
    signed_calls_of_eight_tasks(2000).await;
}

/// The same calls by another signer, which dates each by its own second: what the tests above are proof against.
#[tokio::test]
async fn signed_each_by_its_own_clock_some_are_refused() {
    let sandbox = sandbox().await;
    delay_signed_calls(&sandbox);
    let signer = signer::Signer::new(sandbox.consumer_key(), sandbox.consumer_secret()).token(TOKEN.0, TOKEN.1);
    let rest_url = format!("{}/service/v4_1/rest.php", sandbox.url());
    let (began, refused) = (Instant::now(), AtomicUsize::new(0));
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                // As a rule two or three seconds do.
                while refused.load(Ordering::SeqCst) == 0 && began.elapsed() < Duration::from_secs(60) {
                    let parameters = [
                        ("method", "get_user_id"),
                        ("input_type", "JSON"),
                        ("response_type", "JSON"),
                        ("rest_data", r#"{"session":""}"#),
                    ];
                    let form = signer::form(&signer.sign("POST", &rest_url, &parameters));
                    let answer = raw_http::post(sandbox.url(), "/service/v4_1/rest.php", &[], &form);
                    match answer.status() {
                        200 => assert!(answer.json().is_string(), "{}", answer.text()),
                        status => {
                            assert_eq!((status, answer.text().as_str()), (500, ""));
                            refused.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                }
            });
        }
    });
    assert!(refused.into_inner() > 0);
}

/// 64 tasks read and write with one session, which the server ends every second.
async fn a_session_that_dies_every_second(time: Duration) {
    const TASKS: usize = 64;
    let sandbox = sandbox().await;
    let session = builder(&sandbox).build().oauth_access(&token()).await.unwrap();
    let (over, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (session, over, calls) = (session.clone(), Arc::clone(&over), Arc::clone(&calls));
            tokio::spawn(async move {
                let mut written = Vec::new();
                // The last call comes after the last death.
                for number in 0.. {
                    let last = over.load(Ordering::SeqCst);
                    if number % 4 == 0 {
                        let name = format!("Written {task}-{number}");
                        session.call(&SetEntry::create("Accounts").set("name", &name)).await?;
                        written.push(name);
                    } else {
                        session.get_user_id().await?;
                    }
                    calls.fetch_add(1, Ordering::SeqCst);
                    if last {
                        break;
                    }
                    // So that a minute is no hundred thousand records.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Ok::<_, sugar_oauth::Error>(written)
            })
        })
        .collect();
    let (began, mut deaths) = (Instant::now(), 0);
    while began.elapsed() < time {
        let used = calls.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        // A session that nobody has had yet cannot die; on a busy machine it may take a moment.
        while calls.load(Ordering::SeqCst) == used || sandbox.state().sessions.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        sandbox.expire_sessions();
        deaths += 1;
    }
    over.store(true, Ordering::SeqCst);
    let mut written = Vec::new();
    for task in tasks {
        written.extend(task.await.unwrap().expect("no task gets an error"));
    }
    println!(
        "{deaths} deaths under {} calls, {} of them writes",
        calls.load(Ordering::SeqCst),
        written.len()
    );
    assert_eq!(
        count(&sandbox, "oauth_access"),
        1 + deaths,
        "one renewal for each death"
    );
    let list = GetEntryList::new("Accounts")
        .query("accounts.name LIKE 'Written %'")
        .select(["name"])
        .max_results(1_000_000);
    let entries = session.call(&list).await.unwrap().entries;
    let mut found: Vec<_> = entries
        .iter()
        .map(|entry| entry.get("name").unwrap_or_default().into_owned())
        .collect();
    found.sort();
    written.sort();
    assert!(
        found == written,
        "{} were written, {} are there",
        written.len(),
        found.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_sixty_four_tasks_a_session_that_dies_every_second_is_renewed_once_each_time() {
    a_session_that_dies_every_second(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute"]
async fn for_a_minute_a_session_that_dies_every_second_is_renewed_once_each_time() {
    a_session_that_dies_every_second(Duration::from_secs(60)).await;
}

/// A server whose sessions end under `get_available_modules`, so many times, but only after the client has seen that others
/// are served with them.
async fn ending_under_one_call(times: usize) -> RestServer {
    let logins = AtomicUsize::new(0);
    let served: Arc<Mutex<Vec<String>>> = Arc::default();
    RestServer::start_slow(move |came, _| {
        let body = String::from_utf8(came.body).unwrap();
        let served = Arc::clone(&served);
        let new = body
            .contains("method=login")
            .then(|| logins.fetch_add(1, Ordering::SeqCst));
        async move {
            if let Some(number) = new {
                return rest_server::ok(&json!({"id": format!("session{number}")}));
            }
            let at = body.find("session%22%3A%22session").expect("a session") + "session%22%3A%22".len();
            let session: String = body[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
            if body.contains("method=get_user_id") {
                served.lock().unwrap().push(session);
                return rest_server::ok(&json!("1"));
            }
            if session == format!("session{times}") {
                return rest_server::ok(&json!({"modules": []}));
            }
            // The other task asks one after the other: the second request says that the first was answered.
            while served.lock().unwrap().iter().filter(|one| **one == session).count() < 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            rest_server::ok(&json!({"name": "Invalid Login", "number": 10, "description": "Login attempt failed"}))
        }
    })
    .await
}

#[tokio::test]
async fn a_session_that_ends_again_under_the_same_call_is_renewed_up_to_three_times() {
    for (times, renewed) in [(3, true), (4, false)] {
        let server = ending_under_one_call(times).await;
        let client = Client::builder(Instance::parse(&server.url()).unwrap()).build();
        let session = client.login("sally", Password::new("a password")).await.unwrap();
        let others = tokio::spawn({
            let session = session.clone();
            async move { while session.get_user_id().await.is_ok() {} }
        });
        let outcome = session.get_available_modules().await;
        others.abort();
        let error = outcome.err().map(|error| error.kind());
        assert_eq!(error, (!renewed).then_some(ErrorKind::SessionGone));
        let of = |method: &str| {
            let method = format!("method={method}");
            server.count(|came| String::from_utf8_lossy(&came.body).contains(&method))
        };
        assert_eq!((of("login"), of("get_available_modules")), (4, 4), "{times}");
    }
}

/// Both ends of each connection are in this process; systems often begin with 1,024 for both.
#[cfg(unix)]
fn allow_many_connections() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < 4096) {
        let current = Some(maximum.map_or(4096, |maximum| maximum.min(4096)));
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
    }
}

#[cfg(not(unix))]
fn allow_many_connections() {}

/// A thousand clients on one transport, by both doors.
async fn thousand_sessions(sandbox: &Sandbox, transport: &Transport) -> Vec<Session> {
    let mut sessions = Vec::new();
    for number in 0..1000 {
        let client = builder(sandbox).transport(transport).build();
        let session = match number % 2 {
            0 => client.oauth_access(&token()).await,
            _ => {
                client
                    .login(sandbox.user_name(), Password::new(sandbox.password()))
                    .await
            }
        };
        sessions.push(session.unwrap());
    }
    sessions
}

fn is_login(request: &ReceivedRequest) -> bool {
    matches!(request.rest_method().as_deref(), Some("oauth_access" | "login"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_sessions_that_end_at_once_eight_at_a_time_are_renewed() {
    /// How long the server takes for a login.
    const WORK: Duration = Duration::from_millis(20);
    const AT_ONCE: usize = 8;
    allow_many_connections();
    let sandbox = sandbox().await;
    let sessions = thousand_sessions(&sandbox, &Transport::new()).await;
    let began = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&began);
    sandbox.latency(move |request| {
        if !is_login(request) {
            return Duration::ZERO;
        }
        noted.lock().unwrap().push(Instant::now());
        WORK
    });
    sandbox.expire_sessions();
    let started = Instant::now();
    let tasks: Vec<_> = sessions
        .iter()
        .map(|session| {
            let session = session.clone();
            tokio::spawn(async move { session.get_user_id().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    println!("renewed in {:.1?}", started.elapsed());
    let living: HashSet<_> = sandbox.state().sessions.into_iter().map(|session| session.id).collect();
    assert_eq!(living.len(), 1000, "one renewal each");
    assert!(sessions.iter().all(|session| living.contains(session.id().expose())));
    // The ninth begins only when one of those before it has been answered.
    let began = began.lock().unwrap();
    assert_eq!(began.len(), 1000, "some had to ask again");
    assert!(
        began
            .windows(AT_ONCE + 1)
            .all(|logins| logins[AT_ONCE] - logins[0] >= WORK)
    );
}

/// Each waits for its turn; what the first ones learn of the server is told to those who wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_is_not_asked_by_each_of_a_hundred() {
    let sandbox = sandbox().await;
    let url = sandbox.url().to_owned();
    sandbox.stop().await;
    let (transport, began) = (Transport::builder().logins_at_once(2).build(), Instant::now());
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let client = Client::builder(Instance::parse(&url).unwrap())
                .transport(&transport)
                .build();
            tokio::spawn(async move { client.login("sally", Password::new("a password")).await })
        })
        .collect();
    for task in tasks {
        let error = task.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    }
    // Four attempts take 0.7 to 1.4 s; fifty turns would take more than half a minute.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}
