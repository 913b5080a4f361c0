//! The table in `docs/doctor.md` is the code's, and every finding in it has been seen.

use std::collections::BTreeSet;

use sugar_oauth::doctor::FindingId as Id;

use crate::causes::ROWS;

/// Findings that `network` and `tls` see.
const OF_CONNECTIONS: [Id; 18] = [
    Id::PlainHttp,
    Id::PlainHttpAllowed,
    Id::ThroughProxy,
    Id::NameResolved,
    Id::NameUnknown,
    Id::TcpConnected,
    Id::ConnectionRefused,
    Id::ProxyFailed,
    Id::TlsTrusted,
    Id::TlsExpired,
    Id::TlsNotYetValid,
    Id::TlsOtherName,
    Id::TlsUntrusted,
    Id::TlsNotSpoken,
    Id::TlsTooOld,
    Id::TlsClientCertificate,
    Id::TlsFailed,
    Id::ClockUnknown,
];

/// Findings that need a network or a machine of their own; unit tests in `src/doctor/network.rs` hold what they say.
const BY_UNIT_TESTS: [Id; 3] = [Id::ConnectionTimeout, Id::ConnectionFailed, Id::TlsNoCaCertificates];

#[test]
fn every_finding_is_seen_by_a_test() {
    let rows = ROWS.iter().map(|row| row.id);
    let seen: BTreeSet<Id> = rows.chain(OF_CONNECTIONS).chain(BY_UNIT_TESTS).collect();
    let all: BTreeSet<Id> = Id::ALL.iter().copied().collect();
    assert_eq!(seen, all);
}

#[test]
fn the_page_lists_the_findings_of_the_code() {
    let page = include_str!("../../docs/doctor.md");
    let findings = page.split("## Findings").nth(1).expect("the heading");
    let listed: Vec<&str> = findings.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = Id::ALL
        .iter()
        .map(|id| format!("| `{id}` | {} | {} |", id.state(), id.meaning()))
        .collect();
    assert_eq!(listed, expected);
}
