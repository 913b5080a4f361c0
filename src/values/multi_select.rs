//! Several values of a drop-down in one text.

use std::fmt;
use std::str::FromStr;

use super::scalar::{ApiText, Scalar};
use crate::error::{Error, Result};

/// The values chosen in a multi-select field: `^a^,^b^` in the API.
///
/// These are the keys of the drop-down list, not what the CRM's pages show for them. Sent as an array, which looks right,
/// the server stores NULL.
///
/// ```
/// use sugar_oauth::values::MultiSelect;
/// let regions = MultiSelect::new(["north", "west"])?;
/// assert_eq!(regions.to_string(), "^north^,^west^");
/// assert_eq!("^north^,^west^".parse::<MultiSelect>()?, regions);
/// # Ok::<(), sugar_oauth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct MultiSelect {
    values: Vec<String>,
}

impl MultiSelect {
    /// These values, in this order.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an empty value and for one that holds `^` or `,`:
    /// the text has no way to write them, and the server would read other values.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(values: I) -> Result<Self> {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        for (place, value) in values.iter().enumerate() {
            if value.is_empty() || value.contains(['^', ',']) {
                let what = if value.is_empty() {
                    "is empty"
                } else {
                    "holds ^ or a comma"
                };
                return Err(Error::invalid_input(format!(
                    "value {} of the multi-select {what}, which its text cannot tell",
                    place + 1
                )));
            }
        }
        Ok(Self { values })
    }

    /// The values.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Whether this value is chosen.
    ///
    /// ```
    /// use sugar_oauth::values::MultiSelect;
    ///
    /// let interests: MultiSelect = "^Golf^,^Sailing^".parse()?;
    /// assert!(interests.contains("Golf") && !interests.contains("Gol"));
    /// # Ok::<(), sugar_oauth::Error>(())
    /// ```
    pub fn contains(&self, value: &str) -> bool {
        self.values.iter().any(|chosen| chosen == value)
    }

    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Display for MultiSelect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value) in self.values.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(formatter, "{comma}^{value}^")?;
        }
        Ok(())
    }
}

/// Reads `^a^,^b^`, and `a^,^b` or `a` without the outer carets, as imports and old instances leave them. An empty text is
/// no value.
impl FromStr for MultiSelect {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // Some instances write "nothing chosen" as a pair of carets.
        if matches!(text, "" | "^^") {
            return Ok(Self::default());
        }
        let inner = text.strip_prefix('^').and_then(|rest| rest.strip_suffix('^'));
        Self::new(inner.unwrap_or(text).split("^,^"))
    }
}

impl From<MultiSelect> for Vec<String> {
    fn from(chosen: MultiSelect) -> Self {
        chosen.values
    }
}

impl ApiText for MultiSelect {
    const MEANT: &'static str = "a multi-select, ^a^,^b^";

    fn read(value: Scalar) -> Option<Self> {
        match value {
            Scalar::Text(text) => text.parse().ok(),
            Scalar::Integer(key) => Self::new([key.to_string()]).ok(),
            Scalar::Nothing => Some(Self::default()),
            Scalar::Bool(_) | Scalar::Float(_) => None,
        }
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        text.parse::<MultiSelect>().unwrap().into()
    }

    #[test]
    fn texts_are_read() {
        assert_eq!(read("^a^,^b^"), ["a", "b"]);
        assert_eq!(read("^a b^"), ["a b"]);
        assert_eq!(read("a"), ["a"]);
        assert_eq!(read("a^,^b"), ["a", "b"]);
        assert_eq!(read(""), [""; 0]);
        assert_eq!(read("^^"), [""; 0]);
        for broken in ["^a^b^", "a,b", "^a^,b", "^a^,^^", "^", "^a", "^a,b^", "^^,^^", ","] {
            assert!(broken.parse::<MultiSelect>().is_err(), "{broken}");
        }
    }

    #[test]
    fn what_the_text_cannot_tell_is_refused_with_its_place() {
        for value in ["a^b", "a,b", ""] {
            let error = MultiSelect::new(["fine", value]).unwrap_err();
            assert!(error.to_string().contains("value 2"), "{error}");
        }
    }

    #[test]
    fn serde_reads_what_php_sends() {
        for (json, expected) in [(r#""^a^""#, 1), ("null", 0), ("[]", 0), (r#""""#, 0), ("7", 1)] {
            let chosen: MultiSelect = serde_json::from_str(json).unwrap();
            assert_eq!(chosen.values().len(), expected, "{json}");
        }
        assert!(serde_json::from_str::<MultiSelect>(r#"["a"]"#).is_err());
        let chosen = MultiSelect::new(["a", "b"]).unwrap();
        assert_eq!(serde_json::to_string(&chosen).unwrap(), r#""^a^,^b^""#);
    }
}
