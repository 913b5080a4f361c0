//! Exports of 20,000 records and of ten times as many: how much longer, with how much memory and how much of the client's
//! own time. The client is a process of its own, started anew for each size; the practice instance stays in this one. Linux
//! only, for `/proc`.

use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use sugar_oauth::sandbox::{CostModel, Sandbox};
use sugar_oauth::{Client, Instance, Password, Transport};
use tokio::runtime::Runtime;

/// The name under which this program finds itself to be the client; its value is the site URL.
const CLIENT_OF: &str = "SUGAR_OAUTH_BENCH_CLIENT_OF";
const FIELDS: [&str; 7] = [
    "id",
    "first_name",
    "last_name",
    "title",
    "phone_work",
    "email1",
    "date_modified",
];

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    match env::var(CLIENT_OF) {
        Ok(url) => runtime.block_on(export_all(&url)),
        Err(_) => [21_250, 212_500]
            .into_iter()
            .for_each(|contacts| runtime.block_on(measure(contacts))),
    }
}

async fn measure(contacts: usize) {
    let began = Instant::now();
    let builder = Sandbox::builder().user("bench", "bench").records(1_000, contacts);
    let sandbox = builder.start().await.expect("a practice instance");
    println!("{contacts} contacts generated in {:.2?}", began.elapsed());
    sandbox.cost(CostModel::MEASURED.scaled(0.1));
    let mut client = Command::new(env::current_exe().expect("this program"));
    client.env(CLIENT_OF, sandbox.url()).stdin(Stdio::null());
    assert!(client.status().expect("a client").success());
}

async fn export_all(url: &str) {
    let transport = Transport::builder().no_proxy().build();
    let instance = Instance::parse(url).expect("a site");
    let client = Client::builder(instance).transport(&transport).build();
    let session = client.login("bench", Password::new("bench")).await.expect("a session");
    let began = (Instant::now(), cpu_seconds());
    let folder = tempfile::tempdir().expect("a folder");
    let export = session.export().modules(["Contacts"]).fields(FIELDS).sessions(2);
    let manifest = export.run(folder.path()).await.expect("an export");
    assert!(manifest.is_complete(), "{manifest:?}");
    let lines: u64 = manifest.files.iter().map(|file| file.lines).sum();
    let (time, cpu) = (began.0.elapsed(), cpu_seconds() - began.1);
    println!(
        "{lines} records in {time:.2?}, {:.2} µs of CPU a record, peak memory {} MB",
        cpu * 1e6 / lines as f64,
        peak_kilobytes() / 1024
    );
}

/// User and system time of this process; the kernel counts hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("proc");
    let behind_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = behind_name.split(' ').skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).expect("VmHWM")
}
