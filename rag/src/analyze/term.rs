//! Terms as numbers, so that a passage fits a sparse vector.

/// Width of the sparse vector: term numbers are below it.
pub const TERM_SPACE: u32 = 1 << 28;

const HASH_BITS: u32 = 26;

/// What a term was made from. Terms of different kinds never share a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// A stem, or a word of a script without a stemmer.
    Word = 0,
    /// A whole lot, SKU, article number or date.
    Code = 1,
    /// A Hebrew word or light stem.
    Hebrew = 2,
    /// A character n-gram of a Hebrew word.
    HebrewGram = 3,
}

impl Kind {
    /// How much one such term of a question counts.
    ///
    /// A Hebrew word gives up to five stems and a dozen n-grams, which together must count like
    /// the one term of an English word, or a year would drown among them.
    pub fn weight(self) -> f32 {
        match self {
            Kind::Word | Kind::Code => 1.0,
            Kind::Hebrew => 0.12,
            Kind::HebrewGram => 0.08,
        }
    }
}

/// A term's number: two bits of [`Kind`], 26 bits of a fixed hash.
///
/// With 50,000 distinct terms about 20 pairs collide, which costs less than a dictionary shared
/// by every writer would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(u32);

impl TermId {
    /// The number of a term's text.
    pub fn new(kind: Kind, text: &str) -> TermId {
        let hash = hash64(text.as_bytes());
        TermId(((kind as u32) << HASH_BITS) | (hash >> (64 - HASH_BITS)) as u32)
    }

    /// The number itself, below [`TERM_SPACE`].
    pub fn get(self) -> u32 {
        self.0
    }

    /// The term with this number, as read back from an index.
    pub fn from_number(number: u32) -> TermId {
        TermId(number & (TERM_SPACE - 1))
    }

    /// What the term was made from.
    pub fn kind(self) -> Kind {
        match self.0 >> HASH_BITS {
            0 => Kind::Word,
            1 => Kind::Code,
            2 => Kind::Hebrew,
            _ => Kind::HebrewGram,
        }
    }
}

/// How often each term occurs, by ascending term.
pub type Counts = Vec<(TermId, f32)>;

/// Sorts terms and counts equal ones.
pub fn count<T: Ord>(mut items: Vec<T>) -> Vec<(T, f32)> {
    items.sort_unstable();
    let mut counts: Vec<(T, f32)> = Vec::new();
    for item in items {
        match counts.last_mut() {
            Some((last, n)) if *last == item => *n += 1.0,
            _ => counts.push((item, 1.0)),
        }
    }
    counts
}

/// FNV-1a with the finalizer of SplitMix64, so that high bits are as well mixed as low ones.
pub(super) fn hash64(bytes: &[u8]) -> u64 {
    let fnv = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_the_sparse_vector_and_keep_their_kind() {
        for kind in [Kind::Word, Kind::Code, Kind::Hebrew, Kind::HebrewGram] {
            let term = TermId::new(kind, "yoghurt");
            assert!(term.get() < TERM_SPACE);
            assert_eq!(term.kind(), kind);
            assert_eq!(TermId::from_number(term.get()), term);
        }
    }

    #[test]
    fn numbers_never_change() {
        assert_eq!(TermId::new(Kind::Word, "yoghurt").get(), 14_014_141);
    }

    #[test]
    fn counting_sorts_and_sums() {
        assert_eq!(count(vec!["b", "a", "b"]), vec![("a", 1.0), ("b", 2.0)]);
    }
}
