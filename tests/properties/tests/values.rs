//! Values read back what they write, and read nothing else.

use proptest::prelude::*;
use sugar_oauth::UtcTime;
use sugar_oauth::values::{Date, Decimal, MultiSelect};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn multi_selects(values in prop::collection::vec("[^\\^,]{1,5}", 0..5)) {
        let chosen = MultiSelect::new(values.clone()).unwrap();
        let text = chosen.to_string();
        // As PHP reads it: the outer carets off, then split.
        let php: Vec<&str> = text.trim_matches('^').split("^,^").filter(|value| !value.is_empty()).collect();
        prop_assert_eq!(&php, &values);
        prop_assert_eq!(text.parse::<MultiSelect>().unwrap(), chosen);
    }

    #[test]
    fn any_text_is_a_multi_select_that_writes_itself_or_an_error(text in "[\\^,ab]{0,9}") {
        if let Ok(chosen) = text.parse::<MultiSelect>() {
            // Old instances leave the outer carets off.
            let with_carets = if text.is_empty() || text.starts_with('^') { text.clone() } else { format!("^{text}^") };
            prop_assert!(chosen.to_string() == with_carets || text == "^^", "{}", text);
            prop_assert_eq!(chosen.to_string().parse::<MultiSelect>().unwrap(), chosen);
        }
    }

    #[test]
    fn decimals(units in any::<i128>(), digits in 0..30_u8, other in any::<i64>()) {
        let decimal = Decimal::from_minor_units(units, digits);
        prop_assert_eq!(decimal.minor_units(digits).unwrap(), units);
        prop_assert_eq!(Decimal::parse(decimal.as_str()), Some(decimal.clone()));
        prop_assert_eq!(decimal.cmp(&Decimal::from_minor_units(other.into(), digits)), units.cmp(&other.into()));
        // The float is that of the quotient, as far as floats go.
        let quotient = units as f64 / 10_f64.powi(digits.into());
        prop_assert!((decimal.to_f64() - quotient).abs() <= quotient.abs() * 1e-12);
    }

    #[test]
    fn days_and_moments(seconds in -30_610_224_000..253_402_300_800_i64) {
        let time = UtcTime::from_unix_seconds(seconds);
        let text = serde_json::to_string(&time).unwrap();
        prop_assert_eq!(serde_json::from_str::<UtcTime>(&text).unwrap(), time);
        let date = Date::try_from(time).unwrap();
        prop_assert_eq!(&text[1..11], date.to_string());
        prop_assert_eq!(Date::parse(&date.to_string()), Some(date));
        let since_midnight = seconds - date.midnight().unix_seconds();
        prop_assert!((0..86_400).contains(&since_midnight));
    }

    #[test]
    fn no_text_makes_them_panic(text in "\\PC{0,20}|[0-9:T -]{0,20}") {
        let json = serde_json::to_string(&text).unwrap();
        let _ = (serde_json::from_str::<UtcTime>(&json), serde_json::from_str::<Date>(&json));
        let _ = (serde_json::from_str::<Decimal>(&json), serde_json::from_str::<MultiSelect>(&json));
    }
}
