//! Recipes: questions that several tools answer together.

/// A named sequence of reads that answers one question, e.g. "investigate a lot".
///
/// A recipe can be asked for in words and posted as an intent, like a tool.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// Unique among tools and recipes, `<workspace>_<verb>_<noun>`.
    pub name: &'static str,
    /// What a person reads on a button.
    pub title: &'static str,
    /// What it answers.
    pub description: &'static str,
    /// Ways to ask for it, like a tool's.
    pub phrases: &'static [&'static str],
    /// The calls, in order.
    pub steps: &'static [RecipeStep],
}

/// One call of a recipe.
#[derive(Debug, Clone, Copy)]
pub struct RecipeStep {
    /// The tool, which must be a read.
    pub tool: &'static str,
    /// Arguments that this step fixes, as JSON text; the tool's other arguments are filled from
    /// the question, like those of a single call.
    pub fixed: &'static [(&'static str, &'static str)],
}

impl RecipeStep {
    /// A step that fixes nothing.
    pub const fn of(tool: &'static str) -> Self {
        Self { tool, fixed: &[] }
    }
}
