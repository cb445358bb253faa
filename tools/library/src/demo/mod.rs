//! Demo documents: procedures of an invented plant, written for this purpose.

use chrono::{DateTime, Utc};
use kernel::Result;
use rag::{EVERYONE, NewDocument, ingest};
use sqlx::PgConnection;
use uuid::Uuid;

const DOCUMENTS: [(&str, &str); 6] = [
    ("HACCP plan: cooked meat line", include_str!("haccp-cooked-meat.md")),
    ("Recall and mock recall procedure", include_str!("recall-procedure.md")),
    ("Receiving seafood", include_str!("receiving-seafood.md")),
    ("Allergen policy", include_str!("allergen-policy.md")),
    ("Restocking vending machines", include_str!("vending-restocking.md")),
    ("נוהל ניקיון קו הייצור", include_str!("cleaning-he.md")),
];

pub(crate) async fn load(db: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    for (title, text) in DOCUMENTS {
        let document = NewDocument {
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, title.as_bytes()),
            title: title.into(),
            mime: "text/markdown".into(),
            bytes: text.into(),
            acl: vec![EVERYONE],
            created_by: "demo".into(),
            now,
        };
        ingest(&mut *db, document).await?;
    }
    Ok(())
}
