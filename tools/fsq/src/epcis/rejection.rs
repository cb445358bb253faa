//! Why a document is refused, and where.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One fault of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rejection {
    /// Index of the event, from 0, when the fault is in one.
    pub event: Option<usize>,
    /// JSON pointer (RFC 6901) to the faulty value, or to the object that lacks something; empty
    /// for the document itself.
    pub pointer: String,
    /// Line of the faulty value, from 1.
    pub line: Option<usize>,
    /// Column of the faulty value in bytes, from 1.
    pub column: Option<usize>,
    /// What is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event) = self.event {
            write!(f, "event {event}, ")?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}, ")?;
        }
        write!(f, "`{}`: {}", self.pointer, self.reason)
    }
}

impl std::error::Error for Rejection {}

/// Line and column of the value at `pointer` in `text`, which is known to be valid JSON. When the
/// pointer names a value that is not there, the object that should have it is meant.
pub(super) fn locate(text: &str, pointer: &str) -> (usize, usize) {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let here = scan.at;
        if !scan.step_into(&token) {
            scan.at = here;
            break;
        }
    }
    let before = &scan.bytes[..scan.at.min(scan.bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

/// A walk over valid JSON text that only counts brackets and quotes.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Moves to the member or element named `token`; `false` when there is none.
    fn step_into(&mut self, token: &str) -> bool {
        let object = match self.peek() {
            b'{' => true,
            b'[' => false,
            _ => return false,
        };
        self.at += 1;
        for index in 0.. {
            self.space();
            if matches!(self.peek(), b'}' | b']' | 0) {
                return false;
            }
            let found = if object {
                let start = self.at;
                self.skip();
                let key: Option<String> = serde_json::from_slice(&self.bytes[start..self.at]).ok();
                self.space();
                self.at += 1;
                self.space();
                key.as_deref() == Some(token)
            } else {
                token.parse() == Ok(index)
            };
            if found {
                return true;
            }
            self.skip();
            self.space();
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        false
    }

    /// Moves past one value.
    fn skip(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => self.skip_text(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => {
                    let literal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
                    while literal(self.peek()) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_text(&mut self) {
        self.at += 1;
        while !matches!(self.peek(), b'"' | 0) {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_found_in_the_text() {
        let text =
            "{\n  \"a\\\"b\": [1, {\"c/d\": -2.5e3}],\n  \"e\": [\n    true, \"x,}\",\n    7]\n}";
        assert_eq!(locate(text, ""), (1, 1));
        assert_eq!(locate(text, "/a\"b/1/c~1d"), (2, 23));
        assert_eq!(locate(text, "/e/2"), (5, 5));
        assert_eq!(locate(text, "/e/9"), (3, 8), "what is missing is placed at its parent");
        assert_eq!(locate(text, "/nothing"), (1, 1));
    }
}
