//! Amounts, as exact as the database holds them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::scalar::{ApiText, Scalar};
use crate::error::{Error, Result};

/// MySQL's DECIMAL has no more digits.
const MAX_DIGITS: usize = 65;

/// A decimal number as the API sends amounts and currencies: `1500.000000`.
///
/// It keeps the text, so nothing is lost on the way through; equality and order go by the number, `1500.00` equals
/// `1500.000000`. Count with [`minor_units`](Self::minor_units); [`to_f64`](Self::to_f64) is the nearest float.
///
/// ```
/// use sugar_oauth::values::Decimal;
/// let amount: Decimal = "1500.500000".parse()?;
/// assert_eq!(amount.minor_units(2)?, 150_050);
/// assert_eq!(Decimal::from_minor_units(150_050, 2).to_string(), "1500.50");
/// assert_eq!(amount, Decimal::from_minor_units(150_050, 2));
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Clone)]
pub struct Decimal {
    text: String,
}

impl Decimal {
    /// Reads digits with an optional sign and an optional decimal point: no exponent, no separators of thousands, no
    /// decimal comma, at most 65 digits. `None` for anything else.
    ///
    /// ```
    /// use sugar_oauth::values::Decimal;
    ///
    /// assert_eq!(Decimal::parse("1234.50").map(|amount| amount.to_f64()), Some(1234.5));
    /// assert_eq!(Decimal::parse("1,234.50"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (all_digits(whole) && all_digits(fraction) && digits.len() <= MAX_DIGITS).then(|| Self {
            text: text.strip_prefix('+').unwrap_or(text).to_owned(),
        })
    }

    /// From a count of the smallest unit: 150050 with 2 digits behind the point is `1500.50`.
    pub fn from_minor_units(units: i128, digits: u8) -> Self {
        let sign = if units < 0 { "-" } else { "" };
        let digits = usize::from(digits);
        let count = format!("{:0>width$}", units.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = count.split_at(count.len() - digits);
        let point = if digits == 0 { "" } else { "." };
        Self {
            text: format!("{sign}{whole}{point}{fraction}"),
        }
    }

    /// The number in units of its `digits`th digit behind the point, exactly: 2 gives cents.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when digits other than 0 would be lost, or when it is
    /// beyond an `i128`.
    pub fn minor_units(&self, digits: u8) -> Result<i128> {
        let digits = usize::from(digits);
        let (negative, whole, fraction) = self.parts();
        if fraction.len() > digits {
            return Err(Error::invalid_input(format!(
                "the number has more than {digits} digits behind the point"
            )));
        }
        let count = format!("{}{whole}{fraction:0<digits$}", if negative { "-" } else { "" });
        // A whole part of 0 is empty.
        match count.as_str() {
            "" => Ok(0),
            count => count
                .parse()
                .map_err(|_| Error::invalid_input("the number is beyond an i128")),
        }
    }

    /// The nearest float: for reports, not for counting.
    pub fn to_f64(&self) -> f64 {
        // Digits and a point are a float always; 65 of them are finite.
        self.text.parse().unwrap_or(f64::NAN)
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is below zero, and the digits that count before and behind the point.
    fn parts(&self) -> (bool, &str, &str) {
        let digits = self.text.trim_start_matches('-');
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        (self.text.starts_with('-') && !zero, whole, fraction)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (negative, whole, fraction) = self.parts();
        let (other_negative, other_whole, other_fraction) = other.parts();
        let size = || {
            let by_whole = whole.len().cmp(&other_whole.len()).then(whole.cmp(other_whole));
            by_whole.then(fraction.cmp(other_fraction))
        };
        match (negative, other_negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            _ => other_negative.cmp(&negative),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Decimal({})", self.text)
    }
}

impl FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| Error::invalid_input("not a decimal number: digits such as 1500.50 are meant"))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self::from_minor_units(number.into(), 0)
    }
}

impl ApiText for Decimal {
    const MEANT: &'static str = "a decimal number such as 1500.50";

    fn read(value: Scalar) -> Option<Self> {
        Self::parse(&match value {
            Scalar::Text(text) => text,
            Scalar::Integer(number) => number.to_string(),
            Scalar::Float(number) => number.to_string(),
            Scalar::Bool(_) | Scalar::Nothing => return None,
        })
    }

    fn write(&self) -> Option<String> {
        Some(self.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn only_plain_decimals_are_read() {
        for text in ["0", "-0.00", "1500.000000", "007", "-3.5", "+3.5"] {
            assert_eq!(decimal(text).as_str(), text.trim_start_matches('+'));
        }
        let long = "9".repeat(66);
        for text in [
            "", "-", ".5", "5.", "1e3", "1,500.00", "1500,00", " 1", "1 ", "--1", "-+1", "0x1", "NaN", "inf", "١",
            "1.2.3", &long,
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn minor_units_are_exact_or_an_error() {
        for (text, digits, units) in [
            ("1500.000000", 2, 150_000),
            ("1500", 2, 150_000),
            ("-0.07", 2, -7),
            ("0.000000", 0, 0),
            ("-0", 2, 0),
            ("19.99", 2, 1_999),
            ("170141183460469231731687303715884105727", 0, i128::MAX),
            ("-1701411834604692317316873037158841057.28", 2, i128::MIN),
        ] {
            assert_eq!(decimal(text).minor_units(digits).unwrap(), units, "{text}");
        }
        for (text, digits) in [
            ("0.001", 2),
            ("1.5", 0),
            ("170141183460469231731687303715884105728", 0),
            ("1", 255),
        ] {
            assert!(decimal(text).minor_units(digits).is_err(), "{text}");
        }
        assert_eq!(Decimal::from_minor_units(-7, 2).as_str(), "-0.07");
        assert_eq!(Decimal::from_minor_units(i128::MIN, 0).as_str(), i128::MIN.to_string());
    }

    #[test]
    fn order_and_equality_go_by_the_number() {
        let ascending = ["-10", "-9.5", "-0.1", "0", "0.09", "0.1", "9", "10.000001", "10.01"];
        for (place, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                assert_eq!(decimal(left).cmp(&decimal(right)), place.cmp(&other), "{left} {right}");
            }
        }
        assert_eq!(decimal("1500.00"), decimal("01500.000000"));
        assert_eq!(decimal("-0.0"), decimal("0"));
        assert_eq!(decimal("0.1").to_f64(), 0.1);
    }

    #[test]
    fn numbers_in_json_are_taken_too() {
        for (json, text) in [("1", "1"), ("-2.5", "-2.5"), (r#""1500.000000""#, "1500.000000")] {
            assert_eq!(serde_json::from_str::<Decimal>(json).unwrap().as_str(), text);
        }
        for json in [r#""""#, "null", "true", "1e300", "[]"] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
        assert_eq!(serde_json::to_string(&decimal("1500.00")).unwrap(), r#""1500.00""#);
    }
}
