//! Transactions read from text: integers separated by blanks (FIMI), or names by commas.

use std::collections::BTreeMap;

/// Sets of items, one for each transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transactions {
    /// Item numbers, one transaction after another.
    items: Vec<u32>,
    /// Where each transaction ends in `items`.
    ends: Vec<u32>,
    /// One more than the highest item number.
    item_count: usize,
    /// The name of each item; none where items are numbers.
    names: Vec<String>,
}

/// Why a text is no list of transactions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A token that is no item number.
    #[error("line {line}: `{token}` is no item number below 4194304: separate names by commas")]
    Number {
        /// Counted from 1.
        line: usize,
        /// What stands there.
        token: String,
    },
    /// More items than can be numbered.
    #[error("more than 4294967295 items in all: split the transactions")]
    TooMany,
}

/// Item numbers stand for themselves below this bound.
const MAX_NUMBER: u32 = 1 << 22;

impl Transactions {
    /// Reads one transaction from each line that is not blank. Lines hold names separated by
    /// commas (in double quotes where a name has a comma) if any line has a comma, else item
    /// numbers separated by blanks. A repeated item counts once.
    ///
    /// ```
    /// use engines::itemsets::Transactions;
    ///
    /// let numbers = Transactions::parse("3 1\n\n7\n").unwrap();
    /// assert_eq!((numbers.len(), numbers.names(&[7])), (2, vec!["7".to_owned()]));
    /// let names = Transactions::parse("tea,\"milk, whole\"\ntea\n").unwrap();
    /// assert_eq!(names.names(&[1]), ["milk, whole"]);
    /// ```
    ///
    /// # Errors
    /// [`ParseError`] when a line without commas holds something else than item numbers.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if u32::try_from(text.len()).is_err() {
            return Err(ParseError::TooMany);
        }
        if text.contains(',') { Ok(Self::from_names(text)) } else { Self::from_numbers(text) }
    }

    /// Transactions of numbered items; a repeated item counts once.
    #[must_use]
    pub fn from_items(transactions: &[Vec<u32>]) -> Self {
        let mut all = Self::default();
        for transaction in transactions {
            all.items.extend_from_slice(transaction);
            all.close();
        }
        all
    }

    /// How many transactions there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The names of items; numbers stand for themselves.
    #[must_use]
    pub fn names(&self, items: &[u32]) -> Vec<String> {
        let name = |&item: &u32| self.names.get(item as usize).cloned();
        items.iter().map(|item| name(item).unwrap_or_else(|| item.to_string())).collect()
    }

    /// The items of each transaction, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.items[start as usize..end as usize])
    }

    pub(super) fn item_count(&self) -> usize {
        self.item_count
    }

    pub(super) fn all_items(&self) -> &[u32] {
        &self.items
    }

    fn from_numbers(text: &str) -> Result<Self, ParseError> {
        let mut all = Self { items: Vec::with_capacity(text.len() / 4), ..Self::default() };
        let (mut number, mut digits) = (0u32, 0u32);
        for (at, byte) in text.bytes().chain([b'\n']).enumerate() {
            if byte.is_ascii_digit() {
                number = number.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
                digits += 1;
                continue;
            }
            if digits > 0 && number < MAX_NUMBER {
                all.items.push(number);
            } else if digits > 0 || !byte.is_ascii_whitespace() {
                return Err(refusal(text, at));
            }
            (number, digits) = (0, 0);
            if byte == b'\n' && all.items.len() as u32 > all.ends.last().copied().unwrap_or(0) {
                all.close();
            } else if !byte.is_ascii_whitespace() {
                return Err(refusal(text, at));
            }
        }
        Ok(all)
    }

    fn from_names(text: &str) -> Self {
        let mut all = Self::default();
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut add = |name: &str| {
                let next = numbers.len() as u32;
                let number = match numbers.get(name) {
                    Some(&number) => number,
                    None => *numbers.entry(name.to_owned()).or_insert(next),
                };
                all.items.push(number);
            };
            if line.contains('"') {
                quoted_fields(line).iter().for_each(|name| add(name));
            } else {
                line.split(',').map(str::trim).filter(|f| !f.is_empty()).for_each(add);
            }
            all.close();
        }
        all.names = vec![String::new(); numbers.len()];
        for (name, number) in numbers {
            all.names[number as usize] = name;
        }
        all
    }

    /// Ends a transaction, dropping repeated items.
    fn close(&mut self) {
        let start = self.ends.last().copied().unwrap_or(0) as usize;
        let transaction = &mut self.items[start..];
        if !transaction.is_sorted_by(|a, b| a < b) {
            transaction.sort_unstable();
            let mut kept = 0;
            for i in 1..transaction.len() {
                if transaction[i] != transaction[kept] {
                    kept += 1;
                    transaction[kept] = transaction[i];
                }
            }
            let distinct = transaction.len().min(kept + 1);
            self.items.truncate(start + distinct);
        }
        let highest = self.items[start..].last().map_or(0, |&item| item as usize + 1);
        self.item_count = self.item_count.max(highest);
        self.ends.push(self.items.len() as u32);
    }
}

/// The fields of a line that is separated by commas outside double quotes.
fn quoted_fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for part in line.chars() {
        match part {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().expect("starts with one field").push(other),
        }
    }
    let trimmed = fields.iter().map(|f| f.trim().to_owned());
    trimmed.filter(|f| !f.is_empty()).collect()
}

/// Names the token around byte `at`.
fn refusal(text: &str, at: usize) -> ParseError {
    let before = &text.as_bytes()[..at];
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let from = before.iter().rposition(u8::is_ascii_whitespace).map_or(0, |i| i + 1);
    let rest = text.get(from..).unwrap_or_default();
    let token = rest.split_ascii_whitespace().next().unwrap_or_default().to_owned();
    ParseError::Number { line, token }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_dialects() {
        let numbers = Transactions::parse("1 2 3\r\n\n  2 2 1 \n9").unwrap();
        let read: Vec<&[u32]> = numbers.iter().collect();
        assert_eq!(read, [&[1, 2, 3][..], &[1, 2], &[9]]);
        let names = Transactions::parse("b,a,b\n\nc\n").unwrap();
        assert_eq!(
            (names.len(), names.names(&[0, 1, 2])),
            (2, vec!["b".into(), "a".into(), "c".into()])
        );
        assert!(Transactions::parse("").unwrap().is_empty());
    }

    #[test]
    fn names_the_line_and_token_it_cannot_read() {
        for (text, line, token) in
            [("1 2\n3 x4\n", 2, "x4"), ("1\n\n4194304 5", 3, "4194304"), ("7é", 1, "7é")]
        {
            let want = ParseError::Number { line, token: token.to_owned() };
            assert_eq!(Transactions::parse(text), Err(want));
        }
    }
}
