//! MD5 sums by which clients learn that something changed.

use crate::sandbox::php_json;
use md5::{Digest, Md5};
use serde_json::Value;

/// The sum of a value's text. A real server sums PHP's serialization instead: its sums are others,
/// and change with the content just so.
pub(super) fn md5_of(value: &Value) -> String {
    md5_hex(php_json::encode(value).as_bytes())
}

pub(super) fn md5_hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
