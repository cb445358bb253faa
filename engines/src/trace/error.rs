//! Why a lot graph could not be built or asked.

use thiserror::Error;

/// A fault in the rows, or a question about a lot that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TraceError {
    /// Two lot rows carry the same code.
    #[error("lot `{0}` is given twice; lot codes must be unique")]
    DuplicateLot(String),
    /// Two movements carry the same id.
    #[error("movement `{0}` is given twice; movement ids must be unique")]
    DuplicateMovement(String),
    /// A movement names a lot that has no row.
    #[error("movement `{movement}` names lot `{lot}`, which has no lot row; add the lot first")]
    UnknownPart {
        /// The movement at fault.
        movement: String,
        /// The lot that it names.
        lot: String,
    },
    /// The question names a lot that the graph does not hold.
    #[error("lot `{0}` is not in the lot graph; check the lot code")]
    UnknownLot(String),
    /// A quantity is below zero.
    #[error("`{0}` has a negative quantity; swap inputs and outputs instead")]
    NegativeQuantity(String),
    /// All quantities together do not fit 64 bits, so a sum could be wrong.
    #[error("the quantities add up beyond 64 bits; use a larger base unit")]
    QuantityOverflow,
    /// More than 2³² − 2 lots, movements or distinct names.
    #[error("the lot graph holds more than 4,294,967,294 rows; split it by site or year")]
    TooLarge,
}
