//! An answer in the documents' own words, or the admission that there is none.

use kernel::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::analyze::Analyzer;
use crate::cite::best_sentences;

use super::found::{Found, Outcome, Passage, Position, Query};
use super::search::Search;

/// Sentences quoted at most.
const MOST_QUOTES: usize = 3;
/// Passages that sentences are picked from.
const READ: usize = 5;
/// A best sentence that covers less than this of the question's meaning answers nothing.
const LEAST_COVERAGE: f32 = 0.3;

/// What the library answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The quotes with their markers, or what to say when there is no answer.
    pub text: String,
    /// Empty when there is no answer.
    pub quotes: Vec<Quote>,
    /// What was searched and found.
    pub found: Found,
}

/// A sentence quoted verbatim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// The passage that it is from.
    pub evidence: String,
    pub document_id: Uuid,
    pub title: String,
    pub heading: String,
    pub position: Position,
    pub text: String,
}

/// Answers with up to three sentences of the best passages, quoted verbatim and cited; abstains
/// when the evidence is weak or no sentence is to the point.
///
/// # Errors
///
/// As [`search`](super::search()).
pub async fn answer(conn: &mut PgConnection, query: &Query) -> Result<Answer> {
    let mut search = Search::run(conn, query).await?;
    let quotes = quotes(&search);
    if quotes.is_empty() && search.found.outcome == Outcome::Answerable {
        search.found.outcome = Outcome::WeakEvidence;
        search.found.message = Outcome::WeakEvidence.message();
    }
    let text = match &search.found.message {
        Some(message) => message.clone(),
        None => {
            let quoted = quotes.iter().map(|q| format!("“{}” [{}]", q.text, q.evidence));
            quoted.collect::<Vec<_>>().join(" ")
        }
    };
    Ok(Answer { text, quotes, found: search.found })
}

fn quotes(search: &Search) -> Vec<Quote> {
    if search.found.outcome != Outcome::Answerable {
        return Vec::new();
    }
    let passages = &search.found.passages[..search.found.passages.len().min(READ)];
    let texts: Vec<(String, &str)> =
        passages.iter().map(|p| (format!("{} {}", p.title, p.heading), p.text.as_str())).collect();
    let analyzer = Analyzer::default();
    let idf = |term| search.idf(term);
    let best = best_sentences(&analyzer, &search.question, &texts, idf, MOST_QUOTES);
    if best.first().is_none_or(|first| first.coverage < LEAST_COVERAGE) {
        return Vec::new();
    }
    best.into_iter().map(|scored| quote(&passages[scored.passage], scored.range)).collect()
}

fn quote(passage: &Passage, range: std::ops::Range<usize>) -> Quote {
    let characters = |text: &str| text.chars().count() as u32;
    let from = passage.position.from + characters(&passage.text[..range.start]);
    let text = passage.text[range].to_owned();
    let to = from + characters(&text);
    Quote {
        evidence: passage.evidence.clone(),
        document_id: passage.document_id,
        title: passage.title.clone(),
        heading: passage.heading.clone(),
        position: Position { from, to, ..passage.position },
        text,
    }
}
