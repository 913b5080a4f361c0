//! Random text and parameters.

/// SplitMix64: the same requests in every run, so that a failure can be looked at.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    pub fn text(&mut self) -> String {
        let length = self.below(10);
        let kind = self.below(5);
        (0..length)
            .map(|_| match kind {
                0 => char::from(self.below(128) as u8).to_string(),
                1 => self
                    .pick(&[
                        "+", "%", "&", "=", "~", "*", " ", "%41", "%zz", "'", "\"", "/", ",", "[", "]",
                    ])
                    .into(),
                2 => self
                    .pick(&["é", "ß", "e\u{301}", "Ω", "漢", "字", "🙂", "\u{202e}", "\u{ffff}"])
                    .into(),
                3 => self.pick(&["a", "Z", "0", "-", ".", "_", "~"]).into(),
                _ => char::from(32 + self.below(95) as u8).to_string(),
            })
            .collect()
    }

    /// Names that repeat, among others.
    pub fn parameters(&mut self, orderly: bool) -> Vec<(String, String)> {
        let count = self.below(6);
        let mut pairs = Vec::new();
        for index in 0..count {
            let name = if orderly {
                format!("p{index}{}", self.text())
            } else {
                self.text()
            };
            let repeats = if self.chance(3) { 1 + self.below(3) } else { 1 };
            for repeat in 0..repeats {
                let value = if orderly && repeats > 1 {
                    format!("{repeat}{}", self.text())
                } else {
                    self.text()
                };
                pairs.push((name.clone(), value));
            }
        }
        // A name of the protocol would be refused by a provider as a second one.
        pairs.retain(|(name, _)| !name.starts_with("oauth_"));
        pairs
    }
}
