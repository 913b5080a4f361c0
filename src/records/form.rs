//! The form in which something is stored between two runs of a program.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The form's number, which is 1. Another means that another version of this crate wrote it.
const FORM: u32 = 1;

/// Stands in what is stored as the form's number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Form;

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FORM.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            FORM => Ok(Self),
            other => Err(D::Error::custom(format!(
                "stored by another version of this crate (form {other})"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::records::{ScanState, Watermark};
    use crate::utc::UtcTime;

    #[test]
    fn what_is_stored_tells_its_form_and_another_one_is_refused() {
        let scan = serde_json::to_string(&ScanState::default()).unwrap();
        let watermark = serde_json::to_string(&Watermark::since(UtcTime::from_unix_seconds(0))).unwrap();
        for stored in [&scan, &watermark] {
            assert!(stored.starts_with(r#"{"form":1,"#), "{stored}");
        }
        let changed = |stored: &str| stored.replace(r#""form":1"#, r#""form":2"#);
        let error = serde_json::from_str::<ScanState>(&changed(&scan)).unwrap_err();
        assert!(error.to_string().contains("form 2"), "{error}");
        assert!(serde_json::from_str::<Watermark>(&changed(&watermark)).is_err());
        // Without a number it is the first form.
        let without = scan.replace(r#""form":1,"#, "");
        assert_eq!(
            serde_json::from_str::<ScanState>(&without).unwrap(),
            ScanState::default()
        );
    }
}
