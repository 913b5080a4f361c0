//! Values of options, read the same way everywhere.

use std::time::Duration;

use super::failure::Failure;

/// A command line that cannot be read.
pub fn usage(error: lexopt::Error) -> Failure {
    Failure::usage(sugar_oauth::printable(&error.to_string())).hint("--help")
}

/// Names between commas.
pub fn names(text: &str) -> Result<Vec<String>, lexopt::Error> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().any(String::is_empty) {
        true => Err("--fields takes names between commas, such as name,phone_work".into()),
        false => Ok(names),
    }
}

/// A number of seconds, up to a day.
pub fn seconds(option: &str, text: &str) -> Result<Duration, lexopt::Error> {
    let seconds: Option<f64> = text.parse().ok();
    let sensible = seconds.filter(|seconds| (0.0..=86_400.0).contains(seconds));
    sensible
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("{option} takes seconds, up to 86400").into())
}

/// A number from 1 to `most`.
pub fn count(option: &str, text: &str, most: u32) -> Result<u32, lexopt::Error> {
    let count: Option<u32> = text.parse().ok();
    count
        .filter(|count| (1..=most).contains(count))
        .ok_or_else(|| format!("{option} takes a number from 1 to {most}").into())
}
