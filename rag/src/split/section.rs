//! The sections of a Markdown text.

/// A stretch of text under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Bytes of the text, the heading's own line included.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The path of headings.
    pub(super) heading: String,
}

/// Cuts a Markdown text at its headings. Sections with nothing below their heading are left out:
/// the heading lives on in the path of those below it.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut path: Vec<(usize, &str)> = Vec::new();
    let (mut from, mut body) = (0, false);
    let mut fence: Option<&str> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let marker = ["```", "~~~"].into_iter().find(|marker| bare.starts_with(marker));
        match (fence, marker) {
            (None, Some(_)) => fence = marker,
            (Some(open), Some(close)) if open == close => fence = None,
            _ => {}
        }
        if let (None, Some((level, title))) = (fence, heading(line)) {
            if body {
                sections.push(Section { from, to: at, heading: join(&path) });
            }
            path.retain(|(outer, _)| *outer < level);
            path.push((level, title));
            (from, body) = (at, false);
        } else {
            body |= !bare.is_empty();
        }
        at += line.len();
    }
    if body || sections.is_empty() {
        sections.push(Section { from, to: at, heading: join(&path) });
    }
    sections
}

/// Level and title of a line such as `## Cleaning ##`.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &line[level..];
    let is_heading = (1..=6).contains(&level) && rest.starts_with([' ', '\t', '\n']);
    is_heading.then(|| (level, rest.trim().trim_end_matches('#').trim_end()))
}

fn join(path: &[(usize, &str)]) -> String {
    let titles: Vec<&str> = path.iter().map(|(_, title)| *title).collect();
    titles.join(" › ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_not_a_heading_and_deeper_levels_close() {
        let text = "intro\n# A\n```\n# not\n```\n### B\nb\n## C\nc\n#tag\n";
        let headings: Vec<_> = sections(text).into_iter().map(|s| s.heading).collect();
        assert_eq!(headings, ["", "A", "A › B", "A › C"]);
    }

    #[test]
    fn a_text_of_headings_alone_is_one_section() {
        assert_eq!(sections("# A\n## B\n").len(), 1);
    }

    #[test]
    fn sections_tile_the_text_after_their_headings() {
        let text = "# A\n\none\n\n# B\n\ntwo\n";
        let cut: Vec<_> = sections(text).iter().map(|s| &text[s.from..s.to]).collect();
        assert_eq!(cut, ["# A\n\none\n\n", "# B\n\ntwo\n"]);
    }
}
