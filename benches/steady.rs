//! Calls at a steady rate for ten minutes, or for so many seconds by `-- --seconds 20`: whether memory stays flat. Calls with
//! sessions, pages of records, writes and signed calls are mixed; sessions die, reads meet faults, and clients come and go.
//! The practice instance is a process of its own, whose memory is told beside. Linux only, for `/proc`.
//!
//! The full run draws `docs/steady.svg`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use sugar_oauth::sandbox::{Fault, Sandbox};
use sugar_oauth::v4_1::{GetEntryList, SetEntry};
use sugar_oauth::{
    AccessToken, Client, Consumer, GetUserId, Instance, Result, Session, Signed, TokenSecret, Transport,
};
use sugar_oauth_bench::{Line, memory_chart, memory_of};
use tokio::runtime::Runtime;
use tokio::time::interval;

/// The name under which this program finds itself to be the server.
const IS_SERVER: &str = "SUGAR_OAUTH_BENCH_IS_SERVER";
const FULL: Duration = Duration::from_secs(600);
/// Calls a second.
const RATE: u32 = 40;
/// What is there after so long is where growth is counted from.
const WARM: Duration = Duration::from_secs(30);
const SESSIONS: usize = 8;
const CONSUMER: (&str, &str) = ("CUSTOMKEY", "CUSTOMSECRET");
const TOKEN: (&str, &str) = ("c2d6b05b37d1", "773eab1abc65");

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    if env::var_os(IS_SERVER).is_some() {
        return runtime.block_on(serve());
    }
    let arguments: Vec<String> = env::args().collect();
    let seconds = arguments.iter().position(|argument| argument == "--seconds");
    let time = seconds.map_or(FULL, |at| {
        Duration::from_secs(
            arguments
                .get(at + 1)
                .and_then(|number| number.parse().ok())
                .expect("a number of seconds"),
        )
    });
    let mut server = Command::new(env::current_exe().expect("this program"))
        .env(IS_SERVER, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut url = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut url).expect("a URL");
    runtime.block_on(run(url.trim(), server.id(), time));
    server.kill().expect("it runs");
    server.wait().expect("it ends");
}

/// The practice instance. It ends all sessions every ten seconds and fails three reads every seven.
async fn serve() {
    let builder = Sandbox::builder().consumer(CONSUMER.0, CONSUMER.1);
    let sandbox = builder
        .access_token(TOKEN.0, TOKEN.1)
        .start()
        .await
        .expect("a practice instance");
    println!("{}", sandbox.url());
    let (mut deaths, mut faults) = (interval(Duration::from_secs(10)), interval(Duration::from_secs(7)));
    loop {
        tokio::select! {
            _ = deaths.tick() => {
                sandbox.expire_sessions();
                // What it keeps for inspection is no leak, but it grows.
                sandbox.clear_requests();
            }
            _ = faults.tick() => {
                sandbox.clear_faults();
                sandbox.fault(Fault::status(503).once().on_method("get_entry_list"));
                sandbox.fault(Fault::reset_before_answer().once().on_method("get_user_id"));
                sandbox.fault(Fault::truncate(9).once().on_method("get_entries_count"));
            }
        }
    }
}

/// What the calls are made with.
struct Caller {
    url: String,
    transport: Transport,
    sessions: Vec<Session>,
    signed: Signed,
    /// The record that is written.
    contact: String,
}

impl Caller {
    async fn start(url: &str) -> Result<Self> {
        let transport = Transport::builder().no_proxy().build();
        let client = client(url, &transport)?;
        let mut sessions = Vec::new();
        for _ in 0..SESSIONS {
            sessions.push(client.oauth_access(&token()?).await?);
        }
        let list = sessions[0].call(&GetEntryList::new("Contacts").max_results(50)).await?;
        Ok(Self {
            // Some ids are odd, and no record is written under those.
            contact: list
                .entries
                .iter()
                .map(|entry| entry.id())
                .find(|id| id.len() == 36)
                .expect("a GUID")
                .to_owned(),
            url: url.to_owned(),
            signed: client.signed(&token()?)?,
            transport,
            sessions,
        })
    }

    /// The call of this number: of a hundred one by a client of its own, five signed, four writes, twenty pages.
    async fn call(&self, number: u64) -> Result<()> {
        let session = &self.sessions[number as usize % SESSIONS];
        match number % 100 {
            0 => {
                let session = client(&self.url, &self.transport)?.oauth_access(&token()?).await?;
                session.get_user_id().await?;
                session.logout().await
            }
            1..=5 => self.signed.call(&GetUserId).await.map(drop),
            6..=9 => {
                let entry = SetEntry::update("Contacts", &self.contact).set("description", format!("Call {number}"));
                session.call(&entry).await.map(drop)
            }
            10..=29 => {
                let list = GetEntryList::new("Contacts").order_by("contacts.id").max_results(20);
                session.call(&list.offset(number % 200)).await.map(drop)
            }
            30..=49 => session.get_entries_count("Contacts", "").await.map(drop),
            _ => session.get_user_id().await.map(drop),
        }
    }
}

fn client(url: &str, transport: &Transport) -> Result<Client> {
    let consumer = Consumer::new(CONSUMER.0, CONSUMER.1)?;
    let client = Client::builder(Instance::parse(url)?).consumer(consumer);
    Ok(client.transport(transport).build())
}

fn token() -> Result<AccessToken> {
    AccessToken::from_parts(TOKEN.0, TokenSecret::new(TOKEN.1))
}

async fn run(url: &str, server: u32, time: Duration) {
    let caller = Arc::new(Caller::start(url).await.expect("sessions"));
    let (answered, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    // A tick that comes late is made up for.
    let mut ticks = interval(Duration::from_secs(1) / RATE);
    let (began, mut samples) = (Instant::now(), Samples::default());
    for number in 0.. {
        ticks.tick().await;
        let now = began.elapsed();
        samples.take(now, server);
        if now >= time {
            break;
        }
        let (caller, answered, failed) = (Arc::clone(&caller), Arc::clone(&answered), Arc::clone(&failed));
        tokio::spawn(async move {
            match caller.call(number).await {
                Ok(()) => answered.fetch_add(1, Ordering::Relaxed),
                Err(error) => {
                    eprintln!("call {number}: {error}");
                    failed.fetch_add(1, Ordering::Relaxed)
                }
            };
        });
    }
    let (answered, failed) = (answered.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
    println!(
        "{answered} calls in {time:.0?}, {:.0} a second, {failed} failed",
        answered as f64 / time.as_secs_f64()
    );
    samples.tell("client", |sample| sample.1, memory_of(process::id()).peak);
    samples.tell("practice instance", |sample| sample.2, memory_of(server).peak);
    let svg = samples.chart(&format!(
        "{answered} calls, {RATE} a second by one process over {SESSIONS} sessions that die every 10 s"
    ));
    let path = match time == FULL {
        true => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/steady.svg")),
        false => env::temp_dir().join("steady.svg"),
    };
    fs::write(&path, svg).expect("it can be written");
    println!("{}", path.display());
}

/// When, and how much client and server have, in bytes.
#[derive(Default)]
struct Samples(Vec<(Duration, u64, u64)>);

impl Samples {
    /// Every two seconds.
    fn take(&mut self, now: Duration, server: u32) {
        if self.0.last().is_none_or(|last| now - last.0 >= Duration::from_secs(2)) {
            self.0.push((now, memory_of(process::id()).now, memory_of(server).now));
        }
    }

    fn tell(&self, who: &str, of: impl Fn(&(Duration, u64, u64)) -> u64, peak: u64) {
        let warm = self.0.iter().find(|sample| sample.0 >= WARM).or(self.0.first());
        let (Some(first), Some(warm), Some(last)) = (self.0.first(), warm, self.0.last()) else {
            return;
        };
        println!(
            "{who}: {:.1} MB at first, {:.1} MB after {:.0?}, {:.1} MB at last, {:.1} MB at most",
            of(first) as f64 / 1e6,
            of(warm) as f64 / 1e6,
            warm.0,
            of(last) as f64 / 1e6,
            peak as f64 / 1e6
        );
    }

    fn chart(&self, subtitle: &str) -> String {
        let line = |of: fn(&(Duration, u64, u64)) -> u64| -> Vec<(f64, f64)> {
            let points = self.0.iter();
            points
                .map(|sample| (sample.0.as_secs_f64() / 60.0, of(sample) as f64 / 1e6))
                .collect()
        };
        let (client, server) = (line(|sample| sample.1), line(|sample| sample.2));
        let lines = [
            Line {
                name: "client",
                points: &client,
            },
            Line {
                name: "practice instance",
                points: &server,
            },
        ];
        memory_chart("Resident memory at a steady rate", subtitle, &lines)
    }
}
