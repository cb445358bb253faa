//! The catalogue: every workspace, in reading order.

use toolkit::Workspace;

/// Every workspace of this program.
pub static WORKSPACES: &[&Workspace] = &[&fsq::WORKSPACE, &vending::WORKSPACE, &library::WORKSPACE];
