//! The same numbers for the same seed.

/// The same numbers for the same seed.
pub(super) struct Dice(u64);

/// `TENANCY_SOAK_SEED`, or another one.
pub(super) fn seed(otherwise: u64) -> u64 {
    let named = std::env::var("TENANCY_SOAK_SEED").ok();
    named.map_or(otherwise, |seed| seed.parse().expect("a seed is a number"))
}

impl Dice {
    /// Those of a seed, another row of them for each `number`.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut mixed = seed
            .wrapping_add(number.wrapping_mul(0xd1b5_4a32_d192_ed03))
            .wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((mixed ^ (mixed >> 31)).max(1))
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // the lower bits are the weaker ones
        (self.0 >> 16) % bound
    }

    pub(super) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let bound = u64::try_from(from.len()).unwrap();
        from[usize::try_from(self.below(bound)).unwrap()]
    }
}
