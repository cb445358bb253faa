//! The lot graph: which lots touched which, how much of each, and when.
//!
//! Lots are nodes; every movement (a receipt, a batch, a shipment) is one hyperedge from its input
//! lots to its output lots. A batch of `m` inputs and `n` outputs is one fact and stays one fact:
//! it is never multiplied out into `m·n` pairs. Quantities are integers in milli-units of the lot's
//! base unit (grams for mass, millilitres for volume, thousandths of a piece for counts), times are
//! milliseconds since 1970-01-01T00:00:00Z.
//!
//! [`LotGraph::build`] takes the rows; [`LotGraph::trace`] answers forward and backward questions
//! in both modes side by side; [`LotGraph::balance`] accounts for every unit; and
//! [`LotGraph::converge`] ranks what a set of complaint lots has in common.
//!
//! # Modes
//! *Conservative* ignores time: whatever is connected is exposed. *Time-respecting* follows only
//! material that was there in time: a lot topped up or reworked after a draw does not expose what
//! was drawn before. A movement without a time always exposes. Reached sets are sets: loops are
//! visited once, and no path is ever enumerated.
//!
//! # Containers
//! `aggregate` packs its inputs into its output (a pallet, a carton); `disaggregate` unpacks its
//! input. What happens to a container while it is packed happens to its contents. A container is
//! listed when something inside it is reached, but it passes nothing on to its other contents:
//! sharing a pallet is not sharing an ingredient.

mod attribute;
mod balance;
mod build;
mod contain;
mod converge;
mod error;
mod graph;
mod intern;
#[cfg(test)]
mod oracle;
mod reach;
mod report;
mod rows;
#[cfg(test)]
mod testing;

pub(crate) use balance::accounted_ppm;
pub use balance::{Balance, BalanceEntry, MovementGap};
pub use converge::{Convergence, Suspect};
pub use error::TraceError;
pub use graph::{EventId, LotGraph, LotId, LotView, MovementView};
pub use reach::{Direction, Mode, Reach, Reached};
pub(crate) use report::part;
pub use report::{Scope, Trace, TracedLot, UnitTotal};
pub use rows::{LotKind, LotRow, LotStatus, Movement, MovementKind, Part};
