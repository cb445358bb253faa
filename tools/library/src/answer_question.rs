//! `library_answer_question`: what our own documents say, quoted.

use kernel::{Permission, Result};
use rag::{Answer, Query};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;

/// Answer a question from the company's own documents with up to three verbatim quotes and their
/// sources. Says so when the documents do not answer it. Use it for rules, limits, procedures and
/// responsibilities; use search to see more passages.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The question in full, in any language the documents use.
    #[schemars(length(min = 1, max = 1000), extend("x-slot" = "text"))]
    question: String,
}

/// The tool.
pub(crate) struct AnswerQuestion;

impl Tool for AnswerQuestion {
    const NAME: &'static str = "library_answer_question";
    const TITLE: &'static str = "Ask the documents";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::post("/v1/rag/answer"));
    const PHRASES: &'static [&'static str] = &[
        "what (does|do) (our|the) (haccp plan|procedure|policy|documents|manual|sop) say about {question}",
        "according to (our|the) (procedure|policy|documents|plan|rules) {question}",
        "what is (our|the) (policy|procedure|rule|limit) (on|for|about) {question}",
        "what is the (critical limit|core temperature|maximum temperature|allowed level) (for|of) {question}",
        "how (hot|cold|long|often) (must|should|do) {question}",
        "what temperature (must|should) {question}",
        "how often (must|should|do we) (calibrate|test|clean|check|sample) {question}",
        "who (is responsible for|decides on|leads|approves) {question}",
        "what (do we do|should I do|happens) (when|if) (a probe|a test piece|a delivery|a label|the metal detector|a document) {question}",
        "when (do we|must we|should we) (refuse|accept|reject|inform|start) {question}",
        "(is|are) {question} allowed in the plant",
        "which allergens (do we handle|are on site)",
        "how (is|are) (a mock recall|a changeover|cleaning|receiving) (done|run|carried out)",
        "what does the (law|standard|certificate|contract|specification) require for {question}",
        "is there a (rule|procedure|policy) for {question}",
        "how long (may|can|must|does|do) {question} (take|last|stay|be kept)",
        "(until when|by when|from when) (may|must|can|do|does) {question}",
        "(which|what) (papers|certificates|records|documents|forms) (does|do|must) {question} (need|have|carry)",
        "what (is|are) the (limit|limits|maximum|minimum|threshold) (of|for|on) {question}",
        "what (do|does) (the|our) (rules|sops|guidelines|standards) (require|demand|say) {question}",
        "(who|which person) (must|should|has to|gets to) {question}",
        "(may|can|are) (we|staff|drivers|operators) (allowed to |){question}",
        "what (must|should|has to) be done (with|when|if|after|before) {question}",
        "how many times (a|per) (year|month|day|shift) (must|do we|is) {question}",
        "what size {question} (must|should) be",
        "what are the steps (for|of) {question}",
        "within how many (hours|minutes|days) must {question}",
        "מה (אומר|קובע) (הנוהל|המסמך|נוהל) (על|לגבי|בנושא) {question}",
        "מה (הנוהל|המדיניות|הכלל|הטמפרטורה הנדרשת) (של|עבור|לגבי|ל) {question}",
        "לפי הנהלים {question}",
        "מי אחראי על {question}",
        "כל כמה זמן (צריך|יש) (לנקות|לבדוק|לכייל) {question}",
        "באיזה (ריכוז|טמפרטורה) {question}",
    ];
    const NARRATION: &'static str = "{% if quotes %}{% for it in quotes %}“{{ it.text }}” \
         ({{ it.title }}{% if it.heading %}, {{ it.heading }}{% endif %}, passage \
         {{ it.position.passage }}) [{{ it.evidence }}]{% if not loop.last %}\n\n{% endif %}\
         {% endfor %}{% else %}{{ text }}{% endif %}";
    const NARRATION_HE: &'static str = "{% if quotes %}{% for it in quotes %}״{{ it.text }}״ \
         ({{ it.title }}{% if it.heading %}, {{ it.heading }}{% endif %}, קטע \
         {{ it.position.passage }}) [{{ it.evidence }}]{% if not loop.last %}\n\n{% endif %}\
         {% endfor %}{% else %}{{ text }}{% endif %}";
    const NEXT: &'static [&'static str] = &["library_search_documents", "library_list_documents"];

    type Args = Args;
    type Output = Answer;

    fn example() -> Args {
        Args { question: "What core temperature must cooked meat reach?".into() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args { question }: Args) -> Result<Answer> {
        let groups = ctx.request.principal.document_groups();
        rag::answer(ctx.db, &Query::new(question, &groups, ctx.now())).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::demo;

    #[test]
    fn a_limit_is_quoted_with_its_source() {
        block_on(async {
            let bench = demo().await;
            for (question, words, title) in [
                ("What core temperature must cooked meat reach?", "75 °C", "HACCP"),
                ("how often are probes calibrated", "every month", "HACCP"),
                ("within how many hours must the authority be informed", "24 hours", "Recall"),
                ("histamine limit for tuna", "200 mg/kg", "Receiving"),
                ("באיזה ריכוז מחטאים בחומצה פראצטית", "150", "נוהל"),
            ] {
                let asked = json!({ "question": question });
                let output = bench.read(AnswerQuestion::NAME, asked).await.unwrap();
                let told = bench.narrate(AnswerQuestion::NAME, &output).text.replace('\n', " ");
                assert!(told.contains(words) && told.contains(title), "{told}");
            }
        });
    }

    #[test]
    fn a_foreign_question_is_answered_with_an_honest_no() {
        block_on(async {
            let bench = demo().await;
            let asked = json!({ "question": "Who painted the Sistine chapel ceiling?" });
            let output = bench.read(AnswerQuestion::NAME, asked).await.unwrap();
            assert_eq!(output["quotes"], json!([]));
            let told = bench.narrate(AnswerQuestion::NAME, &output);
            assert!(
                told.text.contains("don't have direct access to that document yet"),
                "{}",
                told.text
            );
        });
    }
}
