//! The server as people and programs meet it: over real sockets, on a tenant of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must stop")]

mod bench;
mod cli;
mod copilot;
mod doors;
mod http;
mod imports;
mod isolation;
mod laws;
mod mcp;
mod rubbish;
mod tidy;
