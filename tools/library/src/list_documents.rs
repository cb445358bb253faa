//! `library_list_documents`: what is in the library.

use kernel::{Permission, Result};
use rag::DocumentSummary;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;

/// List the documents in the library that you may read, newest first, with title, kind and
/// number of passages.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Documents to return at most.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 500))]
    limit: u16,
}

fn fifty() -> u16 {
    50
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Newest first.
    documents: Vec<DocumentSummary>,
}

/// The tool.
pub(crate) struct ListDocuments;

impl Tool for ListDocuments {
    const NAME: &'static str = "library_list_documents";
    const TITLE: &'static str = "List documents";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/library/documents"));
    const PHRASES: &'static [&'static str] = &[
        "(list|show) (all |)(the |our |my |)documents",
        "which documents (do we have|are there|are in the library)",
        "what (documents|files|procedures) (have been uploaded|are uploaded|are in the library)",
        "what is in the library",
        "how many documents (are in the library|do we have)",
        "(show|open) the (document |)library",
        "list uploaded (files|documents)",
        "newest documents",
        "(list|show|display) (all |)(stored |)(files|manuals|sops|policies|docs|titles)",
        "which (files|manuals|sops|policies|docs) (are|do we have) (stored|kept|available|in the system)",
        "what (files|manuals|sops|policies|docs) (are there|have we got|exist)",
        "(see|view|browse) (all|every) (document|documents|file|files)",
        "(give|get|show) me (a|the) list of (documents|files|procedures|manuals|policies)",
        "how many (files|docs|manuals|procedures) (are there|are stored|have we got)",
        "what (was|has been) (uploaded|added) (recently|lately|last)",
        "(recent|latest|last) uploads",
        "table of contents of the library",
        "everything in the library",
        "which procedures do we have on file",
        "library (contents|index|overview)",
        "(הצג|רשימת) (את |)(כל |)(המסמכים|מסמכים)",
        "אילו מסמכים (יש|נמצאים) בספרייה",
        "מה יש בספרייה",
        "כמה מסמכים יש לנו",
        "אילו (נהלים|קבצים) (שמורים|קיימים) (אצלנו|במערכת)",
        "(תראה|הראה) לי (את |)(הספרייה|כל הקבצים|כל המסמכים)",
        "מה הועלה לאחרונה",
    ];
    const NARRATION: &'static str = "{% if documents %}{{ documents | count }} documents are in \
         the library: {% for it in documents[:8] %}{{ it.title }} ({{ it.chunks }} passages)\
         {% if not loop.last %}; {% endif %}{% endfor %}.{% else %}The library is empty: add a \
         document first.{% endif %}";
    const NARRATION_HE: &'static str = "{% if documents %}בספרייה {{ documents | count }} \
         מסמכים: {% for it in documents[:8] %}{{ it.title }} ({{ it.chunks }} קטעים)\
         {% if not loop.last %}; {% endif %}{% endfor %}.{% else %}הספרייה ריקה: יש להוסיף מסמך \
         תחילה.{% endif %}";
    const NEXT: &'static [&'static str] = &["library_add_document"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { limit: 10 }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args { limit }: Args) -> Result<Output> {
        let groups = ctx.request.principal.document_groups();
        Ok(Output { documents: rag::documents(ctx.db, &groups, limit.into()).await? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::demo;

    #[test]
    fn the_demo_documents_are_listed() {
        block_on(async {
            let bench = demo().await;
            let output = bench.read(ListDocuments::NAME, json!({})).await.unwrap();
            assert_eq!(output["documents"].as_array().unwrap().len(), 6);
            let told = bench.narrate(ListDocuments::NAME, &output).text;
            assert!(told.starts_with("6 documents are in the library"), "{told}");
        });
    }
}
