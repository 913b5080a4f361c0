//! A day of the calendar.

use std::fmt;
use std::str::FromStr;

use super::scalar::{ApiText, Scalar};
use crate::error::{Error, Result};
use crate::utc::{UtcTime, is_day, parse_day};

/// The years that the database holds in a date column.
pub(super) const YEARS: std::ops::RangeInclusive<i64> = 1000..=9999;

/// A day without a time, as date fields hold it: `2026-11-21`.
///
/// ```
/// use sugar_oauth::values::Date;
/// let date: Date = "2026-11-21".parse()?;
/// assert_eq!(date, Date::new(2026, 11, 21)?);
/// assert_eq!(date.to_string(), "2026-11-21");
/// assert!("2026-11-21T00:00:00Z".parse::<Date>().is_err());
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day with this year (1000 to 9999, what the database holds), month (1 to 12) and day of the month.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self> {
        if YEARS.contains(&year.into()) && is_day((year.into(), month.into(), day.into())) {
            Ok(Self { year, month, day })
        } else {
            Err(Error::invalid_input(
                "there is no such day between the years 1000 and 9999",
            ))
        }
    }

    /// Reads `YYYY-MM-DD`; `None` for anything else.
    ///
    /// ```
    /// use sugar_oauth::values::Date;
    ///
    /// assert_eq!(Date::parse("2024-02-29").map(Date::day), Some(29));
    /// assert_eq!(Date::parse("2026-02-29"), None);
    /// assert_eq!(Date::parse("0000-00-00"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month, day) = parse_day(text.as_bytes())?;
        let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
        Self::new(year, month, day).ok()
    }

    /// The year, 1000 to 9999.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The first second of the day in UTC.
    ///
    /// ```
    /// use sugar_oauth::values::Date;
    ///
    /// assert_eq!(Date::new(2026, 11, 21)?.midnight().to_string(), "2026-11-21 00:00:00");
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn midnight(self) -> UtcTime {
        UtcTime::midnight((self.year.into(), self.month.into(), self.day.into()))
    }
}

/// The day of a moment, in UTC.
impl TryFrom<UtcTime> for Date {
    type Error = Error;

    fn try_from(time: UtcTime) -> Result<Self> {
        let (year, month, day) = time.day();
        // A month or day fits always; a year that does not is no day of ours.
        Self::new(u16::try_from(year).unwrap_or(0), month as u8, day as u8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| Error::invalid_input("not a date: YYYY-MM-DD is meant"))
    }
}

impl ApiText for Date {
    const MEANT: &'static str = "a date, YYYY-MM-DD";

    fn read(value: Scalar) -> Option<Self> {
        match value {
            Scalar::Text(text) => Self::parse(&text),
            _ => None,
        }
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_exist_and_days_that_do_not() {
        for text in ["2024-02-29", "2000-02-29", "1000-01-01", "9999-12-31", "2026-11-30"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "0999-12-31",
            "0000-00-00",
            "2026-11-31",
            "2026-00-10",
            "2026-13-01",
            "2026-1-1",
            "26-11-21",
            "21.11.2026",
            "2026-11-21 ",
            "2026-11-21T00:00:00Z",
            "٢026-11-2",
            "",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert!(Date::new(2026, 2, 29).is_err() && Date::new(10_000, 1, 1).is_err() && Date::new(2026, 1, 0).is_err());
    }

    #[test]
    fn a_day_and_its_moments() {
        let date = Date::new(2026, 11, 21).unwrap();
        assert_eq!(date.midnight().to_string(), "2026-11-21 00:00:00");
        let late = UtcTime::from_unix_seconds(date.midnight().unix_seconds() + 86_399);
        assert_eq!(Date::try_from(late).unwrap(), date);
        assert!(Date::try_from(UtcTime::from_unix_seconds(i64::MAX / 1000)).is_err());
        assert!(Date::try_from(UtcTime::from_unix_seconds(-62_200_000_000)).is_err());
    }
}
