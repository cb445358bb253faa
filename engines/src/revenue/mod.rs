//! Revenue.
