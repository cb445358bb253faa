//! Tools over HTTP.
//!
//! `POST /api/v1/tools/{name}` takes every tool; a tool's own route takes its arguments from path
//! and query (GET) or path and body (POST). A read answers 200 with the tool's output; a write
//! answers 202 with what would be kept and how to confirm it.

mod arguments;
mod call;
mod import;
mod keys;
mod list;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderName;
use axum::routing::{MethodRouter, get, post};
use toolkit::{Method, Registry};

use crate::App;

pub use arguments::JsonBody;
pub use call::{CONFIRM, to_confirm};
pub use import::router as import_router;

/// The header that names a call's receipt.
pub static RECEIPT_ID: HeaderName = HeaderName::from_static("x-receipt-id");

/// The routes below `/api`.
pub fn router(registry: &Registry) -> Router<Arc<App>> {
    let mut own: BTreeMap<&'static str, MethodRouter<Arc<App>>> = BTreeMap::new();
    for spec in registry.specs() {
        let Some(route) = spec.route else { continue };
        let name = spec.name;
        let methods = own.remove(route.path).unwrap_or_default();
        let methods = match route.method {
            Method::Get => methods
                .get(move |app, caller, path, query| call::get(app, caller, name, (path, query))),
            Method::Post => methods
                .post(move |app, caller, path, body| call::post(app, caller, name, (path, body))),
        };
        own.insert(route.path, methods);
    }
    let tools = Router::new()
        .merge(keys::router())
        .route("/v1/tools", get(list::tools))
        .route("/v1/tools/{name}", post(call::by_name).get(list::tool));
    own.into_iter().fold(tools, |router, (path, methods)| router.route(path, methods))
}
