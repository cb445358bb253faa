//! Things that are done once per tenant, such as loading demo records.

use kernel::Result;

use crate::{DbResult, TenantTx};

impl TenantTx {
    /// Whether `deed` was never done in this tenant; from the commit of this transaction on, it was.
    ///
    /// # Errors
    /// An outage of the database.
    pub async fn first_time(&mut self, deed: &str) -> Result<bool> {
        let marked = sqlx::query(
            "INSERT INTO data_version (area, version) VALUES ($1, 0) ON CONFLICT (area) DO NOTHING",
        )
        .bind(format!("once:{deed}"))
        .execute(&mut **self)
        .await
        .db()?;
        Ok(marked.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{TestTenant, block_on};

    #[test]
    fn a_deed_is_new_until_its_transaction_is_kept() {
        block_on(async {
            let tenant = TestTenant::new().await;
            for expected in [true, true] {
                let mut tx = tenant.begin().await;
                assert_eq!(tx.first_time("demo").await.unwrap(), expected);
                tx.rollback().await.unwrap();
            }
            let mut tx = tenant.begin().await;
            assert!(tx.first_time("demo").await.unwrap());
            tx.commit().await.unwrap();
            assert!(!tenant.begin().await.first_time("demo").await.unwrap());
        });
    }
}
