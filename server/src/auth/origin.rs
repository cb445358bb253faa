//! Which hosts and web origins are trusted, against DNS rebinding and forged requests.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

/// Whether a `Host` header (or an authority) names this very machine.
///
/// ```
/// use server::auth::is_loopback_host;
/// assert!(is_loopback_host("127.0.0.1:8080") && is_loopback_host("localhost"));
/// assert!(is_loopback_host("[::1]:8080"));
/// assert!(!is_loopback_host("evil.example") && !is_loopback_host("127.0.0.1.evil.example"));
/// ```
pub fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// The host a request names.
pub(super) fn host_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Whether a proxy stands between the caller and us: then a loopback peer says nothing.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]
        .iter()
        .any(|it| headers.contains_key(*it))
}

/// Whether a page of this origin may change things: our own pages may, and those configured.
/// Programs that are not browsers send no origin.
pub fn origin_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    if allowed.iter().any(|it| it.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return true;
    }
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    match (authority, host_of(headers)) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_and_configured_pages_may_change_things() {
        let host = (header::HOST, "127.0.0.1:8080");
        let allowed = ["https://shop.example".to_owned()];
        for (origin, expected) in [
            ("http://127.0.0.1:8080", true),
            ("https://shop.example", true),
            ("http://127.0.0.1:9090", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            let headers = headers(&[host.clone(), (header::ORIGIN, origin)]);
            assert_eq!(origin_allowed(&headers, &allowed), expected, "{origin}");
        }
        assert!(origin_allowed(&headers(&[host]), &[]));
    }
}
