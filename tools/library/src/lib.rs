//! Library: the tenant's documents, searched and quoted.

mod add_document;
mod answer_question;
mod demo;
mod list_documents;
mod search_documents;
#[cfg(test)]
mod testing;

use kernel::{Action, Permission, Result};
use sqlx::PgConnection;
use toolkit::{DbResult, Term, Workspace};

const READ: Permission = Permission::new("library", Action::Read);
const WRITE: Permission = Permission::new("library", Action::Write);

/// The workspace.
pub static WORKSPACE: Workspace = Workspace {
    id: "library",
    title: "Library",
    description: "Procedures, plans, specifications and contracts: searched, and quoted with their source.",
    tools: &[
        &answer_question::AnswerQuestion,
        &search_documents::SearchDocuments,
        &list_documents::ListDocuments,
        &add_document::AddDocument,
    ],
    recipes: &[],
    lexicon: |db| Box::pin(lexicon(db)),
    importers: &[],
    demo: |db, now| Box::pin(demo::load(db, now)),
};

/// Documents by title, for everyone in the tenant; titles of restricted ones are not names.
async fn lexicon(db: &mut PgConnection) -> Result<Vec<Term>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT document_id::text, title FROM rag_document WHERE acl_read && ARRAY[0] \
         ORDER BY title, document_id LIMIT 5000",
    )
    .fetch_all(db)
    .await
    .db()?;
    let term = |(id, title)| Term { kind: "document", id, names: vec![title] };
    Ok(rows.into_iter().map(term).collect())
}
