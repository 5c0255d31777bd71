//! The digests that a client sends with its bytes.

use actix_web::http::header::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::ApiError;

/// All SHA-256 digests in the headers; algorithms that we do not compute say nothing.
pub(super) fn expected(headers: &HeaderMap) -> Result<Vec<[u8; 32]>, ApiError> {
    let mut expected = Vec::new();
    // Without a Content-Encoding, and of the whole, both name the same bytes.
    for name in ["repr-digest", "content-digest"] {
        for value in headers.get_all(name) {
            let value = value.to_str().map_err(|_| unreadable(name))?;
            for member in value.split(',') {
                let Some((algorithm, digest)) = member.split_once('=') else { return Err(unreadable(name)) };
                if algorithm.trim().eq_ignore_ascii_case("sha-256") {
                    expected.push(structured(digest.trim()).ok_or_else(|| unreadable(name))?);
                }
            }
        }
    }
    for value in headers.get_all("x-content-sha256") {
        let digest = value.to_str().ok().and_then(|value| hex::decode(value.trim()).ok());
        let digest = digest.and_then(|digest| digest.try_into().ok());
        expected.push(digest.ok_or_else(|| unreadable("x-content-sha256"))?);
    }
    Ok(expected)
}

/// A byte sequence as headers have it: `:BASE64:`.
fn structured(text: &str) -> Option<[u8; 32]> {
    let encoded = text.strip_prefix(':')?.strip_suffix(':')?;
    STANDARD.decode(encoded).ok()?.try_into().ok()
}

fn unreadable(name: &str) -> ApiError {
    ApiError::BadRequest(format!(
        "{name} cannot be read; send `Repr-Digest: sha-256=:BASE64:` or `X-Content-Sha256: HEXADECIMAL`, or neither"
    ))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn both_ways_to_write_a_digest_are_read() {
        let digest: [u8; 32] = std::array::from_fn(|index| index as u8);
        let encoded = format!("sha-512=:AAAA:, SHA-256=:{}:", STANDARD.encode(digest));
        assert_eq!(expected(&headers("repr-digest", &encoded)).unwrap(), [digest]);
        assert_eq!(expected(&headers("x-content-sha256", &hex::encode(digest))).unwrap(), [digest]);
        assert!(expected(&headers("content-digest", "md5=:AAAA:")).unwrap().is_empty());
        assert!(expected(&HeaderMap::new()).unwrap().is_empty());
    }

    #[test]
    fn a_digest_that_cannot_be_read_is_not_passed_over() {
        for (name, value) in [
            ("repr-digest", "sha-256=abc"),
            ("repr-digest", "sha-256=:AAAA:"),
            ("content-digest", "nonsense"),
            ("x-content-sha256", "zz"),
            ("x-content-sha256", "00"),
        ] {
            assert!(expected(&headers(name, value)).is_err(), "{name}: {value}");
        }
    }
}
