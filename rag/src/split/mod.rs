//! From a file's bytes to passages that know where they stand.

mod html;
mod section;

use text_splitter::{ChunkCapacity, ChunkConfig, MarkdownSplitter, TextSplitter};

use section::{Section, sections};

/// A passage aims at this many characters and never exceeds [`LONGEST`].
const DESIRED: usize = 1_000;
const LONGEST: usize = 1_600;
/// Characters that neighbouring passages share, so that no sentence is cut from its context.
const OVERLAP: usize = 160;

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Markdown,
    Text,
    Html,
}

/// A passage of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its place in the document, from 0.
    pub ord: u32,
    /// The characters of the document's text that it spans: from, and one past the last.
    pub from: u32,
    pub to: u32,
    /// The headings it stands under, outermost first, joined by ` › `.
    pub heading: String,
    /// Its text: exactly the document's characters `from..to`.
    pub text: String,
}

/// Why a file cannot be read as text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    #[error("`{0}` is not supported: upload Markdown, plain text or HTML")]
    Unsupported(String),
    #[error("the file is not UTF-8 text: save it as UTF-8 and upload it again")]
    NotUtf8,
    #[error("the file holds no text: upload one that does")]
    Empty,
}

impl Format {
    /// The format that a media type names.
    ///
    /// # Errors
    ///
    /// [`SplitError::Unsupported`] for everything but Markdown, text and HTML.
    pub fn of(mime: &str) -> Result<Format, SplitError> {
        match mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "text/markdown" | "text/x-markdown" => Ok(Format::Markdown),
            "text/plain" | "text/csv" | "text/tab-separated-values" => Ok(Format::Text),
            "text/html" | "application/xhtml+xml" => Ok(Format::Html),
            _ => Err(SplitError::Unsupported(mime.to_owned())),
        }
    }
}

/// The text of a file, as citations count its characters: UTF-8, lines ended by `\n`, HTML as
/// Markdown.
///
/// # Errors
///
/// [`SplitError::NotUtf8`] or [`SplitError::Empty`].
pub fn text_of(format: Format, bytes: &[u8]) -> Result<String, SplitError> {
    let raw = std::str::from_utf8(bytes).map_err(|_| SplitError::NotUtf8)?;
    let raw = raw.trim_start_matches('\u{feff}');
    // Postgres stores no NUL.
    let plain = raw.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    let text = if format == Format::Html { html::to_markdown(&plain) } else { plain };
    if text.trim().is_empty() { Err(SplitError::Empty) } else { Ok(text) }
}

/// The passages of a text made by [`text_of`].
///
/// A passage never crosses a heading, so its heading is the one that its reader sees above it.
pub fn split(format: Format, text: &str) -> Vec<Chunk> {
    let whole = [Section { from: 0, to: text.len(), heading: String::new() }];
    let sections = if format == Format::Text { whole.to_vec() } else { sections(text) };
    let mut chunks: Vec<Chunk> = Vec::new();
    let (mut counted_to, mut characters) = (0, 0);
    for section in sections {
        for (at, piece) in pieces(format, &text[section.from..section.to]) {
            // Passages overlap, so the count of characters may have to go back.
            let from = section.from + at;
            if from >= counted_to {
                characters += text[counted_to..from].chars().count();
            } else {
                characters -= text[from..counted_to].chars().count();
            }
            counted_to = from;
            chunks.push(Chunk {
                ord: number(chunks.len()),
                from: number(characters),
                to: number(characters + piece.chars().count()),
                heading: section.heading.clone(),
                text: piece.to_owned(),
            });
        }
    }
    chunks
}

/// Byte offset and text of each piece.
fn pieces(format: Format, text: &str) -> Vec<(usize, &str)> {
    let capacity = ChunkCapacity::new(DESIRED).with_max(LONGEST).expect("DESIRED is below LONGEST");
    let config =
        ChunkConfig::new(capacity).with_overlap(OVERLAP).expect("OVERLAP is below DESIRED");
    match format {
        Format::Text => TextSplitter::new(config).chunk_indices(text).collect(),
        Format::Markdown | Format::Html => {
            MarkdownSplitter::new(config).chunk_indices(text).collect()
        }
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = "# Freezer manual\n\n## Cleaning\n\nDefrost every Monday. Café.\n\n\
        ## Alarms\n\n### High temperature\n\nCall service above -15 °C.\n";

    #[test]
    fn passages_stand_under_their_headings() {
        let headings: Vec<_> =
            split(Format::Markdown, MANUAL).into_iter().map(|c| c.heading).collect();
        assert_eq!(
            headings,
            ["Freezer manual › Cleaning", "Freezer manual › Alarms › High temperature"]
        );
    }

    #[test]
    fn positions_are_the_documents_own_characters() {
        let long = format!("{MANUAL}\n{}", "Ein längerer Satz über Käse. ".repeat(300));
        for format in [Format::Markdown, Format::Text] {
            let characters: Vec<char> = long.chars().collect();
            let chunks = split(format, &long);
            assert!(chunks.len() > 5);
            for chunk in chunks {
                let span = &characters[chunk.from as usize..chunk.to as usize];
                assert_eq!(span.iter().collect::<String>(), chunk.text);
                assert!(chunk.text.chars().count() <= LONGEST);
            }
        }
    }

    #[test]
    fn html_is_read_as_its_reader_sees_it() {
        let page = "<html><head><title>x</title><style>p{}</style></head><body><h1>Rinse</h1>\
            <p>Use <b>cold</b> water&nbsp;only.</p><ul><li>first</li></ul>\
            <table><tr><th>Lot</th><td>L24-0117</td></tr></table><script>no()</script></body>";
        let text = text_of(Format::Html, page.as_bytes()).unwrap();
        assert_eq!(text, "# Rinse\n\nUse cold water only.\n\n- first\n\nLot | L24-0117\n");
        assert_eq!(split(Format::Html, &text)[0].heading, "Rinse");
    }

    #[test]
    fn what_is_not_text_is_refused_with_advice() {
        assert_eq!(Format::of("text/html; charset=utf-8"), Ok(Format::Html));
        assert!(Format::of("application/pdf").is_err());
        assert_eq!(text_of(Format::Text, &[0xff, 0xfe]), Err(SplitError::NotUtf8));
        assert_eq!(text_of(Format::Html, b"<p> </p>"), Err(SplitError::Empty));
    }
}
