//! `library_search_documents`: passages about something, best first.

use kernel::{Permission, Result};
use rag::{Found, Query};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;

/// Search the company's documents and list the best passages with document, heading and position.
/// Codes such as lot numbers are found exactly. Use it to browse; use the question tool for an
/// answer.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Words, a code or a question to look for.
    #[schemars(length(min = 1, max = 1000), extend("x-slot" = "text"))]
    query: String,
    /// Passages to return at most.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 20))]
    limit: u8,
}

fn five() -> u8 {
    5
}

/// The tool.
pub(crate) struct SearchDocuments;

impl Tool for SearchDocuments {
    const NAME: &'static str = "library_search_documents";
    const TITLE: &'static str = "Search the documents";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::post("/v1/rag/search"));
    const PHRASES: &'static [&'static str] = &[
        "search (the |our |)(documents|library|files|procedures|sops) for {query}",
        "find (documents|passages|everything|anything|text) (about|on|mentioning) {query}",
        "look (up|for) {query} in (the|our) (documents|library|manuals)",
        "which (documents|procedures|pages) (mention|talk about|cover) {query}",
        "where (in the documents|in our procedures) is {query} (mentioned|described)",
        "search {query} in the library",
        "document search {query}",
        "show (me |)(passages|paragraphs|excerpts) (about|on) {query}",
        "grep (the |)(documents|library) for {query}",
        "which (documents|files|manuals|sops) (contain|discuss|deal with|refer to) {query}",
        "(scan|browse|go through|comb through) (the |our |all |)(documents|files|manuals|sops) for {query}",
        "(any|are there any) (passages|paragraphs|documents|texts) (on|about|mentioning) {query}",
        "what (has been|is|do we have) written (about|on|down about) {query}",
        "full text search {query}",
        "find the (word|term|phrase|code) {query} in (the|our) (documents|files)",
        "(get|give) me (text|excerpts|quotes|hits) (on|about|for) {query}",
        "library search {query}",
        "does any (document|file|procedure) mention {query}",
        "is {query} mentioned (anywhere|in any document)",
        "חפש (במסמכים|בספרייה|בנהלים) {query}",
        "חפש {query} (במסמכים|בספרייה|בנהלים)",
        "באילו (מסמכים|נהלים|קבצים) (מוזכר|מופיע|כתוב) {query}",
        "(תחפש|לחפש|חפשי) (לי |)(בספרייה|במסמכים|בקבצים) (את |)(המילה |)(את |){query}",
        "(האם|איפה) {query} מוזכר (במסמכים|בנהלים)",
        "מצא קטעים (על|בנושא) {query}",
        "איפה (כתוב|מופיע) {query} במסמכים",
    ];
    const NARRATION: &'static str = "{% if passages %}{{ passages | count }} passages found. \
         {% for it in passages[:3] %}[{{ it.evidence }}] {{ it.title }}{% if it.heading %}, \
         {{ it.heading }}{% endif %}, passage {{ it.position.passage }}: “{{ it.text }}”\
         {% if not loop.last %}\n\n{% endif %}{% endfor %}{% else %}{{ message }}{% endif %}";
    const NARRATION_HE: &'static str = "{% if passages %}נמצאו {{ passages | count }} קטעים. \
         {% for it in passages[:3] %}[{{ it.evidence }}] {{ it.title }}{% if it.heading %}, \
         {{ it.heading }}{% endif %}, קטע {{ it.position.passage }}: ״{{ it.text }}״\
         {% if not loop.last %}\n\n{% endif %}{% endfor %}{% else %}{{ message }}{% endif %}";
    const NEXT: &'static [&'static str] = &["library_list_documents"];

    type Args = Args;
    type Output = Found;

    fn example() -> Args {
        Args { query: "metal detector test pieces".into(), limit: 3 }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args { query, limit }: Args) -> Result<Found> {
        let groups = ctx.request.principal.document_groups();
        let query = Query { limit: limit.into(), ..Query::new(query, &groups, ctx.now()) };
        rag::search(ctx.db, &query).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::demo;

    #[test]
    fn passages_come_with_document_heading_and_position() {
        block_on(async {
            let bench = demo().await;
            let asked = json!({ "query": "metal detector test pieces", "limit": 2 });
            let output = bench.read(SearchDocuments::NAME, asked).await.unwrap();
            let best = &output["passages"][0];
            assert_eq!(best["title"], "HACCP plan: cooked meat line");
            assert!(best["heading"].as_str().unwrap().contains("metal detection"), "{best}");
            assert!(best["position"]["passage"].as_u64().unwrap() >= 1);
            assert!(output["passages"].as_array().unwrap().len() <= 2);
        });
    }
}
