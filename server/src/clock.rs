//! The one place that reads the clock: requests are stamped as they come in.

use chrono::{DateTime, SubsecRound, Utc};

/// The present instant, at the precision that Postgres keeps.
#[expect(
    clippy::disallowed_methods,
    reason = "doors stamp requests; all behind them read the stamp"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
