//! The API's texts to Rust values and back.
//!
//! Nearly everything comes as a string and is sent as one. This is what the strings mean:
//!
//! | in the CRM | text | here |
//! |---|---|---|
//! | checkbox | `1`, `0`; `on` and the empty text from old instances | `bool` with [`bool_text`] |
//! | whole number | `42` | any integer type with [`integer`] |
//! | amount, decimal | `1500.000000` | [`Decimal`] |
//! | date | `2026-11-21` | [`Date`] |
//! | date and time, UTC | `2026-11-21 08:54:25` | [`UtcTime`](crate::UtcTime) |
//! | multi-select | `^a^,^b^` | [`MultiSelect`] |
//!
//! [`Decimal`], [`Date`], [`UtcTime`](crate::UtcTime) and [`MultiSelect`] read and write these texts with serde by
//! themselves. A field without a value is absent or an empty text: the `optional_*` modules make `None` of both, and write
//! `None` as the empty text, which empties the field.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use sugar_oauth::UtcTime;
//! use sugar_oauth::values::{Date, Decimal, MultiSelect};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Opportunity {
//!     name: String,
//!     amount: Decimal,
//!     #[serde(with = "sugar_oauth::values::integer")]
//!     probability: u8,
//!     #[serde(with = "sugar_oauth::values::bool_text")]
//!     deleted: bool,
//!     #[serde(default, with = "sugar_oauth::values::optional_date")]
//!     date_closed: Option<Date>,
//!     #[serde(default, with = "sugar_oauth::values::optional_utc")]
//!     date_modified: Option<UtcTime>,
//!     #[serde(default)]
//!     regions_c: MultiSelect,
//! }
//!
//! let sent = r#"{"name":"Harbour","amount":"1500.000000","probability":"10","deleted":"0",
//!     "date_closed":"","date_modified":"2026-11-21 08:54:25","regions_c":"^north^,^west^"}"#;
//! let opportunity: Opportunity = serde_json::from_str(sent)?;
//! assert_eq!(opportunity.amount.minor_units(2)?, 150_000);
//! assert_eq!(opportunity.date_closed, None);
//! assert_eq!(opportunity.regions_c.values(), ["north", "west"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the server would change
//! The server stores `NULL` where it cannot read a date or a multi-select, and answers success (`docs/server.md`). The
//! types here have no such texts: no `2026-01-01T00:00:00Z` and no array. A year that the database cannot hold is no [`Date`],
//! and an error when serde is to write it.

mod day;
mod decimal;
mod multi_select;
mod scalar;
mod whole;
mod with;

pub use day::Date;
pub use decimal::Decimal;
pub use multi_select::MultiSelect;
pub use whole::{integer, optional_integer};
pub use with::{bool_text, date, optional_bool, optional_date, optional_decimal, optional_utc, utc};
