//! When a process is killed.

/// The same numbers on every machine for a seed that the test prints.
pub struct Moments(pub u64);

impl Moments {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
