//! Keys, tokens and passwords: by how they begin, and by what stands before them.

use super::{Finding, leading, trailing};

pub(super) const TAG: &str = "[secret]";

/// How the keys of well-known services begin, and how many characters follow at least.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 16),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("whsec_", 8),
    ("qm_", 16),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xapp-", 10),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("hf_", 20),
    ("npm_", 20),
    ("eyJ", 20),
];

/// Names whose value is a secret, written without `_`, `-` and capitals.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "clientsecret",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "token",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "apitoken",
    "bearertoken",
    "authorization",
    "xapikey",
    "סיסמה",
    "הסיסמה",
];

/// Whether a member of this name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    // Most words begin with none of these letters: no need to look further.
    let begins = name.bytes().next().is_some_and(|it| b"pPsScCaAtTrRbBxX\xD7".contains(&it));
    let mut plain = [0; 24];
    if !begins || !(3..=plain.len()).contains(&name.len()) {
        return false;
    }
    let mut length = 0;
    for letter in name.bytes().filter(|it| !b"_-".contains(it)) {
        plain[length] = letter.to_ascii_lowercase();
        length += 1;
    }
    NAMES.iter().any(|it| it.as_bytes() == &plain[..length])
}

pub(super) fn find(text: &str, findings: &mut Vec<Finding>) {
    private_keys(text, findings);
    url_passwords(text, findings);
    let mut from = 0;
    while let Some((start, end)) = next_word(text, from) {
        let word = &text[start..end];
        if is_key(word) {
            findings.push(Finding { start, end, tag: TAG });
        } else if is_secret_name(word) {
            named_value(text, end, findings);
        } else if word.eq_ignore_ascii_case("bearer") {
            let value = end + leading(&text[end..], |it| it == ' ');
            let length = leading(&text[value..], |it| !it.is_whitespace() && !"\"',;".contains(it));
            if length >= 16 {
                findings.push(Finding { start: value, end: value + length, tag: TAG });
            }
        }
        from = end;
    }
}

/// The next run of letters, digits, `_`, `-` and `.`, from a byte offset on.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let width = |at: usize| match bytes[at] {
        it if it.is_ascii() => usize::from(it.is_ascii_alphanumeric() || b"_-.".contains(&it)),
        _ => text[at..].chars().next().filter(|it| it.is_alphanumeric()).map_or(0, char::len_utf8),
    };
    let mut start = from;
    while start < bytes.len() && (!text.is_char_boundary(start) || width(start) == 0) {
        start += 1;
    }
    let mut end = start;
    while end < bytes.len() && width(end) > 0 {
        end += width(end);
    }
    (start < end).then_some((start, end))
}

/// A word that begins as a key does, goes on long enough, and is not plain prose.
fn is_key(word: &str) -> bool {
    let long_enough = word.len() >= 12;
    long_enough
        && PREFIXES.iter().any(|(prefix, least)| {
            word.strip_prefix(prefix).is_some_and(|rest| {
                rest.len() >= *least
                    && rest.bytes().any(|it| it.is_ascii_digit() || it.is_ascii_uppercase())
            })
        })
}

/// `password: x`, `password=x`, `password is x`, `הסיסמה שלי: x`; quotes belong to the value.
fn named_value(text: &str, end: usize, findings: &mut Vec<Finding>) {
    let rest = &text[end..];
    let gap = rest.trim_start_matches(['"', '\'']).trim_start_matches(' ');
    let gap = gap.strip_prefix("שלי").unwrap_or(gap).trim_start_matches(' ');
    let said = gap.strip_prefix([':', '=']).or_else(|| gap.strip_prefix("is "));
    let Some(value) = said.map(|it| it.trim_start_matches(' ')) else { return };
    let start = text.len() - value.len();
    let quoted = value.chars().next().filter(|it| "\"'`".contains(*it));
    let length = match quoted.and_then(|quote| value[1..].find(quote)) {
        Some(inside) => inside + 2,
        None => value_length(value),
    };
    // `[secret]` itself is not taken out again.
    if length > 0 && &value[..length] != TAG {
        findings.push(Finding { start, end: start + length, tag: TAG });
    }
}

/// Up to white space or a comma; a scheme such as `Bearer` takes the next word along.
fn value_length(value: &str) -> usize {
    let stops = |it: char| it.is_whitespace() || ",;}&".contains(it);
    let length = leading(value, |it| !stops(it));
    let scheme = ["bearer", "basic"].iter().any(|it| value[..length].eq_ignore_ascii_case(it));
    if !scheme {
        return length;
    }
    let gap = leading(&value[length..], |it| it == ' ');
    length + gap + leading(&value[length + gap..], |it| !stops(it))
}

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the text.
fn private_keys(text: &str, findings: &mut Vec<Finding>) {
    const MARK: &str = "PRIVATE KEY-----";
    for (start, begin) in text.match_indices("-----BEGIN ") {
        let body = start + begin.len();
        let Some(title) = text[body..].find(MARK).filter(|it| *it < 20) else { continue };
        let inside = body + title + MARK.len();
        let end = text[inside..].find(MARK).map_or(text.len(), |it| inside + it + MARK.len());
        findings.push(Finding { start, end, tag: TAG });
    }
}

/// The password in `scheme://user:password@host`.
fn url_passwords(text: &str, findings: &mut Vec<Finding>) {
    for (at, mark) in text.match_indices("://") {
        let authority = &text[at + mark.len()..];
        let authority = &authority[..leading(authority, |it| !it.is_whitespace() && it != '/')];
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        let scheme = trailing(&text[..at], |it| it.is_ascii_alphanumeric());
        if let Some((name, password)) = user.split_once(':').filter(|_| scheme > 0) {
            let start = at + mark.len() + name.len() + 1;
            if !password.is_empty() && password != TAG {
                findings.push(Finding { start, end: start + password.len(), tag: TAG });
            }
        }
    }
}
