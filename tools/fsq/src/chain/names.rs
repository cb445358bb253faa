//! The names that a person may use for lots, papers, places and companies.

use kernel::Result;
use sqlx::PgConnection;
use toolkit::{DbResult, Term};

use crate::figures::short;

/// Lots by label, shipments by their paper, places and customers by name.
pub(crate) async fn lexicon(db: &mut PgConnection) -> Result<Vec<Term>> {
    let mut terms = lots(db).await?;
    terms.extend(papers(db).await?);
    terms.extend(named(db, "place", "SELECT place_id, name FROM place ORDER BY place_id").await?);
    terms
        .extend(named(db, "customer", "SELECT party_id, name FROM party ORDER BY party_id").await?);
    Ok(terms)
}

/// A product's name alone is not a lot's: it would be that of all lots of the product.
async fn lots(db: &mut PgConnection) -> Result<Vec<Term>> {
    let lines: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "SELECT label, kind, product_master.name FROM lot LEFT JOIN product_master USING (product_id) \
         ORDER BY label",
    )
    .fetch_all(db)
    .await
    .db()?;
    let term = |(label, kind, product): (String, String, Option<String>)| {
        let names = match (kind.as_str(), product) {
            ("logistic", _) => ["pallet", "shipment", "container", "משלוח", "משטח"]
                .map(|word| format!("{word} {label}"))
                .to_vec(),
            (_, Some(product)) => {
                vec![format!("{product} {label}"), format!("lot {label}"), format!("batch {label}")]
            }
            (_, None) => vec![format!("lot {label}")],
        };
        Term { kind: "lot", id: label, names }
    };
    Ok(lines.into_iter().map(term).collect())
}

async fn papers(db: &mut PgConnection) -> Result<Vec<Term>> {
    let lines: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT document FROM trace_event WHERE document IS NOT NULL AND NOT voided \
         ORDER BY document",
    )
    .fetch_all(db)
    .await
    .db()?;
    let term = |paper: String| {
        let id = short(&paper).to_owned();
        let words = ["shipment", "delivery", "order", "משלוח", "הזמנה"];
        Term { kind: "lot", names: words.map(|word| format!("{word} {id}")).to_vec(), id }
    };
    Ok(lines.into_iter().map(term).collect())
}

async fn named(
    db: &mut PgConnection,
    kind: &'static str,
    query: &'static str,
) -> Result<Vec<Term>> {
    let lines: Vec<(String, String)> = sqlx::query_as(query).fetch_all(db).await.db()?;
    let term =
        |(id, name): (String, String)| Term { kind, names: vec![name, short(&id).to_owned()], id };
    Ok(lines.into_iter().map(term).collect())
}
