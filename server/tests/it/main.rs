//! The server as people and programs meet it: over real sockets, on a tenant of its own.

mod bench;
mod doors;
mod http;
mod isolation;
mod laws;
mod mcp;
mod rubbish;
mod tidy;
