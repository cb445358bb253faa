//! Reads collections in BEIR's layout.

use std::io::BufRead;

use serde::Deserialize;

use crate::corpus::Document;

use super::Qrels;

/// Why a collection cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    #[error("the {file} cannot be read: {source}")]
    Io { file: &'static str, source: std::io::Error },
    #[error("line {line} of the {file} is not `{expected}`")]
    Line { file: &'static str, line: usize, expected: &'static str },
    #[error("no question has a relevant document: do the ids of the three files agree?")]
    NothingJudged,
}

#[derive(Deserialize)]
struct Record {
    _id: String,
    #[serde(default)]
    title: String,
    text: String,
}

pub(super) fn documents(reader: impl BufRead) -> Result<Vec<Document>, EvalError> {
    let records = records(reader, "corpus", "{\"_id\", \"title\", \"text\"}")?;
    let document = |r: Record| Document { id: r._id, title: r.title, text: r.text };
    Ok(records.into_iter().map(document).collect())
}

pub(super) fn queries(reader: impl BufRead) -> Result<Vec<(String, String)>, EvalError> {
    let records = records(reader, "queries", "{\"_id\", \"text\"}")?;
    Ok(records.into_iter().map(|record| (record._id, record.text)).collect())
}

fn records(
    reader: impl BufRead,
    file: &'static str,
    expected: &'static str,
) -> Result<Vec<Record>, EvalError> {
    let mut records = Vec::new();
    for (at, text) in reader.lines().enumerate() {
        let text = text.map_err(|source| EvalError::Io { file, source })?;
        if !text.trim().is_empty() {
            let record = serde_json::from_str(&text);
            records.push(record.map_err(|_| EvalError::Line { file, line: at + 1, expected })?);
        }
    }
    Ok(records)
}

/// Three columns, or TREC's four, whose second is not used; a header is skipped.
pub(super) fn qrels(reader: impl BufRead) -> Result<Qrels, EvalError> {
    const FILE: &str = "qrels";
    let mut qrels = Qrels::new();
    for (at, text) in reader.lines().enumerate() {
        let text = text.map_err(|source| EvalError::Io { file: FILE, source })?;
        let columns: Vec<&str> = text.split_whitespace().collect();
        let judged = match columns[..] {
            [query, document, gain] | [query, _, document, gain] => {
                gain.parse::<i32>().ok().map(|gain| (query, document, gain))
            }
            _ => None,
        };
        match judged {
            Some((query, document, gain)) => {
                let gain = u32::try_from(gain).unwrap_or(0);
                qrels.entry(query.to_owned()).or_default().insert(document.to_owned(), gain);
            }
            None if at == 0 || columns.is_empty() => {}
            None => {
                let expected = "query-id corpus-id score";
                return Err(EvalError::Line { file: FILE, line: at + 1, expected });
            }
        }
    }
    Ok(qrels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_trec_columns_and_negative_gains_are_read() {
        let text = "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t-1\n2 0 d3 1\n";
        let qrels = qrels(text.as_bytes()).unwrap();
        assert_eq!(qrels["1"]["d1"], 2);
        assert_eq!(qrels["1"]["d2"], 0);
        assert_eq!(qrels["2"]["d3"], 1);
    }

    #[test]
    fn a_broken_line_is_named() {
        let error =
            documents("{\"_id\": \"1\", \"text\": \"a\"}\nnot json\n".as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2 of the corpus is not `{\"_id\", \"title\", \"text\"}`"
        );
        assert!(qrels("1\td\t1\nbroken\n".as_bytes()).is_err());
    }
}
