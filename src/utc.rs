//! A moment in UTC, to the second: all the precision that the API has.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

const SECONDS_A_DAY: i64 = 86_400;

/// A moment in UTC, in whole seconds, shown as the API writes it: `2026-11-21 08:54:25`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use sugar_oauth::UtcTime;
///
/// let modified = UtcTime::parse("2026-11-21 08:54:25").expect("as the API writes it");
/// assert_eq!(modified.unix_seconds(), 1_795_251_265);
/// assert_eq!(UtcTime::from_unix_seconds(0).to_string(), "1970-01-01 00:00:00");
/// assert!("2026-11-21T08:54:25Z".parse::<UtcTime>().is_err());
///
/// // Reckoning is the standard library's.
/// let an_hour_ago = UtcTime::from(SystemTime::now() - Duration::from_secs(3600));
/// assert!(an_hour_ago < UtcTime::now());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime {
    seconds: i64,
}

impl UtcTime {
    /// The local clock's moment.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// From seconds since 1970-01-01 00:00:00 UTC.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// Reads `YYYY-MM-DD hh:mm:ss`; `None` for anything else, a day or hour that does not exist included.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.as_bytes().split_at_checked(10)?;
        if time.len() != 9 || [time[0], time[3], time[6]] != *b" ::" {
            return None;
        }
        let (year, month, day) = parse_day(day)?;
        let (hour, minute, second) = (number(&time[1..3])?, number(&time[4..6])?, number(&time[7..9])?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Self {
            seconds: days_since_epoch(year, month, day) * SECONDS_A_DAY + hour * 3600 + minute * 60 + second,
        })
    }

    /// Year, month and day.
    pub(crate) fn day(self) -> (i64, i64, i64) {
        date_of(self.seconds.div_euclid(SECONDS_A_DAY))
    }

    /// The first second of a day that exists.
    pub(crate) fn midnight((year, month, day): (i64, i64, i64)) -> Self {
        Self {
            seconds: days_since_epoch(year, month, day) * SECONDS_A_DAY,
        }
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// Reads `YYYY-MM-DD` to year, month and day; `None` for a day that does not exist.
pub(crate) fn parse_day(text: &[u8]) -> Option<(i64, i64, i64)> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let day = (number(&text[..4])?, number(&text[5..7])?, number(&text[8..])?);
    is_day(day).then_some(day)
}

/// Whether the calendar has this day.
pub(crate) fn is_day((year, month, day): (i64, i64, i64)) -> bool {
    (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && date_of(days_since_epoch(year, month, day)) == (year, month, day)
}

/// Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March so that the leap day is last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let years = if month > 2 { year } else { year - 1 };
    let month_from_march = (month + 9) % 12;
    let leap_days = years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    years * 365 + leap_days + (153 * month_from_march + 2) / 5 + day - 1 - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    // A first guess that is at most one year late, then the year's own first day decides.
    let mut years = (days + 719_468) * 400 / 146_097;
    while days_since_epoch(years, 3, 1) > days {
        years -= 1;
    }
    while days_since_epoch(years + 1, 3, 1) <= days {
        years += 1;
    }
    let day_of_year = days - days_since_epoch(years, 3, 1);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (if month > 2 { years } else { years + 1 }, month, day)
}

impl fmt::Display for UtcTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.day();
        let second = self.seconds.rem_euclid(SECONDS_A_DAY);
        write!(
            formatter,
            "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }
}

impl FromStr for UtcTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| Error::invalid_input("not a time: YYYY-MM-DD hh:mm:ss is meant"))
    }
}

impl From<SystemTime> for UtcTime {
    fn from(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
        };
        Self { seconds }
    }
}

impl From<UtcTime> for SystemTime {
    fn from(time: UtcTime) -> Self {
        let span = Duration::from_secs(time.seconds.unsigned_abs());
        let moment = if time.seconds < 0 {
            UNIX_EPOCH.checked_sub(span)
        } else {
            UNIX_EPOCH.checked_add(span)
        };
        moment.unwrap_or(UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_seconds_agree_with_a_captured_answer() {
        // The answer of get_server_info and the Date header of the same exchange, and its signed timestamp.
        let time = UtcTime::parse("2026-11-21 08:54:25").unwrap();
        assert_eq!(time.unix_seconds(), 1_795_251_265);
        let header = httpdate::parse_http_date("Sat, 21 Nov 2026 08:54:25 GMT").unwrap();
        assert_eq!(UtcTime::from(header), time);
        assert_eq!(SystemTime::from(time), header);
    }

    #[test]
    fn every_day_of_eight_centuries_reads_back_and_agrees_with_httpdate() {
        for day in 0..300_000 {
            let time = UtcTime::from_unix_seconds(day * SECONDS_A_DAY + 3_661);
            assert_eq!(UtcTime::parse(&time.to_string()), Some(time));
            if day % 97 == 0 {
                let http = httpdate::fmt_http_date(SystemTime::from(time));
                assert_eq!(&http[12..16], &time.to_string()[..4], "{http}");
                assert_eq!(&http[5..7], &time.to_string()[8..10], "{http}");
            }
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-02-30 00:00:00",
            "2026-13-01 00:00:00",
            "2026-11-21T08:54:25",
            "2026-11-21 24:00:00",
        ] {
            assert_eq!(UtcTime::parse(text), None, "{text}");
        }
    }
}
