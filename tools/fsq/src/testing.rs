//! Tests of this workspace: a tenant with the demo behind a gate.

use serde_json::Value;
use toolkit::testing::Bench;
use toolkit::{Language, Narrator, Registry, Workspace};

pub(crate) static WORKSPACES: &[&Workspace] = &[&crate::WORKSPACE];

/// A gate over this workspace and a tenant that holds the demo.
pub(crate) async fn demo() -> Bench {
    let bench = Bench::new(WORKSPACES).await;
    let mut tx = bench.tenant.begin().await;
    (crate::WORKSPACE.demo)(&mut tx, bench.request.now).await.expect("the demo loads");
    tx.commit().await.expect("the demo is kept");
    bench
}

/// What a tool says of an output, in English and Hebrew; every number in it must be cited.
pub(crate) fn told(tool: &str, output: &Value) -> [String; 2] {
    let registry = Registry::new(WORKSPACES).expect("a registry");
    let narrator = Narrator::new(&registry).expect("the narrations parse");
    [Language::English, Language::Hebrew].map(|language| {
        let told = narrator.narrate(tool, language, output.clone()).expect("the narration renders");
        let cited = |at| told.citations.iter().any(|it| it.span.contains(&at));
        for (at, _) in told.text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            assert!(cited(at), "{tool} {language:?}: digit at {at} is not cited: {}", told.text);
        }
        assert!(!told.text.contains("  "), "{tool} {language:?}: {}", told.text);
        told.text
    })
}
