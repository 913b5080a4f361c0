//! Dates, moments, amounts, multi-selects, flags and whole numbers: read from any JSON, written as the server stores them,
//! read the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use sugar_oauth::UtcTime;
use sugar_oauth::values::{Date, Decimal, MultiSelect};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flag(#[serde(with = "sugar_oauth::values::bool_text")] bool);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Whole(#[serde(with = "sugar_oauth::values::integer")] i64);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Moment(#[serde(with = "sugar_oauth::values::optional_utc")] Option<UtcTime>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Amount(#[serde(with = "sugar_oauth::values::optional_decimal")] Option<Decimal>);

fuzz_target!(|data: &[u8]| {
    round::<Date>(data);
    round::<UtcTime>(data);
    round::<Decimal>(data);
    round::<MultiSelect>(data);
    round::<Flag>(data);
    round::<Whole>(data);
    round::<Moment>(data);
    round::<Amount>(data);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let json = serde_json::to_vec(text).expect("JSON");
    round::<MultiSelect>(&json);
    round::<UtcTime>(&json);
    round::<Date>(&json);
    if let Some(amount) = Decimal::parse(text) {
        assert_eq!(Decimal::parse(amount.as_str()).as_ref(), Some(&amount));
        assert!(amount.as_str().len() <= text.len() + 2);
        for digits in [0, 2, 6, 38, u8::MAX] {
            if let Ok(units) = amount.minor_units(digits) {
                assert_eq!(Decimal::from_minor_units(units, digits), amount);
            }
        }
        assert!(!amount.to_f64().is_nan());
        assert_eq!(amount.cmp(&amount), std::cmp::Ordering::Equal);
    }
    if let Some(date) = Date::parse(text) {
        assert_eq!(date.to_string(), text);
        assert_eq!(Date::new(date.year(), date.month(), date.day()).expect("a date"), date);
    }
});

fn round<T: for<'a> Deserialize<'a> + Serialize + PartialEq + std::fmt::Debug>(json: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(json) else {
        return;
    };
    // What the database cannot hold is not written.
    let Ok(text) = serde_json::to_vec(&value) else {
        return;
    };
    assert_eq!(serde_json::from_slice::<T>(&text).expect("its own text"), value);
}
