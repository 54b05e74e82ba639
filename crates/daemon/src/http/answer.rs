//! Answers with a message in the format the caller asked for.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use wire::media::MediaType;

use crate::sys::heap;

/// Bodies from this size on are compressed for those who accept gzip.
// Mesos: the same threshold.
pub const GZIP_FROM_BYTES: usize = 1024;

/// 200 with `message`, compressed where it pays.
pub fn message(
    headers: &HeaderMap,
    media: MediaType,
    message: &impl wire::Message,
) -> Response<Body> {
    bytes(headers, media.name(), wire::media::encode(media, message))
}

/// 200 with `body` as `content_type`, compressed where it pays.
pub fn bytes(headers: &HeaderMap, content_type: &str, body: Vec<u8>) -> Response<Body> {
    heap::passed(body.len());
    let builder =
        Response::builder().status(StatusCode::OK).header(header::CONTENT_TYPE, content_type);
    let compressed =
        (body.len() >= GZIP_FROM_BYTES && accepts_gzip(headers)).then(|| gzip(&body)).flatten();
    match compressed {
        Some(compressed) => {
            builder.header(header::CONTENT_ENCODING, "gzip").body(Body::from(compressed))
        }
        None => builder.body(Body::from(body)),
    }
    .expect("status and headers are valid")
}

/// `status` without body or content type, as Mesos answers successful mutations.
pub fn empty(status: StatusCode) -> Response<Body> {
    Response::builder().status(status).body(Body::empty()).expect("status is valid")
}

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(
        Vec::with_capacity(body.len() / 4),
        flate2::Compression::fast(),
    );
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

/// Whether the client takes gzip.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    value.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0)
        });
        !refused && (coding.eq_ignore_ascii_case("gzip") || coding == "*")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
        headers
    }

    /// gzip is used when named or covered by `*`, and not when refused with q=0.
    #[test]
    fn gzip_is_used_only_where_accepted() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("br", false),
        ] {
            assert_eq!(accepts_gzip(&with(value)), expected, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    /// Short bodies are never compressed.
    #[test]
    fn short_bodies_stay_plain() {
        let plain = bytes(&with("gzip"), "text/plain", vec![b'x'; GZIP_FROM_BYTES - 1]);
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        let compressed = bytes(&with("gzip"), "text/plain", vec![b'x'; GZIP_FROM_BYTES]);
        assert_eq!(compressed.headers()[header::CONTENT_ENCODING], "gzip");
    }
}
