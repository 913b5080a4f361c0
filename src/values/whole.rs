//! Whole numbers, as `with` modules for the fields of users' own structs.

use super::scalar::{self, ApiText, Scalar};

/// Any integer type.
struct Whole<T>(T);

impl<T: TryFrom<i128> + Copy + std::fmt::Display> ApiText for Whole<T> {
    const MEANT: &'static str = "a whole number that fits";

    fn read(value: Scalar) -> Option<Self> {
        let number: i128 = match value {
            Scalar::Integer(number) => number,
            Scalar::Text(text) => text.parse().ok()?,
            _ => return None,
        };
        T::try_from(number).ok().map(Self)
    }

    fn write(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// A whole number that comes as a text, as any of Rust's integer types but `u128`.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Record {
///     #[serde(with = "sugar_oauth::values::integer")]
///     probability: u8,
/// }
/// let record: Record = serde_json::from_str(r#"{"probability":"10"}"#)?;
/// assert_eq!(record.probability, 10);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub mod integer {
    use super::Whole;
    use std::fmt::Display;

    /// Reads the field.
    ///
    /// # Errors
    /// The deserializer's, for what is no whole number or does not fit.
    pub fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: serde::Deserializer<'de>,
        T: TryFrom<i128> + Copy + Display,
    {
        super::scalar::deserialize(deserializer).map(|Whole(number)| number)
    }

    /// Writes the number as a text.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S, T>(number: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
        T: TryFrom<i128> + Copy + Display,
    {
        super::scalar::serialize(&Whole(*number), serializer)
    }
}

/// A whole number or none, as an `Option` of any of Rust's integer types but `u128`.
///
/// An empty text and `null` are `None`, and `#[serde(default)]` makes `None` of an absent field. `None` is written as the
/// empty text, which empties the field.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Record {
///     #[serde(default, with = "sugar_oauth::values::optional_integer")]
///     employees_c: Option<u32>,
/// }
/// let record: Record = serde_json::from_str(r#"{"employees_c":""}"#)?;
/// assert_eq!(record.employees_c, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub mod optional_integer {
    use super::Whole;
    use std::fmt::Display;

    /// Reads the field.
    ///
    /// # Errors
    /// The deserializer's, for what is no whole number or does not fit.
    pub fn deserialize<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        D: serde::Deserializer<'de>,
        T: TryFrom<i128> + Copy + Display,
    {
        let number = super::scalar::deserialize_optional(deserializer)?;
        Ok(number.map(|Whole(number)| number))
    }

    /// Writes the number as a text.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S, T>(number: &Option<T>, serializer: S) -> Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
        T: TryFrom<i128> + Copy + Display,
    {
        super::scalar::serialize_optional(number.map(Whole).as_ref(), serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: ApiText>(json: &str) -> Option<T> {
        scalar::deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
    }

    #[test]
    fn numbers_fit_or_are_an_error() {
        assert!(matches!(read(r#""255""#), Some(Whole(255_u8))));
        assert!(matches!(read("-1"), Some(Whole(-1_i8))));
        assert!(matches!(read(r#""18446744073709551615""#), Some(Whole(u64::MAX))));
        for json in [r#""256""#, "-1", r#""1.0""#, r#""1,000""#, r#""""#, "null", "1.5"] {
            assert!(read::<Whole<u8>>(json).is_none(), "{json}");
        }
    }
}
