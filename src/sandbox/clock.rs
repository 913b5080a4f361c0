//! The server's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The latest time that an HTTP date can name, in milliseconds since 1970.
const END_OF_YEAR_9999: i64 = 253_402_300_799_000;

/// The clock of a sandbox: the machine's clock and an offset. Clones share the offset.
///
/// It decides `gmt_time`, the `Date` header, and when sessions, request tokens and tokens of OAuth 2 expire.
/// It moves nothing that a test waits for: delays and stalls use real time.
///
/// ```
/// use std::time::Duration;
///
/// use sugar_oauth::sandbox::Sandbox;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// sandbox.clock().set_offset(3_600);
/// let before = sandbox.clock().unix_time();
/// sandbox.clock().advance(Duration::from_secs(60));
/// assert!(sandbox.clock().unix_time() >= before + 60);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_milliseconds: Arc<AtomicI64>,
}

impl Clock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(END_OF_YEAR_9999);
        let add = |offset: i64| Some(offset.saturating_add(by));
        let _ = self
            .offset_milliseconds
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Sets how many seconds the server's clock is ahead of the machine's (negative: behind).
    pub fn set_offset(&self, seconds: i64) {
        self.offset_milliseconds
            .store(seconds.saturating_mul(1000), Ordering::Relaxed);
    }

    /// The server's time in whole seconds since 1970.
    pub fn unix_time(&self) -> i64 {
        self.milliseconds() / 1000
    }

    /// The server's time, between 1970 and the end of the year 9999.
    pub(crate) fn milliseconds(&self) -> i64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let machine = i64::try_from(machine.as_millis()).unwrap_or(END_OF_YEAR_9999);
        let offset = self.offset_milliseconds.load(Ordering::Relaxed);
        machine.saturating_add(offset).clamp(0, END_OF_YEAR_9999)
    }

    /// For example `Sat, 21 Nov 2026 08:54:25 GMT`.
    pub(crate) fn http_date(&self) -> String {
        let milliseconds = u64::try_from(self.milliseconds()).unwrap_or_default();
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(milliseconds))
    }

    /// For example `2026-11-21 08:54:25`.
    pub(crate) fn gmt_time(&self) -> String {
        date_time(self.unix_time())
    }
}

/// Seconds since 1970 as `2026-11-21 08:54:25`.
pub(crate) fn date_time(seconds: i64) -> String {
    let (year, month, day) = civil_date(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// The day counted from 1970-01-01 of a date of the Gregorian calendar.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day counted from 1970-01-01, by the rules of the Gregorian calendar.
fn civil_date(days: i64) -> (i64, i64, i64) {
    // Years are counted from March, so that the leap day is the last day of a year.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_days_as_the_calendar_does() {
        assert_eq!(civil_date(0), (1970, 1, 1));
        assert_eq!(civil_date(11_016), (2000, 2, 29));
        assert_eq!(civil_date(20_778), (2026, 11, 21));
        assert_eq!(civil_date(2_932_896), (9999, 12, 31));
        for day in (0..2_932_896).step_by(97) {
            let (year, month, date) = civil_date(day);
            assert_eq!(days_from_civil(year, month, date), day);
        }
    }

    #[test]
    fn moves_and_stays_in_bounds() {
        let clock = Clock::default();
        let before = clock.unix_time();
        clock.advance(Duration::from_secs(3600));
        assert!((3600..3700).contains(&(clock.unix_time() - before)));
        clock.set_offset(i64::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.gmt_time(), "9999-12-31 23:59:59");
        assert!(clock.http_date().contains("9999"));
        clock.set_offset(i64::MIN);
        assert_eq!(clock.gmt_time(), "1970-01-01 00:00:00");
    }
}
