//! Chance that can be repeated: the same seed, the same throws.

/// Dice.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The dice of one run.
    pub fn of(seed: u64, scenario: &str, number: u32) -> Self {
        let mut dice = Self(seed);
        for byte in scenario.bytes().chain(number.to_be_bytes()) {
            dice.0 = dice.0.wrapping_add(u64::from(byte));
            dice.throw();
        }
        dice
    }

    /// `SplitMix64`.
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.throw() % bound.max(1)
    }

    pub fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}
