//! Importing files over HTTP.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::header;
use axum::routing::post;
use axum::{Json, Router};
use kernel::{Error, Result};
use serde::Deserialize;
use toolkit::ImportReport;

use crate::import::{Upload, import};
use crate::problem::Failure;
use crate::{App, Caller};

/// `POST /v1/import/{importer}`.
pub fn router() -> Router<Arc<App>> {
    Router::new().route("/v1/import/{importer}", post(receive)).layer(DefaultBodyLimit::disable())
}

#[derive(Deserialize)]
struct Naming {
    #[serde(default)]
    name: Option<String>,
}

/// One file: the raw body, or the first file of a form.
async fn receive(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(importer): Path<String>,
    Query(naming): Query<Naming>,
    request: Request,
) -> Result<Json<ImportReport>, Failure> {
    let (name, bytes) = match is_form(&request) {
        true => from_form(request, app.config.import_limit).await?,
        false => {
            let name = naming.name.unwrap_or_else(|| "upload".into());
            (name, from_body(request, app.config.import_limit).await?)
        }
    };
    let upload = Upload { name: &name, bytes: &bytes, now: caller.now, progress: &|_, _| {} };
    Ok(Json(import(&app, &caller.principal, &importer, upload).await?))
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|it| it.as_bytes().starts_with(b"multipart/form-data"))
}

async fn from_body(request: Request, limit: usize) -> Result<Vec<u8>> {
    let body = request.into_body();
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|_| too_large(limit))?;
    Ok(bytes.into())
}

async fn from_form(request: Request, limit: usize) -> Result<(String, Vec<u8>)> {
    let broken = |error: &dyn std::fmt::Display| Error::invalid("body", error.to_string());
    let mut form = Multipart::from_request(request, &()).await.map_err(|it| broken(&it))?;
    while let Some(mut field) = form.next_field().await.map_err(|it| broken(&it))? {
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|it| broken(&it))? {
            if bytes.len() + chunk.len() > limit {
                return Err(too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok((name, bytes));
    }
    Err(Error::invalid("body", "has no file: send one form field with a file name"))
}

fn too_large(limit: usize) -> Error {
    Error::TooLarge(format!("the file is larger than {limit} bytes: split it"))
}
