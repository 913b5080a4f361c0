//! Random identifiers.

/// `length` hexadecimal digits from the system's random source.
///
/// # Panics
/// If the system gives no random bytes; a practice instance can do nothing useful then.
pub(crate) fn hex(length: usize) -> String {
    let mut bytes = vec![0; length.div_ceil(2)];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    let mut text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(length);
    text
}

/// A new record's id, for example `ada4ba15-0f7f-cca3-fe94-6b016d579bb7`.
pub(crate) fn guid() -> String {
    let digits = hex(32);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    parts.map(|part| &digits[part]).join("-")
}
