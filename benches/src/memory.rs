//! What a process has of memory. Linux only, for `/proc`.

use std::fs;

/// Resident memory of a process, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Now.
    pub now: u64,
    /// At most so far.
    pub peak: u64,
}

/// That of the process with this id.
pub fn memory_of(process: u32) -> Memory {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        let kilobytes: u64 = number.and_then(|number| number.parse().ok()).expect("a number");
        kilobytes * 1024
    };
    Memory {
        now: bytes("VmRSS:"),
        peak: bytes("VmHWM:"),
    }
}
