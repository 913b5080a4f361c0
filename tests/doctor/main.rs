//! The doctor names every cause rightly, and keeps its promises in every request that it makes.

#[path = "../support/harness.rs"]
mod harness;
#[path = "../support/raw_http.rs"]
mod raw_http;
#[path = "../process/server.rs"]
#[allow(dead_code, reason = "each test file uses a part of this")]
mod server;
#[path = "../support/signer.rs"]
mod signer;

mod causes;
mod network;
mod promises;
mod table;
mod tls;

use sugar_oauth::doctor::{Finding, FindingId, Report, State};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{Client, ClientBuilder, Consumer, Instance};

/// A client of a sandbox, as its owner would set it up.
fn client_of(sandbox: &Sandbox) -> ClientBuilder {
    let consumer = Consumer::new(sandbox.consumer_key(), sandbox.consumer_secret()).expect("a consumer");
    at(sandbox.url()).consumer(consumer)
}

/// A client without a consumer.
fn at(url: &str) -> ClientBuilder {
    Client::builder(Instance::parse(url).expect("a site URL"))
}

fn found(report: &Report, id: FindingId) -> Option<&Finding> {
    report.findings.iter().find(|finding| finding.id == id)
}

/// Everything that a finding says to do, as text.
fn remedies(finding: &Finding) -> String {
    let of_causes = finding.causes.iter().flat_map(|cause| &cause.remedies);
    let all = finding.remedies.iter().chain(of_causes);
    all.map(|remedy| remedy.to_string() + "\n").collect()
}

/// The finding is there with this remedy, and if it is a problem, it is the only one.
#[track_caller]
fn assert_found(name: &str, report: &Report, id: FindingId, remedy: &str) {
    let finding = found(report, id).unwrap_or_else(|| panic!("{name}: no {id} in\n{report}"));
    assert!(
        remedies(finding).contains(remedy),
        "{name}: no remedy {remedy:?} in\n{report}"
    );
    let problems: Vec<FindingId> = report.problems().map(|finding| finding.id).collect();
    let expected: &[FindingId] = if id.state().is_problem() { &[id] } else { &[] };
    assert_eq!(problems, expected, "{name}:\n{report}");
    assert_eq!(report.healthy, problems.is_empty(), "{name}");
    for finding in &report.findings {
        assert_eq!(finding.state, finding.id.state(), "{name}");
        assert!(!finding.summary.is_empty());
        assert_eq!(
            finding.causes.len() >= 2,
            finding.state == State::Alike,
            "{name}: {finding}"
        );
        let mended = !finding.remedies.is_empty() || finding.causes.iter().all(|cause| !cause.remedies.is_empty());
        assert!(!finding.state.is_problem() || mended, "{name}: nothing mends {finding}");
    }
}
