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
