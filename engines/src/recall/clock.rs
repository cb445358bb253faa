//! The three clocks a recall is measured by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A deadline and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// Who holds it.
    pub name: String,
    /// Hours allowed.
    pub hours: u32,
    /// The deadline, milliseconds since 1970.
    pub deadline: i64,
    /// Milliseconds left; negative when it has passed.
    pub remaining: i64,
    /// Whether the deadline has not passed.
    pub met: bool,
}

const HOUR: i64 = 3_600_000;

/// Name and hours: records within 24 h of a regulator's request (21 CFR 1.1455), a full trace
/// within 4 h (BRCGS Food 9, clause 3.9), and the 2 h that large buyers ask of a mock recall.
const CLOCKS: [(&str, u32); 3] =
    [("buyer mock recall", 2), ("BRCGS trace", 4), ("FSMA 204 records", 24)];

/// The clocks of a recall that began at `started_at`, seen at `now`, the tightest first.
///
/// ```
/// let clocks = engines::recall::clocks(0, 3 * 3_600_000);
/// let met: Vec<bool> = clocks.iter().map(|clock| clock.met).collect();
/// assert_eq!(met, [false, true, true]);
/// ```
pub fn clocks(started_at: i64, now: i64) -> Vec<Clock> {
    let clock = |(name, hours): (&str, u32)| {
        let deadline = started_at.saturating_add(i64::from(hours) * HOUR);
        let remaining = deadline.saturating_sub(now);
        Clock { name: name.to_owned(), hours, deadline, remaining, met: remaining >= 0 }
    };
    CLOCKS.map(clock).to_vec()
}
