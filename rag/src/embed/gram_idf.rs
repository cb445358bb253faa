//! How telling character n-grams are in one corpus, in 128 KiB.

use crate::analyze::Gram;

const SLOTS: usize = 1 << 17;
/// A stored step is this much idf; 255 steps reach far beyond any corpus.
const STEP: f64 = 1.0 / 16.0;

/// `ln(1 + n / df)` for hashed n-grams, one byte a slot.
///
/// N-grams that share a slot share its document frequency, which makes the rarest look a little
/// less rare; one byte of idf is exact to 1/32.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GramIdf {
    steps: Vec<u8>,
}

/// Counts in how many passages each slot's n-grams occur.
#[derive(Debug, Clone)]
pub(super) struct GramCounts {
    df: Vec<u32>,
    passages: u32,
}

impl Default for GramCounts {
    fn default() -> Self {
        GramCounts { df: vec![0; SLOTS], passages: 0 }
    }
}

impl GramCounts {
    pub(super) fn add(&mut self, grams: &[(Gram, f32)]) {
        let mut slots: Vec<usize> = grams.iter().map(|(gram, _)| gram.slot(SLOTS)).collect();
        slots.sort_unstable();
        slots.dedup();
        slots.into_iter().for_each(|slot| self.df[slot] += 1);
        self.passages += 1;
    }

    pub(super) fn idf(&self) -> GramIdf {
        let steps = self.df.iter().map(|df| {
            let idf = (1.0 + f64::from(self.passages) / f64::from((*df).max(1))).ln();
            (idf / STEP).round().min(255.0) as u8
        });
        GramIdf { steps: steps.collect() }
    }
}

impl GramIdf {
    /// The idf of an n-gram.
    pub fn idf(&self, gram: Gram) -> f32 {
        f32::from(self.steps[gram.slot(SLOTS)]) * STEP as f32
    }

    /// The stored form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.steps
    }

    /// Reads the stored form back; `None` when it has the wrong length.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<GramIdf> {
        (bytes.len() == SLOTS).then_some(GramIdf { steps: bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::grams;

    #[test]
    fn rare_grams_tell_more_and_survive_storage() {
        let passages = [grams(&["milk"]), grams(&["milk", "zest"]), grams(&["milk"])];
        let mut counts = GramCounts::default();
        passages.iter().for_each(|grams| counts.add(grams));
        let idf = counts.idf();
        let of = |word: &str| idf.idf(grams(&[word])[0].0);
        assert!(of("zest") > of("milk"));
        assert!((of("milk") - 2.0_f32.ln()).abs() < 0.04);
        assert_eq!(GramIdf::from_bytes(idf.as_bytes().to_vec()), Some(idf));
        assert_eq!(GramIdf::from_bytes(vec![0; 3]), None);
    }
}
