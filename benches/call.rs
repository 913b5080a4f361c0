//! One call with a session, beside the same POST through the HTTP library alone, each on one open connection: in time,
//! and in the CPU time of the thread that calls.
//!
//! The server repeats a recorded answer on a thread of its own, so that both sides wait for the same and only the
//! client's work is counted.

use std::future::Future;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use rustix::time::{ClockId, clock_gettime};
use sugar_oauth::signing::Parameters;
use sugar_oauth::{Client, Consumer, GetUserId, Instance, Session, SessionId, Transport};
use sugar_oauth_bench::replay;
use tokio::runtime::Runtime;

const RECORDED: &str = include_str!("../tests/captures/get_user_id_ok.txt");
const SESSION: &str = "8aabe1eb2e1a91f6d7ec010d91d07b29";

/// Calls of one side before it is the other's turn, where both are compared.
const TURN: u32 = 50;
const TURNS: usize = 400;

/// Both sides, and the thread that they share with their connections.
struct Sides {
    runtime: Runtime,
    session: Session,
    http: reqwest::Client,
    url: String,
    form: String,
}

impl Sides {
    fn new() -> Self {
        let (_request, answer) = RECORDED.split_once("==== RESPONSE ====\n").expect("a recorded answer");
        // The connection stays open here.
        let answer = answer.replace("Connection: close\r\n", "");
        let site = format!("http://{}", replay(answer).expect("a port"));

        let transport = Transport::builder().no_proxy().build();
        let client = Client::builder(Instance::parse(&site).expect("a site"))
            .consumer(Consumer::new("CUSTOMKEY", "CUSTOMSECRET").expect("a consumer"))
            .transport(&transport)
            .build();
        let session = client.session(SessionId::new(SESSION)).expect("a session");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        // What follows needs the TLS library that the first call of the other side sets up.
        runtime.block_on(session.call(&GetUserId)).expect("an id");
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("sugar-oauth/0.1.0")
            .build()
            .expect("an HTTP client");
        let form = Parameters::new()
            .with("method", "get_user_id")
            .with("input_type", "JSON")
            .with("request_type", "JSON")
            .with("response_type", "JSON")
            .with("rest_data", format!("{{\"session\":\"{SESSION}\"}}"))
            .to_form();
        let url = format!("{site}/service/v4_1/rest.php");
        Self {
            runtime,
            session,
            http,
            url,
            form,
        }
    }

    async fn ours(&self) -> String {
        self.session.call(&GetUserId).await.expect("an id")
    }

    async fn bare(&self) -> String {
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(self.form.clone()).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("an id")
    }

    /// So many calls of one kind, one after another: the time they took, and the CPU time of this thread.
    fn run<F: Future<Output = String>>(&self, calls: u64, call: impl Fn() -> F) -> (Duration, Duration) {
        self.runtime.block_on(async {
            let (began, cpu) = (Instant::now(), cpu_time());
            for _ in 0..calls {
                black_box(call().await);
            }
            (began.elapsed(), cpu_time() - cpu)
        })
    }
}

/// The CPU time that this thread has had.
fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a time since the thread began")
}

fn call(criterion: &mut Criterion) {
    let sides = Sides::new();
    let mut group = criterion.benchmark_group("call");
    group.bench_function("sugar-oauth", |bencher| {
        bencher.iter_custom(|calls| sides.run(calls, || sides.ours()).0);
    });
    group.bench_function("reqwest", |bencher| {
        bencher.iter_custom(|calls| sides.run(calls, || sides.bare()).0);
    });
    group.finish();

    let mut group = criterion.benchmark_group("call-cpu");
    group.bench_function("sugar-oauth", |bencher| {
        bencher.iter_custom(|calls| sides.run(calls, || sides.ours()).1);
    });
    group.bench_function("reqwest", |bencher| {
        bencher.iter_custom(|calls| sides.run(calls, || sides.bare()).1);
    });
    group.finish();
}

/// Both sides in turns, so that whatever else the machine does meets them alike.
fn ratio(_: &mut Criterion) {
    let sides = Sides::new();
    let mut ours = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..TURNS {
        ours.push(sides.run(TURN.into(), || sides.ours()));
        bare.push(sides.run(TURN.into(), || sides.bare()));
    }
    let [ours_time, ours_cpu, bare_time, bare_cpu] = [
        median(&ours, |turn| turn.0),
        median(&ours, |turn| turn.1),
        median(&bare, |turn| turn.0),
        median(&bare, |turn| turn.1),
    ];
    println!(
        "call: {:.2} times in time ({ours_time:.1} beside {bare_time:.1} µs), {:.2} times in CPU ({ours_cpu:.1} beside {bare_cpu:.1} µs)",
        ours_time / bare_time,
        ours_cpu / bare_cpu
    );
}

/// The median of some turns, in microseconds a call.
fn median(turns: &[(Duration, Duration)], of: fn(&(Duration, Duration)) -> Duration) -> f64 {
    let mut turns: Vec<Duration> = turns.iter().map(of).collect();
    turns.sort_unstable();
    turns[turns.len() / 2].as_secs_f64() * 1e6 / f64::from(TURN)
}

criterion_group!(benches, call, ratio);
criterion_main!(benches);
