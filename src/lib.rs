//! OAuth 1.0a for the legacy SugarCRM and SuiteCRM REST API.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "sandbox")]
pub mod sandbox;
