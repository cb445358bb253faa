//! Citations: what is quoted, from where, and whether it is really there.

mod check;
mod quote;
mod sentence;

use serde::Serialize;

pub use check::{Checked, Citable, check};
pub use quote::find_quote;
pub use sentence::{Scored, best_sentences, sentences};

/// What is said when the library holds no answer.
///
/// `location` says where the document may be, in the words of the one who asks.
pub fn no_match(location: Option<&str>) -> String {
    let location = location.unwrap_or("where your team keeps it");
    format!(
        "I don't have direct access to that document yet. I recommend checking {location} or \
         uploading it to the system."
    )
}

/// Names the pieces of evidence of one turn: `e1`, `e2`, …
///
/// Ids are minted by the server only, so a citation of any other id is invented.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    minted: u32,
}

impl Evidence {
    /// The evidence of a turn in which so many ids are minted already.
    pub fn after(minted: u32) -> Evidence {
        Evidence { minted }
    }

    /// The next id.
    pub fn mint(&mut self) -> EvidenceId {
        self.minted += 1;
        EvidenceId(self.minted)
    }
}

/// The id of a piece of evidence; written `e3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvidenceId(u32);

impl EvidenceId {
    /// Reads `e3`.
    pub fn parse(text: &str) -> Option<EvidenceId> {
        let number = text.strip_prefix('e')?;
        let canonical = !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
        if canonical { number.parse().ok().map(EvidenceId) } else { None }
    }
}

impl std::fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "e{}", self.0)
    }
}

impl Serialize for EvidenceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_up_and_read_back() {
        let mut evidence = Evidence::default();
        assert_eq!(evidence.mint().to_string(), "e1");
        assert_eq!(EvidenceId::parse("e2"), Some(evidence.mint()));
        assert_eq!(Evidence::after(2), evidence);
        for invented in ["e", "e01", "x1", "e-1", "e+1"] {
            assert_eq!(EvidenceId::parse(invented), None, "{invented}");
        }
    }

    #[test]
    fn the_sentence_of_the_empty_search() {
        assert_eq!(
            no_match(Some("the QA binder")),
            "I don't have direct access to that document yet. I recommend checking the QA binder \
             or uploading it to the system."
        );
    }
}
