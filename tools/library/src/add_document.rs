//! `library_add_document`: put a text into the library.

use kernel::{Permission, Result};
use rag::{EVERYONE, Ingested, NewDocument, ingest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::WRITE;

/// Add a Markdown, plain-text or HTML document to the library so that it can be searched and
/// quoted. The same text for the same readers is kept once. A person must confirm it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// What people call the document.
    #[schemars(length(min = 1, max = 300))]
    title: String,
    /// The document's text, up to one million characters.
    #[schemars(length(min = 1, max = 1_000_000))]
    text: String,
    /// The form of the text.
    #[serde(default)]
    format: Format,
    /// Numbers of the groups that may read it; 0 is everyone in the company.
    #[serde(default = "everyone")]
    #[schemars(length(min = 1, max = 50))]
    readers: Vec<i32>,
}

fn everyone() -> Vec<i32> {
    vec![EVERYONE]
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Markdown.
    #[default]
    Markdown,
    /// Plain text.
    Text,
    /// HTML.
    Html,
}

impl Format {
    const fn mime(self) -> &'static str {
        match self {
            Format::Markdown => "text/markdown",
            Format::Text => "text/plain",
            Format::Html => "text/html",
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// As given.
    title: String,
    #[serde(flatten)]
    ingested: Ingested,
}

/// The tool.
pub(crate) struct AddDocument;

impl Tool for AddDocument {
    const NAME: &'static str = "library_add_document";
    const TITLE: &'static str = "Add a document";
    const EFFECT: Effect = Effect::Add;
    const PERMISSION: Permission = WRITE;
    const ROUTE: Option<Route> = Some(Route::post("/v1/rag/ingest"));
    const PHRASES: &'static [&'static str] = &[
        "(add|upload|save|put|store) (a|this|the|my|new) (document|file|text|procedure|sop|specification|contract) (to|in|into) (the |our |)library",
        "(add|upload|save) (a|this|new) (document|file|procedure|sop|specification)",
        "i want to upload a (document|file|procedure)",
        "(import|ingest|index) (a|this) (document|file|text)",
        "make this (text|document|procedure) searchable",
        "keep this (text|note|document) in the library",
        "how (do|can) (i|we|you) (add|upload|put) (a|) (document|file) (to|into) the library",
        "(attach|file|archive|register) (a|this|the) (document|file|manual|policy|contract|spec)",
        "(upload|add) (the|our) (new|updated|latest|revised) (version of the |)(policy|plan|manual|procedure|contract)",
        "i (have|got) a (document|file|pdf|procedure) to (add|upload|store)",
        "let me (upload|add|paste) (a|some) (text|document|file)",
        "create a (document|library entry)",
        "new document (called|titled) {title}",
        "add the {title} to the library",
        "(הוסף|העלה|שמור) מסמך (לספרייה|חדש|)",
        "(הוסף|העלה) (נוהל|קובץ) (חדש |)(לספרייה|)",
        "(תוסיף|תעלה|להוסיף|להעלות) (את |)(המסמך|הקובץ|מסמך|קובץ|נוהל|טקסט) (לספרייה|למסמכים|למערכת)",
        "אני רוצה להעלות (מסמך|קובץ|נוהל)",
    ];
    const NARRATION: &'static str = "{% if duplicate %}“{{ title }}” is in the library already, in \
         {{ chunks }} passages; nothing is added.{% else %}“{{ title }}” is added to the library \
         in {{ chunks }} passages, {{ characters }} characters in all.{% endif %}";
    const NARRATION_HE: &'static str = "{% if duplicate %}״{{ title }}״ כבר נמצא בספרייה, \
         ב־{{ chunks }} קטעים; לא נוסף דבר.{% else %}״{{ title }}״ נוסף לספרייה ב־{{ chunks }} \
         קטעים, {{ characters }} תווים בסך הכול.{% endif %}";
    const NEXT: &'static [&'static str] = &["library_list_documents"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args {
            title: "Glass policy".into(),
            text:
                "# Glass policy\n\nGlass is not allowed on the line. A broken lamp stops the line \
                   and everything within 3 metres is thrown away."
                    .into(),
            format: Format::Markdown,
            readers: everyone(),
        }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let document = NewDocument {
            id: ctx.new_id(),
            title: args.title.clone(),
            mime: args.format.mime().into(),
            bytes: args.text.into_bytes(),
            acl: args.readers,
            created_by: ctx.request.principal.user.clone(),
            now: ctx.now(),
        };
        let ingested = ingest(ctx.db, document).await?;
        Ok(Output { title: args.title, ingested })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;
    use toolkit::Outcome;

    use super::*;
    use crate::testing::demo;

    #[test]
    fn a_confirmed_document_is_found_and_a_preview_is_not() {
        block_on(async {
            let bench = demo().await;
            let asked = json!({ "query": "glass on the line" });
            let example = serde_json::to_value(AddDocument::example()).unwrap();
            let held = bench.call(AddDocument::NAME, example.clone()).await.unwrap();
            assert!(matches!(held, Outcome::Held { .. }));
            let before = bench.read("library_search_documents", asked.clone()).await.unwrap();
            assert!(!before.to_string().contains("Glass policy"), "{before}");
            bench.write(AddDocument::NAME, example.clone()).await.unwrap();
            let after = bench.read("library_search_documents", asked).await.unwrap();
            assert_eq!(after["passages"][0]["title"], "Glass policy");
            let again = bench.write(AddDocument::NAME, example).await.unwrap();
            assert_eq!(again["duplicate"], true);
        });
    }
}
