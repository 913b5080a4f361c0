//! The conformance suite: what this crate expects of a server, asked of a server.
//!
//! By default of the practice instance, in every flavour that can walk. Against a live instance:
//!
//! ```sh
//! SUGAR_TEST_URL=https://crm.example.com SUGAR_TEST_CONSUMER_KEY=… SUGAR_TEST_CONSUMER_SECRET=… \
//! SUGAR_TEST_USER=… SUGAR_TEST_PASSWORD=… cargo test --test conformance
//! ```
//!
//! `SUGAR_TEST_SIGNING_URL` and `SUGAR_ALLOW_HTTP=1` help where the instance needs them. It writes nonces, tokens, sessions
//! and records of its own, which it removes again. What a live instance cannot be asked is counted and printed.

mod attachments;
mod direct;
mod doors;
mod metadata;
mod person;
mod reads;
mod records;
mod refusals;
mod relations;
mod sandbox_only;
mod sessions;
mod target;
mod walk;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Instant;

use sugar_oauth::sandbox::Flavour;
use target::Target;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One expectation.
pub struct Case {
    name: &'static str,
    run: fn(Target) -> Running,
}

/// Names functions of a module as cases.
#[macro_export]
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        pub const CASES: &[$crate::Case] = &[$($crate::Case {
            name: concat!(module_path!(), "::", stringify!($name)),
            run: |target| Box::pin($name(target)),
        }),+];
    };
}

/// What any server can be asked.
const ANYWHERE: [&[Case]; 10] = [
    walk::CASES,
    refusals::CASES,
    sessions::CASES,
    doors::CASES,
    reads::CASES,
    direct::CASES,
    records::CASES,
    relations::CASES,
    metadata::CASES,
    attachments::CASES,
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filter = arguments.iter().find(|argument| !argument.starts_with("--"));
    let wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter.as_str()));
    let live = target::is_live();
    let places: Vec<Option<Flavour>> = match live {
        true => vec![None],
        false => Flavour::ALL
            .iter()
            .copied()
            .filter(|flavour| flavour.can_walk())
            .map(Some)
            .collect(),
    };

    let mut cases: Vec<&Case> = ANYWHERE.into_iter().flatten().collect();
    if !live {
        cases.extend(sandbox_only::CASES);
    }

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let started = Instant::now();
    let (mut passed, mut failed, mut filtered) = (0, Vec::new(), 0);
    for place in places {
        let place_name = place.map_or_else(|| String::from("live"), |flavour| flavour.to_string());
        for case in &cases {
            let name = format!("{place_name}::{}", case.name.trim_start_matches("conformance::"));
            if !wanted(&name) {
                filtered += 1;
                continue;
            }
            if arguments.iter().any(|argument| argument == "--list") {
                println!("{name}: test");
                continue;
            }
            let run = async {
                let target = Target::start(place).await;
                // A task of its own, so that a panic ends this case alone.
                tokio::spawn((case.run)(target)).await.is_ok()
            };
            let ok = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(run))).unwrap_or(false);
            println!("test {name} ... {}", if ok { "ok" } else { "FAILED" });
            if ok {
                passed += 1;
            } else {
                failed.push(name);
            }
        }
    }
    let not_askable = sandbox_only::CASES.len();
    println!(
        "\nconformance: {not_askable} of {} expectations cannot be asked of a live instance{}",
        ANYWHERE.into_iter().flatten().count() + not_askable,
        if live {
            " and were left out"
        } else {
            "; they were asked here"
        }
    );
    for name in &failed {
        println!("failed: {name}");
    }
    println!(
        "\ntest result: {}. {passed} passed; {} failed; 0 ignored; 0 measured; {filtered} filtered out; finished in {:.2}s\n",
        if failed.is_empty() { "ok" } else { "FAILED" },
        failed.len(),
        started.elapsed().as_secs_f64()
    );
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
