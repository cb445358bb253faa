//! Asking a running server.

use std::time::Duration;

use kernel::{Error, Problem, Result};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use toolkit::{Decision, ImportReport};

use super::opened::Came;
use crate::auth::KeyWish;
use crate::import::Upload;
use crate::rest::CONFIRM;

/// A running server.
pub struct Remote {
    client: Client,
    url: String,
    key: Option<String>,
}

impl Remote {
    pub(super) fn new(url: &str, key: Option<&str>) -> Result<Self> {
        let client = Client::builder().connect_timeout(Duration::from_secs(5)).build();
        let url = match url.contains("://") {
            true => url.trim_end_matches('/').to_owned(),
            false => format!("http://{}", url.trim_end_matches('/')),
        };
        Ok(Self { client: client.map_err(Error::internal)?, url, key: key.map(str::to_owned) })
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.url));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Post JSON and read JSON.
    pub(super) async fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        read(self.sent(self.post(path).json(body)).await?).await
    }

    /// Get JSON.
    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        let request = self.client.get(format!("{}{path}", self.url));
        let request = match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        read(self.sent(request).await?).await
    }

    pub(super) async fn call(&self, tool: &str, arguments: &Value) -> Result<Came> {
        let request = self.post(&format!("/api/v1/tools/{tool}")).json(arguments);
        let response = self.sent(request).await?;
        match response.status() {
            StatusCode::ACCEPTED => {
                let mut body: Value = read(response).await?;
                let held = serde_json::from_value(body["held"].take()).map_err(Error::internal)?;
                Ok(Came::Held(Box::new(held)))
            }
            _ => Ok(Came::Done(read(response).await?)),
        }
    }

    pub(super) async fn decide(&self, held_id: &str, decision: Decision) -> Result<Option<Value>> {
        let body = json!({ "held_id": held_id, "decision": decision });
        let mut answer: Value = read(self.sent(self.post(CONFIRM).json(&body)).await?).await?;
        Ok(Some(answer["kept"].take()).filter(|it| !it.is_null()))
    }

    pub(super) async fn import(&self, importer: &str, upload: Upload<'_>) -> Result<ImportReport> {
        let request = self
            .post(&format!("/api/v1/import/{importer}"))
            .query(&[("name", upload.name)])
            .body(upload.bytes.to_vec());
        read(self.sent(request).await?).await
    }

    pub(super) async fn add_key(&self, wish: &KeyWish) -> Result<String> {
        let made: Value = read(self.sent(self.post("/api/v1/keys").json(wish)).await?).await?;
        Ok(made["key"].as_str().unwrap_or_default().to_owned())
    }

    pub(super) async fn keys(&self) -> Result<Vec<Value>> {
        let request = self.client.get(format!("{}/api/v1/keys", self.url));
        let mut listed: Value = read(self.sent(request).await?).await?;
        Ok(serde_json::from_value(listed["keys"].take()).unwrap_or_default())
    }

    pub(super) async fn revoke_key(&self, label: &str) -> Result<()> {
        let mut url = Url::parse(&format!("{}/api/v1/keys/", self.url))
            .map_err(|it| Error::invalid("url", it.to_string()))?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(label);
        }
        self.sent(self.client.delete(url)).await.map(drop)
    }

    async fn sent(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.send().await.map_err(|it| {
            tracing::debug!(error = %it, "no connection");
            Error::Unavailable(format!("no server answers at {}: is it running?", self.url))
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        match response.json::<Problem>().await {
            Ok(problem) => Err(as_error(problem)),
            Err(_) => Err(Error::Unavailable(format!("{} answered {status}", self.url))),
        }
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T> {
    response.json().await.map_err(Error::internal)
}

/// A problem as the error it was, so that the exit code is the same.
fn as_error(problem: Problem) -> Error {
    let detail = problem.detail;
    match problem.status {
        404 => not_found(&detail, problem.nearest),
        403 => forbidden(detail),
        401 => Error::Unauthenticated(detail),
        409 => Error::Conflict(detail),
        410 => Error::Expired(detail),
        413 => Error::TooLarge(detail),
        422 => match detail.strip_prefix('`').and_then(|it| it.split_once("` ")) {
            Some((field, reason)) => Error::invalid(field, reason),
            None => Error::invalid("request", detail),
        },
        429 => Error::RateLimited { retry_after: 1 },
        500 => Error::internal(detail),
        _ => Error::Unavailable(detail),
    }
}

fn not_found(detail: &str, nearest: Option<String>) -> Error {
    let mut quoted = detail.split('`');
    let what = match quoted.next().unwrap_or_default().trim() {
        "tool" => "tool",
        "importer" => "importer",
        "key" => "key",
        "permission" => "permission",
        _ => "record",
    };
    Error::NotFound { what, id: quoted.next().unwrap_or_default().to_owned(), nearest }
}

fn forbidden(detail: String) -> Error {
    let permission = detail.split('`').nth(1).and_then(|it| it.parse().ok());
    permission.map_or(Error::Unauthenticated(detail), Error::Forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_keeps_its_words_and_its_exit_code() {
        for error in [
            Error::not_found("tool", "x"),
            Error::invalid("days", "must be 1 to 90"),
            Error::Forbidden("fsq:write".parse().unwrap()),
            Error::Conflict("taken".into()),
            Error::Unavailable("busy".into()),
        ] {
            let again = as_error(error.to_problem("r1"));
            assert_eq!(again.to_string(), error.to_string());
            assert_eq!(again.kind().exit_code, error.kind().exit_code);
        }
    }
}
