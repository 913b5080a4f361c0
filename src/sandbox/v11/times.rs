//! Times: ISO 8601 outside, UTC without a zone in the database.

use crate::sandbox::clock::{date_time, days_from_civil};
use std::ops::RangeInclusive;

/// Those that a column of the database can hold.
const YEARS: RangeInclusive<i64> = 1000..=9999;

/// `2026-01-31 10:00:00` as `2026-01-31T10:00:00+00:00`. A server writes the user's own offset; here every user's time
/// is UTC.
pub(super) fn to_iso(stored: &str) -> String {
    match stored.split_once(' ') {
        Some((day, time)) => format!("{day}T{time}+00:00"),
        None => stored.to_owned(),
    }
}

/// The stored form of a time such as `2026-01-31T10:00:00+02:00`, `…Z` or `…-0800`, with or without a fraction of the
/// second. None for any other text, a time without a zone included.
pub(super) fn from_iso(text: &str) -> Option<String> {
    let (day, rest) = text.split_once('T')?;
    let (year, month, day) = match digits(day, '-')?[..] {
        [year, month, day] => (year, month, day),
        _ => return None,
    };
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (time, zone) = rest.split_at(zone_at);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (hour, minute, second) = match digits(time, ':')?[..] {
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let is_day = (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = is_day && hour < 24 && minute < 60 && second < 60;
    if !is_time || !is_number(fraction) || !YEARS.contains(&year) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    // A day that the month does not have would be one of the next month.
    let next_month = match month {
        12 => days_from_civil(year + 1, 1, 1),
        _ => days_from_civil(year, month + 1, 1),
    };
    if days >= next_month {
        return None;
    }
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
    let first_day = days_from_civil(*YEARS.start(), 1, 1);
    let end = days_from_civil(YEARS.end() + 1, 1, 1);
    let is_stored = (first_day * 86_400..end * 86_400).contains(&seconds);
    is_stored.then(|| date_time(seconds))
}

/// The stored form of a day such as `1965-04-03`. None for any other text.
pub(super) fn day(text: &str) -> Option<String> {
    let midnight = from_iso(&format!("{text}T00:00:00Z"))?;
    midnight.split_once(' ').map(|(day, _)| day.to_owned())
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if digits.len() != 4 || !is_number(&digits) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str, separator: char) -> Option<Vec<i64>> {
    let part = |part: &str| is_number(part).then(|| part.parse().ok())?;
    text.split(separator).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_counted_into_utc() {
        // Expected values from `date -u -d …`.
        for (text, stored) in [
            ("2026-01-31T10:00:00Z", "2026-01-31 10:00:00"),
            ("2026-01-31T10:00:00.123+00:00", "2026-01-31 10:00:00"),
            ("2026-01-01T00:30:00+02:00", "2025-12-31 22:30:00"),
            ("2024-02-28T20:00:00-0800", "2024-02-29 04:00:00"),
            ("1970-01-01T00:00:00+01:00", "1969-12-31 23:00:00"),
            ("1900-03-01T00:00:00+0001", "1900-02-28 23:59:00"),
        ] {
            assert_eq!(from_iso(text).as_deref(), Some(stored));
        }
        assert_eq!(to_iso("2026-01-31 10:00:00"), "2026-01-31T10:00:00+00:00");
    }

    #[test]
    fn days_may_lie_before_1970_and_are_stored_in_one_form() {
        for (text, stored) in [
            ("1965-04-03", Some("1965-04-03")),
            ("2026-1-2", Some("2026-01-02")),
            ("2026-02-30", None),
            ("1900-02-29", None),
            ("", None),
            ("2026-01-02T00:00:00Z", None),
            ("2026-01-02T00:00:00+01:00", None),
        ] {
            assert_eq!(day(text).as_deref(), stored, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_with_a_zone_is_none() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31 10:00:00",
            "2026-01-31T10:00:00",
            "2026-02-29T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T10:00Z",
            "2026-01-31T10:00:00+2",
            "2026-01-31T10:00:00+é",
            "2026-01-31T10:00:00.Z",
            "+026-01-31T10:00:00Z",
            "99999999999999999999-01-31T10:00:00Z",
            "2026-01-9223372036854775807T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "1000-01-01T00:00:00+01:00",
            "9999-12-31T23:00:00-01:00",
            "0999-01-01T00:00:00Z",
        ] {
            assert_eq!(from_iso(text), None, "{text}");
        }
    }
}
