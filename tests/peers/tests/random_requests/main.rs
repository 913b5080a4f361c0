//! Thousands of random requests that we sign, checked by oauthlib and by PECL's `OAuthProvider`; and as many spoilt
//! ones, which both must refuse.

mod case;
mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use case::{Case, encoded};
use random::Random;
use sugar_oauth::signing::Parameters;
use sugar_oauth_peers::process::ask;
use sugar_oauth_peers::programs::{php_with, python_with, scripts};

const CASES: usize = 5_000;
/// How many of them each peer has to have judged at least, and how many of those in each placement.
const WANTED: usize = 2_000;
const WANTED_EACH_PLACEMENT: usize = 600;

fn oauthlib() -> Command {
    let mut command = python_with("oauthlib");
    command.arg(scripts().join("oauthlib/validate.py"));
    command
}

fn pecl() -> Command {
    let mut command = php_with("oauth");
    command.arg(scripts().join("pecl/validate.php"));
    command
}

fn verdicts(validator: Command, cases: &[&Case]) -> Vec<String> {
    let lines: Vec<String> = cases.iter().map(|case| case.request.to_string()).collect();
    ask(validator, &lines)
}

fn cases(seed: u64) -> Vec<Case> {
    let mut random = Random(seed);
    (0..CASES).map(|_| Case::random(&mut random)).collect()
}

fn all_are_valid(name: &str, validator: Command, cases: &[&Case]) {
    assert!(
        cases.len() >= WANTED,
        "{name} is to judge at least {WANTED} requests, not {}",
        cases.len()
    );
    let mut placements = BTreeMap::new();
    for (case, verdict) in cases.iter().zip(verdicts(validator, cases)) {
        assert_eq!(verdict, "valid", "{name} on {:#}", case.request);
        *placements.entry(format!("{:?}", case.placement)).or_insert(0) += 1;
    }
    assert_eq!(placements.len(), 3);
    assert!(
        placements.values().all(|count| *count >= WANTED_EACH_PLACEMENT),
        "{placements:?}"
    );
    println!("{name}: {} requests of ours are valid: {placements:?}", cases.len());
}

fn none_is_valid(name: &str, validator: Command, cases: &[&Case], seed: u64) {
    let mut random = Random(seed);
    let spoilt: Vec<(&str, Case)> = cases.iter().map(|case| case.spoilt(&mut random)).collect();
    let requests: Vec<&Case> = spoilt.iter().map(|(_, case)| case).collect();
    let mut kinds = BTreeMap::new();
    for ((kind, case), verdict) in spoilt.iter().zip(verdicts(validator, &requests)) {
        assert!(
            verdict.starts_with("invalid"),
            "{name} on {kind} changed in {:#}",
            case.request
        );
        *kinds.entry(*kind).or_insert(0) += 1;
    }
    assert_eq!(kinds.len(), 7);
    println!("{name}: {} spoilt ones are refused: {kinds:?}", cases.len());
}

#[test]
fn oauthlib_finds_them_valid_and_the_spoilt_ones_not() {
    let cases = cases(1);
    let cases: Vec<&Case> = cases.iter().filter(|case| case.is_for_oauthlib()).collect();
    all_are_valid("oauthlib", oauthlib(), &cases);
    none_is_valid("oauthlib", oauthlib(), &cases, 2);
}

#[test]
fn pecl_finds_them_valid_and_the_spoilt_ones_not() {
    let cases = cases(3);
    let cases: Vec<&Case> = cases.iter().filter(|case| case.is_for_pecl()).collect();
    all_are_valid("PECL", pecl(), &cases);
    none_is_valid("PECL", pecl(), &cases, 4);
}

/// What is random could all be tame.
#[test]
fn the_requests_hold_what_is_hard_to_sign() {
    let cases = cases(1);
    let pairs = || cases.iter().flat_map(|case| &case.pairs);
    let ascii: BTreeSet<char> = pairs()
        .flat_map(|(_, value)| value.chars())
        .filter(char::is_ascii)
        .collect();
    assert_eq!(ascii.len(), 128);
    let in_names: BTreeSet<char> = pairs()
        .flat_map(|(name, _)| name.chars())
        .filter(char::is_ascii)
        .collect();
    assert_eq!(in_names.len(), 128);
    let duplicates = |case: &&Case| {
        case.pairs.iter().enumerate().any(|(index, (name, value))| {
            let before = &case.pairs[..index];
            before
                .iter()
                .any(|(other, first)| other == name && encoded(first) != *first && encoded(value) != *value)
        })
    };
    assert!(cases.iter().filter(duplicates).count() > 200);
    assert!(pairs().filter(|(_, value)| value.is_empty()).count() > 200);
    assert!(pairs().filter(|(_, value)| !value.is_ascii()).count() > 1_000);
    assert!(
        cases.iter().filter(|case| !case.is_for_pecl()).count() > 200,
        "orders differ, raw and encoded"
    );
}

/// Why PECL's provider is not asked about every request: it refuses what oauthlib, and the RFC, find right.
#[test]
fn pecl_sorts_before_it_encodes() {
    let case = Case::form("KEY", &Parameters::new().with("a", "z").with("a", "é"));
    assert!(!case.is_for_pecl());
    assert_eq!(verdicts(oauthlib(), &[&case]), ["valid"]);
    assert_eq!(verdicts(pecl(), &[&case]), ["invalid: Signatures do not match"]);
}

/// Why oauthlib is not asked about every request: it refuses what PECL, and the RFC, find right.
#[test]
fn oauthlib_decodes_the_protocols_parameters_twice() {
    let case = Case::form("KEY%41", &Parameters::new().with("a", "%41"));
    assert!(!case.is_for_oauthlib());
    assert_eq!(verdicts(pecl(), &[&case]), ["valid"]);
    assert_eq!(verdicts(oauthlib(), &[&case]), ["invalid: Valid signature: False"]);
}
