//! Receipts: the call behind a number, with all that is needed to run it again.

use kernel::{Door, Error, Result, TenantId};
use serde_json::Value;
use sqlx::PgConnection;
use store::DbResult;
use toolkit::CallRecord;

use crate::Recorder;
use crate::record::Logged;

/// The record of a call, from the log when it is not drained yet.
///
/// Its arguments and output are redacted: compare a replay with it after
/// [`redact::value`](crate::redact::value).
///
/// # Errors
/// [`Error::NotFound`] when there is no such receipt; [`Error::Expired`] when its content was
/// deleted by age.
pub async fn receipt(
    recorder: &Recorder,
    conn: &mut PgConnection,
    (tenant, receipt_id): (&TenantId, &str),
) -> Result<CallRecord> {
    for record in recorder.undrained(tenant, receipt_id)? {
        if let Ok(Logged::Call(call)) = Logged::read(record) {
            return Ok(*call);
        }
    }
    let row: Option<Row> = sqlx::query_as(
        "SELECT c.receipt_id, c.run_id, c.call_id, c.request_id, c.tool, c.user_name, c.door, \
           c.engine_version, c.data_version, c.input_hash, c.took_us, \
           i.instant, i.arguments::text AS arguments, i.outcome::text AS outcome \
         FROM tool_call c LEFT JOIN tool_call_content i USING (receipt_id) WHERE c.receipt_id = $1",
    )
    .bind(receipt_id)
    .fetch_optional(conn)
    .await
    .db()?;
    row.ok_or_else(|| Error::not_found("receipt", receipt_id))?.into_record(tenant)
}

/// The receipts of a turn's calls that are in the table, in order.
///
/// # Errors
/// An outage of the database.
pub async fn receipts_of(conn: &mut PgConnection, run_id: &str) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT receipt_id FROM tool_call WHERE run_id = $1 ORDER BY receipt_id")
        .bind(run_id)
        .fetch_all(conn)
        .await
        .db()
}

#[derive(sqlx::FromRow)]
struct Row {
    receipt_id: String,
    run_id: Option<String>,
    call_id: String,
    request_id: String,
    tool: String,
    user_name: String,
    door: String,
    engine_version: String,
    data_version: i64,
    input_hash: String,
    took_us: i64,
    instant: Option<String>,
    arguments: Option<String>,
    outcome: Option<String>,
}

impl Row {
    fn into_record(self, tenant: &TenantId) -> Result<CallRecord> {
        let (Some(instant), Some(arguments), Some(outcome)) =
            (self.instant, self.arguments, self.outcome)
        else {
            return Err(Error::Expired(format!(
                "the content of receipt `{}` was deleted by age: ask again for a new one",
                self.receipt_id
            )));
        };
        let door: Door =
            serde_json::from_value(Value::String(self.door)).map_err(Error::internal)?;
        Ok(CallRecord {
            receipt_id: self.receipt_id,
            tenant: tenant.clone(),
            user: self.user_name,
            door,
            request_id: self.request_id,
            run_id: self.run_id,
            call_id: self.call_id,
            tool: self.tool,
            arguments: serde_json::from_str(&arguments).map_err(Error::internal)?,
            now: instant.parse().map_err(Error::internal)?,
            engine_version: self.engine_version,
            data_version: self.data_version,
            input_hash: self.input_hash,
            took_us: self.took_us.unsigned_abs(),
            outcome: serde_json::from_str(&outcome).map_err(Error::internal)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;
    use toolkit::{CallOutcome, Observer};

    use super::*;
    use crate::testing::{Desk, call};

    #[test]
    fn a_receipt_reads_back_exactly_before_and_after_draining() {
        block_on(async {
            let desk = Desk::new().await;
            // Spelling and order matter: a replay is compared byte for byte.
            let text = r#"{"z":1.0,"a":[0.1,1e300,-0.0,12345678901234567890,4.35],"n":null}"#;
            let output: Value = serde_json::from_str(text).unwrap();
            let record = call(desk.id(), "rc_1", CallOutcome::Done { output });
            desk.recorder.record(&record).unwrap();
            for _ in 0..2 {
                let mut tx = desk.read().await;
                let read = receipt(&desk.recorder, &mut tx, (desk.id(), "rc_1")).await.unwrap();
                assert_eq!(read, record);
                let CallOutcome::Done { output } = read.outcome else { panic!("not done") };
                assert_eq!(output.to_string(), serde_json::to_string(&json_of(text)).unwrap());
                drop(tx);
                desk.drain().await;
            }
            let mut tx = desk.tenant.begin().await;
            sqlx::query("DELETE FROM tool_call_content").execute(&mut *tx).await.unwrap();
            let gone = receipt(&desk.recorder, &mut tx, (desk.id(), "rc_1")).await.unwrap_err();
            assert!(matches!(gone, Error::Expired(_)), "{gone}");
            let never = receipt(&desk.recorder, &mut tx, (desk.id(), "rc_2")).await.unwrap_err();
            assert!(matches!(never, Error::NotFound { .. }), "{never}");
        });
    }

    fn json_of(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn one_tenants_receipt_is_not_found_by_another() {
        block_on(async {
            let (desk, other) = (Desk::new().await, Desk::new().await);
            let done = CallOutcome::Done { output: json!({}) };
            desk.recorder.record(&call(desk.id(), "rc_1", done)).unwrap();
            let mut tx = other.read().await;
            let key = (other.id(), "rc_1");
            assert!(receipt(&desk.recorder, &mut tx, key).await.is_err());
        });
    }
}
