//! Parting a message that asks for several things.

use super::text::{Token, tokens};

/// The clauses of `text`, each of which asks for something of its own.
///
/// Parts at sentence ends and line breaks, and at "and", "then", "also" (וגם, ואז, ו-) only where a
/// request clearly begins after it. A clause of one word stays with its neighbour, and nothing after
/// "if" is parted from it, so "what if I move Coke to B3 and add Pepsi" is one question.
///
/// ```
/// use orchestrator::router::clauses;
/// assert_eq!(
///     clauses("Trace lot L24-0117 and then show me the suppliers"),
///     ["Trace lot L24-0117", "show me the suppliers"]
/// );
/// assert_eq!(clauses("salt and pepper sales"), ["salt and pepper sales"]);
/// ```
pub fn clauses(text: &str) -> Vec<&str> {
    let words = tokens(text);
    let mut found = Vec::new();
    let mut first = 0;
    let mut at = 1;
    while at < words.len() {
        let Some(resume) = cut(text, &words, first, at) else {
            at += 1;
            continue;
        };
        push(&mut found, &text[words[first].span.start..words[at - 1].span.end]);
        first = resume;
        at = resume + 1;
    }
    match words.get(first) {
        Some(start) => push(&mut found, &text[start.span.start..]),
        None => push(&mut found, text),
    }
    found
}

/// Where the next clause begins, when the one that began at `first` ends before word `at`.
fn cut(text: &str, words: &[Token], first: usize, at: usize) -> Option<usize> {
    let gap = &text[words[at - 1].span.end..words[at].span.start];
    let ended = gap.contains(['?', '!', '\n', ';'])
        || gap.contains('.') && gap.ends_with(char::is_whitespace);
    if ended && at - first >= 2 && words.len() - at >= 2 {
        return Some(skip_joiners(words, at));
    }
    let hypothetical = words[first..at].iter().any(|word| CONDITIONS.contains(&&*word.text));
    if hypothetical || at - first < 2 {
        return None;
    }
    let joined = JOINERS.contains(&&*words[at].text);
    let resume = skip_joiners(words, at);
    if joined && words.len() - resume >= 2 && opens(&words[resume].text) {
        return Some(resume);
    }
    let attached =
        words[at].text.strip_prefix('ו').is_some_and(|rest| HEBREW_OPENERS.contains(&rest));
    (attached && words.len() - at >= 2).then_some(at)
}

fn skip_joiners(words: &[Token], at: usize) -> usize {
    let joiners = words[at..].iter().take_while(|word| JOINERS.contains(&&*word.text)).count();
    if at + joiners < words.len() { at + joiners } else { at }
}

fn opens(word: &str) -> bool {
    OPENERS.contains(&word) || HEBREW_OPENERS.contains(&word)
}

fn push<'a>(found: &mut Vec<&'a str>, clause: &'a str) {
    let clause = clause.trim();
    if !clause.is_empty() {
        found.push(clause);
    }
}

const CONDITIONS: &[&str] = &["if", "between", "whether", "suppose", "אם", "בין"];

const JOINERS: &[&str] = &["and", "then", "also", "plus", "afterwards", "וגם", "ואז", "ואחר", "כך"];

/// Words that a request begins with, and that seldom follow "and" otherwise.
const OPENERS: &[&str] = &[
    "show",
    "list",
    "what",
    "whats",
    "how",
    "where",
    "which",
    "who",
    "why",
    "when",
    "trace",
    "forecast",
    "predict",
    "compare",
    "tell",
    "give",
    "find",
    "calculate",
    "diagnose",
    "analyse",
    "analyze",
    "explain",
    "search",
    "check",
    "run",
    "create",
    "draft",
    "export",
    "summarise",
    "summarize",
    "suggest",
    "recommend",
    "simulate",
    "schedule",
    "plan",
    "is",
    "are",
    "can",
    "could",
    "do",
    "does",
    "did",
];

const HEBREW_OPENERS: &[&str] = &[
    "מה",
    "מי",
    "כמה",
    "איפה",
    "היכן",
    "למה",
    "מדוע",
    "מתי",
    "איך",
    "איזה",
    "אילו",
    "תראה",
    "תראי",
    "הראה",
    "הצג",
    "תציג",
    "תן",
    "תני",
    "חשב",
    "תחשב",
    "מצא",
    "תמצא",
    "חפש",
    "תחפש",
    "השווה",
    "תשווה",
    "בדוק",
    "תבדוק",
    "רשום",
    "סכם",
    "תסכם",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requests_are_parted() {
        assert_eq!(
            clauses("Where did lot L24-0117 go? How much yoghurt will store 7 sell next week?"),
            ["Where did lot L24-0117 go", "How much yoghurt will store 7 sell next week?"]
        );
        assert_eq!(
            clauses("list my devices and what is the revenue of VM-004, then show the alerts"),
            ["list my devices", "what is the revenue of VM-004", "show the alerts"]
        );
        assert_eq!(
            clauses("תראה לי את המכונות וכמה מכרנו אתמול"),
            ["תראה לי את המכונות", "וכמה מכרנו אתמול"]
        );
    }

    #[test]
    fn one_request_stays_whole() {
        for text in [
            "what happens if I move Coke to B3 and show Pepsi in B4",
            "compare milk and bread",
            "sales between Monday and Friday",
            "move 3.5 kg of flour vs. sugar",
            "Thanks. Bye",
            "how much did salt and pepper sell",
            "",
            "   ",
        ] {
            let whole: Vec<&str> =
                Some(text.trim()).filter(|text| !text.is_empty()).into_iter().collect();
            assert_eq!(clauses(text), whole);
        }
    }

    proptest! {
        #[test]
        fn clauses_are_disjoint_slices_in_order(text in any::<String>()) {
            let mut rest = text.as_str();
            for clause in clauses(&text) {
                let at = rest.find(clause);
                prop_assert!(at.is_some(), "{clause:?} is not in {rest:?}");
                rest = &rest[at.unwrap_or(0) + clause.len()..];
            }
        }
    }
}
