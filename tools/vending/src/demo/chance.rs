//! Seeded chance for the demo: the same seed draws the same numbers on every machine.

/// A stream of numbers that only its seed decides (Steele, Lea & Flood 2014, `SplitMix64`).
pub(super) struct Chance(u64);

impl Chance {
    /// A stream for a name and a number, as of a machine and a day.
    pub(super) fn of(name: &str, number: i64) -> Self {
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ number.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number from 0 up to 1.
    pub(super) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A Poisson count with this mean, by multiplying shares; for means below a few hundred.
    pub(super) fn count(&mut self, mean: f64) -> usize {
        let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }

    /// The place of one of these weights, the heavier the likelier.
    pub(super) fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.share() * weights.iter().sum::<f64>();
        for (at, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return at;
            }
        }
        weights.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_mean_and_streams_repeat() {
        let mut chance = Chance::of("VM-001", 7);
        let mean = (0..4_000).map(|_| chance.count(30.0)).sum::<usize>() as f64 / 4_000.0;
        assert!((mean - 30.0).abs() < 0.4, "{mean}");
        assert_eq!(Chance::of("a", 1).share(), Chance::of("a", 1).share());
        assert_ne!(Chance::of("a", 1).share(), Chance::of("a", 2).share());
    }
}
