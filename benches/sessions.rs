//! Ten thousand clients with a session each in one process, over one transport: what each costs while it is idle, and how
//! long a thousand of them take to be renewed. The practice instance is a process of its own. Linux only, for `/proc`.

use std::alloc::System;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, process};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{AccessToken, Client, Consumer, Instance, Password, Session, SessionId, TokenSecret, Transport};
use sugar_oauth_bench::memory_of;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The name under which this program finds itself to be the server.
const IS_SERVER: &str = "SUGAR_OAUTH_BENCH_IS_SERVER";
const CONSUMER: (&str, &str) = ("CUSTOMKEY", "CUSTOMSECRET");
const TOKEN: (&str, &str) = ("c2d6b05b37d1", "773eab1abc65");
const USER: (&str, &str) = ("sally", "a password");
const SESSIONS: usize = 10_000;
const RENEWED: usize = 1_000;

fn main() {
    allow_many_connections();
    let runtime = Runtime::new().expect("a runtime");
    if env::var_os(IS_SERVER).is_some() {
        runtime.block_on(serve());
    } else {
        let (mut server, url) = start_server();
        runtime.block_on(measure(&url));
        server.kill().expect("it runs");
        server.wait().expect("it ends");
    }
}

async fn serve() {
    let builder = Sandbox::builder().consumer(CONSUMER.0, CONSUMER.1).user(USER.0, USER.1);
    let sandbox = builder
        .access_token(TOKEN.0, TOKEN.1)
        .start()
        .await
        .expect("a practice instance");
    println!("{}", sandbox.url());
    std::future::pending::<()>().await;
}

fn start_server() -> (Child, String) {
    let mut server = Command::new(env::current_exe().expect("this program"))
        .env(IS_SERVER, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut url = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut url).expect("a URL");
    (server, url.trim().to_owned())
}

async fn measure(url: &str) {
    let transport = Transport::builder().no_proxy().build();
    // What there is once for all is made here, and what grows with connections.
    let warm = many(url, &transport, 200).await;
    idle().await;
    let before = used();
    let began = Instant::now();
    let sessions = many(url, &transport, SESSIONS).await;
    let opened = began.elapsed();
    idle().await;
    let after = used();
    println!(
        "{SESSIONS} idle sessions: {:.2} KB each on the heap, {:.2} KB each of resident memory; opened in {opened:.1?}",
        kilobytes_each(before.0, after.0),
        kilobytes_each(before.1, after.1)
    );
    renew(&sessions[..RENEWED]).await;
    // What the transport keeps of the connections goes within 30 s; the server closes unused ones after 20 s.
    tokio::time::sleep(Duration::from_secs(35)).await;
    let renewed = used();
    println!(
        "afterwards {:.2} KB each on the heap, {:.2} KB each of resident memory; at most {:.1} MB in all",
        kilobytes_each(before.0, renewed.0),
        kilobytes_each(before.1, renewed.1),
        memory_of(process::id()).peak as f64 / 1e6
    );
    drop((warm, sessions));
    println!(
        "all dropped: {:.1} MB on the heap, {:.1} MB before them",
        used().0 as f64 / 1e6,
        before.0 as f64 / 1e6
    );
}

/// Each with a client of its own. One half is opened with one consumer key and an access token; the others by password, and
/// have a consumer key each, so that each keeps a clock, too.
async fn many(url: &str, transport: &Transport, count: usize) -> Vec<Session> {
    let mut sessions = Vec::with_capacity(count);
    for number in 0..count {
        let key = match number % 2 {
            0 => CONSUMER.0.to_owned(),
            _ => format!("CUSTOMKEY-{count}-{number}"),
        };
        let client = Client::builder(Instance::parse(url).expect("a site"))
            .consumer(Consumer::new(key, CONSUMER.1).expect("a consumer"))
            .transport(transport)
            .build();
        let session = match number % 2 {
            0 => {
                let token = AccessToken::from_parts(TOKEN.0, TokenSecret::new(TOKEN.1)).expect("a token");
                client.oauth_access(&token).await
            }
            _ => client.login(USER.0, Password::new(USER.1)).await,
        };
        sessions.push(session.expect("a session"));
    }
    sessions
}

/// Ends the sessions as others could, then calls with all of them at once.
async fn renew(sessions: &[Session]) {
    let ids: Vec<SessionId> = sessions.iter().map(Session::id).collect();
    for (session, id) in sessions.iter().zip(ids) {
        session
            .client()
            .session(id)
            .expect("an id")
            .logout()
            .await
            .expect("an end");
    }
    let began = Instant::now();
    let calls = sessions
        .iter()
        .map(|session| async { session.get_user_id().await.map(|_| began.elapsed()) });
    let mut times: Vec<Duration> = futures_util::future::join_all(calls)
        .await
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("all are renewed");
    times.sort_unstable();
    println!(
        "{} of them renewed at once: the first after {:.0?}, half of them after {:.0?}, all after {:.0?}",
        times.len(),
        times[0],
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

/// Until the server has closed its connections: it keeps them for five seconds.
async fn idle() {
    tokio::time::sleep(Duration::from_secs(7)).await;
}

/// Bytes on the heap, and of resident memory.
fn used() -> (u64, u64) {
    let heap = ALLOCATOR.stats();
    (
        (heap.bytes_allocated - heap.bytes_deallocated) as u64,
        memory_of(process::id()).now,
    )
}

fn kilobytes_each(before: u64, after: u64) -> f64 {
    (after as f64 - before as f64) / SESSIONS as f64 / 1e3
}

/// A thousand calls at once are a thousand connections; many systems begin with fewer.
fn allow_many_connections() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < 4096) {
        let current = Some(maximum.map_or(4096, |maximum| maximum.min(4096)));
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).expect("a limit");
    }
}
