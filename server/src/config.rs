//! Configuration: defaults, then a TOML file, then the environment, then flags.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use kernel::TenantId;
use serde::{Deserialize, Serialize};
use store::Location;
use telemetry::log::Durability;

/// Everything that can be set. A member `listen` is set by `listen = "…"` in the file, by
/// `QUARTERMASTER_LISTEN`, or by `--listen` where there is such a flag.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder for the database, the log and the sealing secret.
    pub data: PathBuf,
    /// Whether to make a tenant of demo records.
    pub demo: bool,
    /// A PostgreSQL 15 or newer with pgvector; unset, an embedded one runs in the data folder.
    pub database_url: Option<Secret>,
    /// Connections to that server at most.
    pub database_connections: u32,
    /// The tenant of the local operator: whoever sits at this machine.
    pub tenant: TenantId,
    /// What an acknowledged record survives.
    pub durability: Durability,
    /// Largest request body, in bytes.
    pub body_limit: usize,
    /// Largest imported file, in bytes, after decompression.
    pub import_limit: usize,
    /// Longest a request other than a stream or an import may take, in seconds.
    pub request_timeout: u64,
    /// Requests per second that one principal may keep up.
    pub rate: f64,
    /// Requests that one principal may make at once before the rate holds.
    pub burst: u32,
    /// Requests of one principal in flight at most.
    pub in_flight: u32,
    /// Open legacy MCP sessions at most.
    pub mcp_sessions: usize,
    /// Names this server is reached by besides loopback, e.g. `qm.example.com`.
    pub hosts: Vec<String>,
    /// Origins of web pages that may call this server, e.g. `https://shop.example.com`.
    pub origins: Vec<String>,
    /// Where people reach this server, for links; unset, the listening address.
    pub public_url: Option<String>,
    /// Key of the Anthropic API, also read from `ANTHROPIC_API_KEY`.
    pub anthropic_api_key: Option<Secret>,
    /// Key of the OpenAI API, also read from `OPENAI_API_KEY`.
    pub openai_api_key: Option<Secret>,
    /// Address of an OpenAI-compatible server, also read from `OPENAI_BASE_URL`.
    pub openai_base_url: Option<String>,
}

/// Text that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever needs it to open a door.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            data: PathBuf::from("quartermaster-data"),
            demo: true,
            database_url: None,
            database_connections: 8,
            tenant: demo_tenant(),
            durability: Durability::default(),
            body_limit: 1 << 20,
            import_limit: 256 << 20,
            request_timeout: 30,
            rate: 50.0,
            burst: 200,
            in_flight: 32,
            mcp_sessions: 256,
            hosts: Vec::new(),
            origins: Vec::new(),
            public_url: None,
            anthropic_api_key: None,
            openai_api_key: None,
            openai_base_url: None,
        }
    }
}

/// The tenant of demo records.
#[expect(clippy::expect_used, reason = "a literal that is a tenant's name")]
pub fn demo_tenant() -> TenantId {
    "demo".parse().expect("`demo` is a tenant's name")
}

/// Environment variables that other programs read under the same names.
const SHARED: &[&str] = &["DATABASE_URL", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"];

/// What flags say; what they leave open is read elsewhere.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Flags {
    /// `--listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// `--data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// `--no-demo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo: Option<bool>,
    /// `--database-url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<Secret>,
    /// `--tenant`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
}

impl Config {
    /// Put together what the file, the environment and the flags say.
    ///
    /// # Errors
    /// Names the setting that does not read, and where it was set.
    pub fn load(file: Option<&Path>, flags: Flags) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if !file.is_file() {
                bail!("the configuration file `{}` does not exist", file.display());
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        figment
            .merge(Env::raw().only(SHARED))
            .merge(Env::prefixed("QUARTERMASTER_").ignore(&["config", "log"]))
            .merge(Serialized::defaults(flags))
            .extract()
            .context("the configuration does not read")
    }

    /// Where the records are kept.
    pub fn location(&self) -> Location {
        match &self.database_url {
            Some(url) => Location::Url {
                url: url.reveal().to_owned(),
                max_connections: self.database_connections,
            },
            None => Location::Embedded(self.data.join("db")),
        }
    }

    /// The folder of the durable log.
    pub fn log_dir(&self) -> PathBuf {
        self.data.join("log")
    }

    /// Where people reach this server, without a slash at the end.
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_flags_come_last() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("qm.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:9000\"\nrate = 5\ntenant = \"akron\"\n")
            .unwrap();
        let flags = Flags { tenant: Some(demo_tenant()), demo: Some(false), ..Flags::default() };
        let config = Config::load(Some(&file), flags).unwrap();
        assert_eq!((config.listen.port(), config.rate), (9000, 5.0));
        assert_eq!((config.tenant.as_str(), config.demo), ("demo", false));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("qm.toml");
        std::fs::write(&file, "lisen = \"127.0.0.1:9000\"\n").unwrap();
        let error = format!("{:#}", Config::load(Some(&file), Flags::default()).unwrap_err());
        assert!(error.contains("lisen"), "{error}");
    }

    #[test]
    fn a_secret_is_not_printed() {
        let config = Config { database_url: Some(Secret::new("pw")), ..Config::default() };
        assert!(!format!("{config:?}").contains("pw\""));
    }
}
