//! Who is asking: a bearer of an API key, or whoever sits at this machine.

mod caller;
mod issue;
mod keys;
mod limits;
mod middleware;
mod origin;
mod seal;

pub use caller::Caller;
pub use issue::{KeyWish, issue};
pub use keys::{NewKey, hash_of};
pub use limits::Limiter;
pub use middleware::{Gatekeeper, guard};
pub use origin::{is_loopback_host, origin_allowed};
pub use seal::Sealer;
