//! HTML as Markdown: the text a reader sees, with its headings, lists and table rows.

use scraper::{ElementRef, Html, Node};

/// Elements whose text nobody reads, or that repeat on every page.
const UNREAD: [&str; 9] =
    ["head", "script", "style", "noscript", "template", "nav", "svg", "iframe", "object"];
const BLOCKS: [&str; 22] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "html",
    "main",
    "ol",
    "p",
    "section",
    "table",
    "tr",
    "ul",
];

/// The readable text of a page.
pub(super) fn to_markdown(page: &str) -> String {
    let mut writer = Writer::default();
    write(Html::parse_document(page).root_element(), &mut writer);
    writer.finish()
}

/// Collects inline text into a line and lines into blocks.
#[derive(Default)]
struct Writer {
    out: String,
    line: String,
    prefix: String,
    verbatim: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.verbatim {
            self.line.push_str(text);
            return;
        }
        for c in text.chars() {
            if !c.is_whitespace() {
                self.line.push(c);
            } else if !self.line.is_empty() && !self.line.ends_with([' ', '\n']) {
                self.line.push(' ');
            }
        }
    }

    /// Ends the block under way, if any.
    fn end_block(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim_end().trim_start_matches('\n');
        if !line.trim().is_empty() {
            if !self.out.is_empty() {
                self.out.push('\n');
            }
            self.out.push_str(&self.prefix);
            self.out.push_str(line);
            self.out.push('\n');
        }
        self.prefix.clear();
    }

    fn finish(mut self) -> String {
        self.end_block();
        self.out
    }
}

fn write(element: ElementRef<'_>, writer: &mut Writer) {
    let name = element.value().name();
    if UNREAD.contains(&name) {
        return;
    }
    match name {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            let level = usize::from(name.as_bytes()[1] - b'0');
            block(element, &format!("{} ", "#".repeat(level)), writer);
        }
        "li" => block(element, "- ", writer),
        "br" => writer.line.push('\n'),
        "hr" => writer.end_block(),
        "td" | "th" => {
            if !writer.line.is_empty() {
                writer.line.push_str(" | ");
            }
            children(element, writer);
        }
        "pre" => {
            writer.verbatim = true;
            block(element, "", writer);
            writer.verbatim = false;
        }
        _ if BLOCKS.contains(&name) => block(element, "", writer),
        _ => children(element, writer),
    }
}

fn block(element: ElementRef<'_>, prefix: &str, writer: &mut Writer) {
    writer.end_block();
    prefix.clone_into(&mut writer.prefix);
    children(element, writer);
    writer.end_block();
}

fn children(element: ElementRef<'_>, writer: &mut Writer) {
    for child in element.children() {
        match child.value() {
            Node::Text(text) => writer.text(text),
            _ => {
                if let Some(element) = ElementRef::wrap(child) {
                    write(element, writer);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_collapse_breaks_stay_and_code_is_verbatim() {
        let page = "<p>a  b<br>c</p><pre>x\n  y</pre>tail";
        assert_eq!(to_markdown(page), "a b\nc\n\nx\n  y\n\ntail\n");
    }

    #[test]
    fn deep_nesting_keeps_every_word() {
        let page = "<div><div>one<p>two</p>three</div></div>";
        assert_eq!(to_markdown(page), "one\n\ntwo\n\nthree\n");
    }
}
