//! Base string and signature by RFC 5849, section 3.4, over what PHP decoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};

/// RFC 3986: everything but letters, digits, `-`, `.`, `_` and `~` becomes `%XX`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len() * 3);
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(*byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The base string of a request. `parameters` holds each name once, as PHP's arrays do.
pub(super) fn base_string(method: &str, url: &str, parameters: &[(&[u8], &[u8])]) -> String {
    let mut pairs: Vec<(String, String)> = parameters
        .iter()
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let joined: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let method = method.to_ascii_uppercase();
    format!(
        "{method}&{}&{}",
        encode(url.as_bytes()),
        encode(joined.join("&").as_bytes())
    )
}

/// The signature, or `None` for a method that the server does not know.
pub(super) fn sign(signature_method: &str, base: &str, consumer_secret: &str, token_secret: &str) -> Option<String> {
    let key = format!(
        "{}&{}",
        encode(consumer_secret.as_bytes()),
        encode(token_secret.as_bytes())
    );
    match signature_method {
        "HMAC-SHA1" => {
            let mac = Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()).ok()?;
            Some(STANDARD.encode(mac.chain_update(base).finalize().into_bytes()))
        }
        "HMAC-SHA256" => {
            let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).ok()?;
            Some(STANDARD.encode(mac.chain_update(base).finalize().into_bytes()))
        }
        "PLAINTEXT" => Some(key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OAuth Core 1.0a, appendix A.5.
    #[test]
    fn signs_the_photos_request_of_the_standard() {
        let parameters: [(&[u8], &[u8]); 8] = [
            (b"oauth_consumer_key", b"dpf43f3p2l4k3l03"),
            (b"oauth_token", b"nnch734d00sl2jdk"),
            (b"oauth_signature_method", b"HMAC-SHA1"),
            (b"oauth_timestamp", b"1191242096"),
            (b"oauth_nonce", b"kllo9940pd9333jh"),
            (b"oauth_version", b"1.0"),
            (b"file", b"vacation.jpg"),
            (b"size", b"original"),
        ];
        let base = base_string("GET", "http://photos.example.net/photos", &parameters);
        assert_eq!(
            base,
            "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03\
             %26oauth_nonce%3Dkllo9940pd9333jh%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1191242096\
             %26oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size%3Doriginal"
        );
        let signature = sign("HMAC-SHA1", &base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00");
        assert_eq!(signature.as_deref(), Some("tR3+Ty81lMeYAr/Fid0kMTYa/WM="));
        assert_eq!(sign("PLAINTEXT", &base, "a b", "c&d").as_deref(), Some("a%20b&c%26d"));
        assert_eq!(sign("MD5", &base, "a", "b"), None);
    }
}
