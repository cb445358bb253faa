//! Search: the same ranking as [`crate::corpus`], over SQL.

use std::collections::BTreeMap;

use kernel::{Error, Result};
use sqlx::PgConnection;
use store::DbResult;
use uuid::Uuid;

use crate::analyze::{Analysis, Analyzer, TermId};
use crate::cite::Evidence;
use crate::fuse::{Legs, Weights, best, fuse, towards};
use crate::gate::{self, Gate};
use crate::lexical::{FEEDBACK_PASSAGES, Feedback, Sparse, counts_of, expand, idf, query_weights};

use super::found::{Found, Outcome, Passage, Position, Query};
use super::retrieve::{self, FirstLook, Proposal, Space, TopPassage};
use super::rows::{Key, split_keys};
use super::{State, external, model, with_everyone};

/// Passages of one document that come before those of others.
const PER_DOCUMENT: usize = 3;
/// Evidence of at least this share of the threshold is shown as related.
const WEAK_SHARE: f32 = 0.6;
const LONGEST_QUESTION: usize = 2_000;
const MOST_PASSAGES: usize = 50;

/// The passages that answer a question best, of those that the caller may read.
///
/// # Errors
///
/// [`Error::Invalid`] for an empty or very long question or a limit outside 1 to 50.
pub async fn search(conn: &mut PgConnection, query: &Query) -> Result<Found> {
    Ok(Search::run(conn, query).await?.found)
}

/// A search with what an answer needs of it.
pub(super) struct Search {
    pub(super) found: Found,
    pub(super) question: Analysis,
    pub(super) chunks: u32,
    pub(super) df: BTreeMap<TermId, u32>,
}

impl Search {
    pub(super) async fn run(conn: &mut PgConnection, query: &Query) -> Result<Search> {
        check(query)?;
        let state = State::load(conn).await?;
        let groups = with_everyone(&query.groups);
        let question = Analyzer::default().analyze(&query.text);
        let df =
            retrieve::document_frequencies(conn, question.terms.iter().map(|(t, _)| *t)).await?;
        let look = Look { conn, state, groups: &groups, question: &question, df: &df };
        let (ranked, strength, space, degraded) = look.rank(query).await?;
        let coded = ranked.first().is_some_and(|(_, _, legs)| legs.codes > 0);
        let outcome = judge(Gate { threshold: state.gate }, strength, coded, ranked.is_empty());
        let ranked = if outcome == Outcome::NoMatch { Vec::new() } else { spread(ranked) };
        let passages = read(conn, &groups, &ranked, query).await?;
        let found = Found {
            outcome,
            message: outcome.message(),
            passages,
            strength,
            space,
            degraded,
            retrieved_at: query.now,
        };
        Ok(Search { found, question, chunks: state.passages(), df })
    }

    /// How telling a term of the question is in this library.
    pub(super) fn idf(&self, term: TermId) -> f64 {
        idf(self.chunks, self.df.get(&term).copied().unwrap_or(0))
    }
}

type Ranked = Vec<(Key, f32, Legs)>;

/// One look into the library for one question.
struct Look<'a> {
    conn: &'a mut PgConnection,
    state: State,
    groups: &'a [i32],
    question: &'a Analysis,
    df: &'a BTreeMap<TermId, u32>,
}

impl Look<'_> {
    /// Ranked passages, the strength of the evidence, the space used and what was missing.
    async fn rank(mut self, query: &Query) -> Result<(Ranked, f32, String, Vec<String>)> {
        let n = self.state.passages();
        let df = |term: TermId| self.df.get(&term).copied().unwrap_or(0);
        let sparse = query_weights(self.question, n, df);
        let FirstLook { keys, top } = retrieve::first_look(self.conn, &sparse, self.groups).await?;
        let strength =
            gate::strength(self.question, top.iter().map(|p| &p.weights), |t| idf(n, df(t)));
        let feedback = self.expanded(&sparse, &top).await?;
        let codes = retrieve::with_codes(self.conn, &self.question.codes, self.groups).await?;
        let configured = self.configured(query).await?;
        let own;
        let (space, weights, vector) = match &configured {
            Some((vector, weights)) => (Space::Configured, *weights, vector),
            None => {
                let model =
                    model::for_texts(self.conn, std::slice::from_ref(self.question)).await?;
                own = model.embed(self.question);
                (self.own_space().await?, Weights::lex640(self.question), &own)
            }
        };
        let proposal = Proposal {
            keys: &keys,
            query: &sparse,
            feedback: &feedback,
            vector,
            codes: &codes,
            groups: self.groups,
        };
        let (keys, mut legs): (Vec<Key>, Vec<Legs>) =
            retrieve::candidates(self.conn, space, &proposal).await?.into_iter().unzip();
        let mut scores = fuse(&legs, weights);
        if space != Space::Configured {
            self.look_again(vector, &keys, &scores, &mut legs).await?;
            scores = fuse(&legs, weights);
        }
        let order = best(&scores, keys.len()).into_iter().map(|at| at as usize);
        let ranked = order.map(|at| (keys[at], scores[at], legs[at])).collect();
        let (name, degraded) = match (&query.vector, space) {
            (Some(asked), Space::Configured) => (asked.embedder.clone(), Vec::new()),
            (Some(_), _) => ("lex640".to_owned(), vec!["dense".to_owned()]),
            (None, _) if self.state.trained == 0 => ("lex640".to_owned(), vec!["dense".to_owned()]),
            (None, _) => ("lex640".to_owned(), Vec::new()),
        };
        Ok((ranked, strength, name, degraded))
    }

    /// The question with the telling terms of the first passages.
    async fn expanded(&mut self, query: &Sparse, top: &[TopPassage]) -> Result<Sparse> {
        let passages: Vec<Feedback> = top
            .iter()
            .map(|passage| Feedback {
                score: passage.score,
                len: passage.len,
                terms: counts_of(&passage.weights, passage.len, self.state.lex_avg_len),
            })
            .collect();
        let terms = passages.iter().flat_map(|passage| &passage.terms).map(|(term, _)| *term);
        let df = retrieve::document_frequencies(self.conn, terms).await?;
        let n = self.state.passages();
        Ok(expand(query, &passages, |term| idf(n, df.get(&term).copied().unwrap_or(0))))
    }

    /// The configured embedder's vector, when it answered and every passage has one.
    async fn configured(&mut self, query: &Query) -> Result<Option<(Vec<f32>, Weights)>> {
        let Some(asked) = &query.vector else { return Ok(None) };
        let Some(vector) = &asked.vector else { return Ok(None) };
        if !external::complete(self.conn, asked, self.state.chunks).await? {
            return Ok(None);
        }
        Ok(Some((vector.clone(), Weights::model(self.question, asked.scripts))))
    }

    async fn own_space(&mut self) -> Result<Space> {
        let there = retrieve::approximate(self.conn, self.groups, self.state.chunks).await?;
        Ok(if there { Space::OwnApproximate } else { Space::Own })
    }

    /// Scores the candidates by the question's vector moved towards the best of them.
    async fn look_again(
        &mut self,
        vector: &[f32],
        keys: &[Key],
        scores: &[f32],
        legs: &mut [Legs],
    ) -> Result<()> {
        let first: Vec<Key> =
            best(scores, FEEDBACK_PASSAGES).into_iter().map(|at| keys[at as usize]).collect();
        let vectors = retrieve::vectors(self.conn, &first).await?;
        let moved = towards(vector, vectors.iter().map(Vec::as_slice));
        let dense = retrieve::dense(self.conn, moved, keys).await?;
        for (key, legs) in keys.iter().zip(legs) {
            legs.dense = dense.get(key).copied().unwrap_or(0.0);
        }
        Ok(())
    }
}

fn check(query: &Query) -> Result<()> {
    if query.text.trim().is_empty() {
        return Err(Error::invalid("text", "must not be empty: ask a question"));
    }
    if query.text.chars().count() > LONGEST_QUESTION {
        let reason = format!("must be at most {LONGEST_QUESTION} characters: ask more briefly");
        return Err(Error::invalid("text", reason));
    }
    if !(1..=MOST_PASSAGES).contains(&query.limit) {
        let reason = format!("must be 1 to {MOST_PASSAGES}, got `{}`", query.limit);
        return Err(Error::invalid("limit", reason));
    }
    Ok(())
}

fn judge(gate: Gate, strength: f32, coded: bool, empty: bool) -> Outcome {
    if empty {
        Outcome::NoMatch
    } else if coded || gate.passes(strength) {
        Outcome::Answerable
    } else if strength >= WEAK_SHARE * gate.threshold {
        Outcome::WeakEvidence
    } else {
        Outcome::NoMatch
    }
}

/// Puts the fourth and further passages of a document behind those of others. Passages with a
/// code that was asked for stay where they are.
fn spread(ranked: Ranked) -> Ranked {
    let mut seen: BTreeMap<Uuid, usize> = BTreeMap::new();
    let (mut ahead, mut behind) = (Vec::new(), Vec::new());
    for passage in ranked {
        let of_document = seen.entry(passage.0.0).or_default();
        *of_document += 1;
        let early = *of_document <= PER_DOCUMENT || passage.2.codes > 0;
        if early { ahead.push(passage) } else { behind.push(passage) }
    }
    ahead.append(&mut behind);
    ahead
}

/// The texts of the best passages; one whose text was shown already gives way to the next.
async fn read(
    conn: &mut PgConnection,
    groups: &[i32],
    ranked: &[(Key, f32, Legs)],
    query: &Query,
) -> Result<Vec<Passage>> {
    let keys: Vec<Key> = ranked.iter().take(2 * query.limit).map(|(key, _, _)| *key).collect();
    let (documents, ords) = split_keys(&keys);
    let rows: Vec<(Uuid, i32, String, String, i32, i32, String)> = sqlx::query_as(
        "SELECT c.document_id, c.ord, d.title, c.heading, c.char_from, c.char_to, c.text \
         FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS n (document_id, ord, place) \
         JOIN rag_chunk c USING (document_id, ord) JOIN rag_document d USING (document_id) \
         WHERE d.acl_read && $3 ORDER BY n.place",
    )
    .bind(documents)
    .bind(ords)
    .bind(groups)
    .fetch_all(conn)
    .await
    .db()?;
    let mut evidence: Evidence = query.evidence.clone();
    let mut passages: Vec<Passage> = Vec::new();
    for (document_id, ord, title, heading, from, to, text) in rows {
        let shown = passages.iter().any(|passage| passage.text == text);
        let score = ranked.iter().find(|(key, _, _)| *key == (document_id, ord));
        let (false, Some((_, score, _))) = (shown || passages.len() == query.limit, score) else {
            continue;
        };
        let position = Position { passage: ord as u32 + 1, from: from as u32, to: to as u32 };
        passages.push(Passage {
            evidence: evidence.mint().to_string(),
            document_id,
            title,
            heading,
            position,
            text,
            score: *score,
        });
    }
    Ok(passages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_does_not_crowd_out_the_others() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let passage = |key: Key| (key, 0.5, Legs::default());
        let ranked = (0..5).map(|ord| passage((a, ord))).chain([passage((b, 0))]).collect();
        let keys: Vec<Key> = spread(ranked).into_iter().map(|(key, _, _)| key).collect();
        assert_eq!(keys, [(a, 0), (a, 1), (a, 2), (b, 0), (a, 3), (a, 4)]);
    }

    #[test]
    fn codes_answer_whatever_the_strength() {
        let gate = Gate { threshold: 0.2 };
        assert_eq!(judge(gate, 0.0, true, false), Outcome::Answerable);
        assert_eq!(judge(gate, 0.2, false, false), Outcome::Answerable);
        assert_eq!(judge(gate, 0.15, false, false), Outcome::WeakEvidence);
        assert_eq!(judge(gate, 0.05, false, false), Outcome::NoMatch);
        assert_eq!(judge(gate, 0.9, false, true), Outcome::NoMatch);
    }
}
