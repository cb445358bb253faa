//! The embedding that needs no weights: learnt from the tenant's own passages.
//!
//! 256 numbers of latent semantic analysis (Deerwester et al., 1990) over English stems, which
//! bring together words that occur in the same passages, and 384 numbers of hashed character
//! n-grams, which bring together spellings. Hebrew words feed the n-grams only: with so many
//! surface forms per word, latent analysis of them lowers the quality.

use std::collections::BTreeMap;

use futures::future::BoxFuture;

use crate::analyze::{Analysis, Analyzer, Counts, Kind, TermId};

use super::gram_idf::GramCounts;
use super::{DIMS, EmbedError, Embedder, GramIdf, Scripts, SparseRows, normalize};

/// Below this many passages latent analysis would only memorize them, and its part stays zero.
pub const LSA_MIN_PASSAGES: usize = 300;

const LSA_DIMS: usize = 256;
const GRAM_DIMS: usize = DIMS - LSA_DIMS;
/// The shares of the two parts in an inner product.
const LSA_SHARE: f32 = 0.67;
const GRAM_SHARE: f32 = 0.33;
/// Training looks at no more passages than this, evenly spaced.
const MOST_TRAINED_ON: usize = 20_000;
const REVISION: &str = "1";

/// A trained model. One read back for a single question may hold just the rows it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Lex640 {
    grams: GramIdf,
    basis: BTreeMap<TermId, BasisRow>,
}

/// The latent coordinates of one term, times its idf, as fixed-point numbers.
///
/// Rounding to 15 bits hides the last bits in which machines may differ.
#[derive(Debug, Clone, PartialEq)]
pub struct BasisRow {
    scale: f32,
    steps: Vec<i16>,
}

impl Lex640 {
    /// Learns from the passages of a corpus.
    pub fn train(passages: &[Analysis]) -> Lex640 {
        let mut trainer = Trainer::new(passages.len());
        passages.iter().for_each(|passage| trainer.add(passage));
        trainer.finish()
    }

    /// A model from its stored parts.
    pub fn from_parts(grams: GramIdf, basis: BTreeMap<TermId, BasisRow>) -> Lex640 {
        Lex640 { grams, basis }
    }

    /// The stored parts.
    pub fn parts(&self) -> (&GramIdf, &BTreeMap<TermId, BasisRow>) {
        (&self.grams, &self.basis)
    }

    /// The vector of an analysed text: [`DIMS`] numbers.
    pub fn embed(&self, text: &Analysis) -> Vec<f32> {
        let mut vector = vec![0.0; DIMS];
        let (latent, hashed) = vector.split_at_mut(LSA_DIMS);
        for (term, tf) in &text.terms {
            if let Some(row) = self.basis.get(term) {
                row.add_to(latent, damped(*tf));
            }
        }
        for (gram, tf) in &text.grams {
            hashed[gram.slot(GRAM_DIMS)] += gram.sign() * damped(*tf) * self.grams.idf(*gram);
        }
        for (part, share) in [(latent, LSA_SHARE), (hashed, GRAM_SHARE)] {
            normalize(part);
            part.iter_mut().for_each(|x| *x *= share.sqrt());
        }
        vector
    }

    /// The terms of a text that may have a row in the basis.
    pub fn basis_terms(text: &Analysis) -> impl Iterator<Item = TermId> {
        text.terms.iter().map(|(term, _)| *term).filter(|term| term.kind() == Kind::Word)
    }
}

/// Learns a [`Lex640`] from passages that come one by one, in a fixed order.
#[derive(Debug)]
pub struct Trainer {
    step: usize,
    seen: usize,
    latent: bool,
    grams: GramCounts,
    sample: Vec<Counts>,
}

impl Trainer {
    /// A trainer for a corpus of so many passages.
    pub fn new(passages: usize) -> Trainer {
        Trainer {
            step: passages.div_ceil(MOST_TRAINED_ON).max(1),
            seen: 0,
            latent: passages >= LSA_MIN_PASSAGES,
            grams: GramCounts::default(),
            sample: Vec::new(),
        }
    }

    /// Takes in the next passage.
    pub fn add(&mut self, passage: &Analysis) {
        if self.seen.is_multiple_of(self.step) {
            self.grams.add(&passage.grams);
            if self.latent {
                let latent = |(term, _): &&(TermId, f32)| term.kind() == Kind::Word;
                self.sample.push(passage.terms.iter().filter(latent).copied().collect());
            }
        }
        self.seen += 1;
    }

    /// The trained model.
    pub fn finish(self) -> Lex640 {
        Lex640 { grams: self.grams.idf(), basis: lsa(&self.sample) }
    }
}

impl Embedder for Lex640 {
    fn id(&self) -> &str {
        "lex640"
    }

    fn revision(&self) -> &str {
        REVISION
    }

    fn scripts(&self) -> Scripts {
        Scripts::All
    }

    fn embed_passages<'a>(
        &'a self,
        passages: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbedError>> {
        let analyzer = Analyzer::default();
        let vectors = passages.iter().map(|text| self.embed(&analyzer.analyze(text))).collect();
        Box::pin(std::future::ready(Ok(vectors)))
    }

    fn embed_question<'a>(
        &'a self,
        question: &'a str,
    ) -> BoxFuture<'a, Result<Vec<f32>, EmbedError>> {
        Box::pin(std::future::ready(Ok(self.embed(&Analyzer::default().analyze(question)))))
    }
}

impl BasisRow {
    fn new(values: &[f32]) -> BasisRow {
        let largest = values.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let scale = largest / f32::from(i16::MAX);
        let step = |x: &f32| if scale > 0.0 { (x / scale).round() as i16 } else { 0 };
        BasisRow { scale, steps: values.iter().map(step).collect() }
    }

    fn add_to(&self, sum: &mut [f32], weight: f32) {
        let factor = weight * self.scale;
        sum.iter_mut().zip(&self.steps).for_each(|(x, step)| *x += factor * f32::from(*step));
    }

    /// The stored form: the scale, then the steps, little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let steps = self.steps.iter().flat_map(|step| step.to_le_bytes());
        self.scale.to_le_bytes().into_iter().chain(steps).collect()
    }

    /// Reads the stored form back; `None` when it has the wrong length.
    pub fn from_bytes(bytes: &[u8]) -> Option<BasisRow> {
        let (scale, steps) = bytes.split_first_chunk::<4>()?;
        let steps: Vec<i16> =
            steps.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        (steps.len() == LSA_DIMS && bytes.len() == 4 + 2 * LSA_DIMS)
            .then_some(BasisRow { scale: f32::from_le_bytes(*scale), steps })
    }
}

/// A frequency, damped: the tenth occurrence says less than the first.
fn damped(tf: f32) -> f32 {
    (1.0 + f64::from(tf).ln()) as f32
}

/// The latent basis of the terms that occur in at least two passages.
fn lsa(sample: &[Counts]) -> BTreeMap<TermId, BasisRow> {
    let n = sample.len() as f64;
    let mut df: BTreeMap<TermId, u32> = BTreeMap::new();
    for (term, _) in sample.iter().flatten() {
        *df.entry(*term).or_default() += 1;
    }
    df.retain(|_, df| *df >= 2);
    let terms: Vec<TermId> = df.keys().copied().collect();
    let idf: Vec<f32> = df.values().map(|df| (1.0 + n / f64::from(*df)).ln() as f32).collect();
    let rows = sample.iter().map(|passage| unit_row(passage, &terms, &idf)).collect();
    let matrix = SparseRows::new(terms.len(), rows);
    let vectors = super::right_singular_vectors(&matrix, LSA_DIMS);
    let weighted = vectors.into_iter().zip(&idf).map(|(mut vector, idf)| {
        vector.iter_mut().for_each(|x| *x *= idf);
        BasisRow::new(&vector)
    });
    terms.iter().copied().zip(weighted).collect()
}

/// A passage as a row of damped, idf-weighted terms, of length 1.
fn unit_row(counts: &Counts, terms: &[TermId], idf: &[f32]) -> Vec<(u32, f32)> {
    let known = counts.iter().filter_map(|(term, tf)| {
        let column = terms.binary_search(term).ok()?;
        Some((u32::try_from(column).ok()?, damped(*tf) * idf[column]))
    });
    let mut row: Vec<(u32, f32)> = known.collect();
    let length = row.iter().map(|(_, x)| x * x).sum::<f32>().sqrt();
    row.iter_mut().for_each(|(_, x)| *x /= length.max(f32::MIN_POSITIVE));
    row
}
