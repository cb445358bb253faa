//! The grammar of training phrases: alternatives `(show|list)` and slots `{lot}`.

/// The most sentences that one phrase stands for.
pub const MAX_EXPANSIONS: usize = 60;

/// Every sentence that `phrase` stands for, in order; [`MAX_EXPANSIONS`] of them, sampled evenly,
/// when there are more.
///
/// `(a|b c|)` is one of its alternatives (the last is nothing), and groups nest. A bracket without
/// its partner is an ordinary character. Slots such as `{lot}` are left in place.
///
/// ```
/// use orchestrator::router::phrases::expand;
/// assert_eq!(expand("(show|list) my {device}"), ["show my {device}", "list my {device}"]);
/// ```
pub fn expand(phrase: &str) -> Vec<String> {
    let characters: Vec<char> = phrase.chars().collect();
    let mut parser = Parser { characters: &characters, at: 0 };
    let sequence = parser.sequence(0);
    let total = sequence.count();
    let wanted = total.min(MAX_EXPANSIONS as u128);
    let mut sentences: Vec<String> = Vec::new();
    for sample in 0..wanted {
        let mut sentence = String::new();
        sequence.write(sample_index(sample, wanted, total), &mut sentence);
        let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
        if !sentence.is_empty() && !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences
}

/// `phrase` with each slot's name given by `kind_of`, or kept where that is `None`.
///
/// Tools write phrases with the names of their arguments (`{from_slot}`); the router learns kinds
/// (`{slot_label}`), since kinds are what is recognised in an utterance.
pub fn with_kinds(phrase: &str, kind_of: impl Fn(&str) -> Option<String>) -> String {
    let mut written = String::with_capacity(phrase.len());
    for piece in pieces(phrase) {
        match piece {
            Piece::Plain(text) => written.push_str(text),
            Piece::Slot(name) => {
                let kind = kind_of(name);
                written.push('{');
                written.push_str(kind.as_deref().unwrap_or(name));
                written.push('}');
            }
        }
    }
    written
}

/// A stretch of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    /// The name between braces.
    Slot(&'a str),
}

/// Parts `phrase` at its slots; braces around anything but a name are plain text.
pub(super) fn pieces(phrase: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut plain = 0;
    let mut search = 0;
    while let Some(open) = phrase[search..].find('{').map(|at| at + search) {
        let Some(close) = phrase[open..].find('}').map(|at| at + open) else { break };
        let name = &phrase[open + 1..close];
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            search = open + 1;
            continue;
        }
        if plain < open {
            found.push(Piece::Plain(&phrase[plain..open]));
        }
        found.push(Piece::Slot(name));
        plain = close + 1;
        search = plain;
    }
    if plain < phrase.len() {
        found.push(Piece::Plain(&phrase[plain..]));
    }
    found
}

/// The place of a sample among all sentences: one in each of `wanted` equal strata, at a spot that
/// varies from stratum to stratum, so that no alternative is skipped by a common divisor.
fn sample_index(sample: u128, wanted: u128, total: u128) -> u128 {
    let width = total / wanted;
    let spread = sample.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7;
    sample * total / wanted + spread % width
}

enum Node {
    Text(String),
    Group(Vec<Sequence>),
}

struct Sequence(Vec<Node>);

/// Sentences are numbered below this, whatever a phrase multiplies to.
const MOST_SENTENCES: u128 = 1 << 64;

/// Groups nested deeper than this are read as plain text.
const MAX_DEPTH: usize = 16;

impl Sequence {
    fn count(&self) -> u128 {
        self.0.iter().fold(1, |product: u128, node| (product * node.count()).min(MOST_SENTENCES))
    }

    /// Writes the sentence numbered `index`, the last group turning fastest.
    fn write(&self, index: u128, out: &mut String) {
        let mut rest = index;
        let mut choices = vec![0; self.0.len()];
        for (choice, node) in choices.iter_mut().zip(&self.0).rev() {
            let count = node.count();
            *choice = rest % count;
            rest /= count;
        }
        for (choice, node) in choices.into_iter().zip(&self.0) {
            node.write(choice, out);
        }
    }
}

impl Node {
    fn count(&self) -> u128 {
        match self {
            Node::Text(_) => 1,
            Node::Group(ways) => {
                ways.iter().map(Sequence::count).sum::<u128>().clamp(1, MOST_SENTENCES)
            }
        }
    }

    fn write(&self, index: u128, out: &mut String) {
        match self {
            Node::Text(text) => out.push_str(text),
            Node::Group(ways) => {
                let mut rest = index;
                for way in ways {
                    let count = way.count();
                    if rest < count {
                        return way.write(rest, out);
                    }
                    rest -= count;
                }
            }
        }
    }
}

struct Parser<'a> {
    characters: &'a [char],
    at: usize,
}

impl Parser<'_> {
    /// Reads up to the end, or within a group up to its `|` or `)`.
    fn sequence(&mut self, depth: usize) -> Sequence {
        let mut nodes = Vec::new();
        let mut text = String::new();
        while let Some(&character) = self.characters.get(self.at) {
            match character {
                '|' | ')' if depth > 0 => break,
                '(' if depth < MAX_DEPTH && self.closes() => {
                    nodes.push(Node::Text(std::mem::take(&mut text)));
                    nodes.push(self.group(depth + 1));
                    continue;
                }
                _ => text.push(character),
            }
            self.at += 1;
        }
        nodes.push(Node::Text(text));
        Sequence(nodes)
    }

    fn group(&mut self, depth: usize) -> Node {
        let mut ways = Vec::new();
        loop {
            self.at += 1;
            ways.push(self.sequence(depth));
            if self.characters.get(self.at) != Some(&'|') {
                break;
            }
        }
        self.at += 1;
        Node::Group(ways)
    }

    /// Whether the bracket here has a partner.
    fn closes(&self) -> bool {
        let mut open = 0;
        for character in &self.characters[self.at..] {
            match character {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn alternatives_multiply_and_may_be_empty() {
        assert_eq!(
            expand("(show|list) (all |)my {lot}"),
            ["show all my {lot}", "show my {lot}", "list all my {lot}", "list my {lot}"]
        );
    }

    #[test]
    fn groups_nest_and_lone_brackets_are_text() {
        assert_eq!(expand("(a|b (c|d)) e"), ["a e", "b c e", "b d e"]);
        assert_eq!(expand("what (now"), ["what (now"]);
        assert_eq!(expand("a) b|c"), ["a) b|c"]);
    }

    #[test]
    fn many_sentences_are_sampled_with_every_alternative_kept() {
        let phrase = "(a|b|c|d|e|f) (1|2|3|4|5|6|7|8|9|10) (x|y|z|w)";
        let sentences = expand(phrase);
        assert_eq!(sentences.len(), MAX_EXPANSIONS);
        for word in ["a", "f", "1", "7", "10", "x", "y", "z", "w"] {
            assert!(
                sentences.iter().any(|s| s.split(' ').any(|part| part == word)),
                "{word} is never said"
            );
        }
    }

    #[test]
    fn slots_take_the_name_of_their_kind() {
        let kind = |name: &str| (name == "to").then(|| "slot_label".to_owned());
        assert_eq!(
            with_kinds("move {product} {to} {a b}", kind),
            "move {product} {slot_label} {a b}"
        );
    }

    proptest! {
        #[test]
        fn any_text_expands_to_a_bounded_set(text in "[ab(|){} ]{0,60}") {
            let sentences = expand(&text);
            prop_assert!(sentences.len() <= MAX_EXPANSIONS);
            prop_assert_eq!(expand(&text), sentences);
        }

        #[test]
        fn pieces_lose_nothing(text in any::<String>()) {
            let joined: String = pieces(&text)
                .iter()
                .map(|piece| match piece {
                    Piece::Plain(text) => (*text).to_owned(),
                    Piece::Slot(name) => format!("{{{name}}}"),
                })
                .collect();
            prop_assert_eq!(joined, text);
        }
    }
}
