//! Text to dense vectors.

mod gram_idf;
mod lex640;
mod linear;
mod svd;

use futures::future::BoxFuture;

pub use gram_idf::GramIdf;
pub use lex640::{BasisRow, LSA_MIN_PASSAGES, Lex640, Trainer};
pub use svd::{SparseRows, right_singular_vectors};

/// Width of every dense vector, whoever makes it: one column type holds them all.
pub const DIMS: usize = 640;

/// The scripts that an embedder represents well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// Every script: the vector counts for all questions.
    All,
    /// Latin only: the vector is left out for a question in Hebrew.
    Latin,
}

/// Turns text into vectors of unit length and [`DIMS`] numbers.
///
/// `id` and `revision` name the space that the vectors live in: vectors of different spaces are
/// never compared, and a new revision means that the library is embedded anew.
/// An embedder that calls a network is awaited with no database connection held.
pub trait Embedder: Send + Sync {
    /// Who embeds: `lex640`, `openai:text-embedding-3-small`.
    fn id(&self) -> &str;

    /// Which version of it.
    fn revision(&self) -> &str;

    /// The scripts it represents well.
    fn scripts(&self) -> Scripts;

    /// One vector per passage, in order.
    ///
    /// # Errors
    ///
    /// [`EmbedError`] when the embedder cannot be reached or refuses; the passages are then found
    /// by their words only until they are embedded.
    fn embed_passages<'a>(
        &'a self,
        passages: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbedError>>;

    /// The vector of a question.
    ///
    /// # Errors
    ///
    /// [`EmbedError`] when the embedder cannot be reached or refuses; search then does without.
    fn embed_question<'a>(
        &'a self,
        question: &'a str,
    ) -> BoxFuture<'a, Result<Vec<f32>, EmbedError>>;
}

/// Why an embedder gave no vectors.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// It cannot be reached now; trying later may work.
    #[error("the embedder `{embedder}` is unavailable: {reason}")]
    Unavailable { embedder: String, reason: String },
    /// It answered with something else than vectors of the right width.
    #[error("the embedder `{embedder}` gave {got} numbers where {DIMS} were expected")]
    Width { embedder: String, got: usize },
}

/// The inner product of two vectors; the cosine when both have unit length.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums let the compiler use vector registers; one running sum would forbid it.
    let mut sums = [0.0_f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a8.zip(b8) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Scales a vector to length 1; leaves a zero vector as it is.
pub fn normalize(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
}
