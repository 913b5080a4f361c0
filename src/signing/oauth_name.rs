//! The names of the protocol's parameters, as both texts of a request have them.

/// A protocol parameter's name with its equals sign, encoded once and twice.
pub(super) struct OAuthName {
    pub(super) once: &'static str,
    pub(super) twice: &'static str,
    /// Its place in the order of names, from 1.
    pub(super) rank: u8,
}

macro_rules! names {
    ($($constant:ident = $name:literal, $rank:literal;)*) => {
        $(
            pub(super) static $constant: OAuthName = OAuthName {
                once: concat!($name, "="),
                twice: concat!($name, "%3D"),
                rank: $rank,
            };
        )*

        #[cfg(test)]
        static ALL: &[&OAuthName] = &[$(&$constant),*];
    };
}

names! {
    CALLBACK = "oauth_callback", 1;
    CONSUMER_KEY = "oauth_consumer_key", 2;
    NONCE = "oauth_nonce", 3;
    SIGNATURE = "oauth_signature", 4;
    SIGNATURE_METHOD = "oauth_signature_method", 5;
    TIMESTAMP = "oauth_timestamp", 6;
    TOKEN = "oauth_token", 7;
    VERIFIER = "oauth_verifier", 8;
    VERSION = "oauth_version", 9;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_order_of_the_names() {
        let name = |name: &OAuthName| name.once.strip_suffix('=').unwrap();
        assert!(ALL.is_sorted_by(|left, right| name(left) < name(right) && left.rank < right.rank));
        assert!(
            ALL.iter()
                .all(|entry| entry.twice.strip_suffix("%3D") == Some(name(entry)))
        );
    }
}
