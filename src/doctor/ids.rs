//! Every id that a finding can have, with its state and what it means. `docs/doctor.md` prints this table.

use std::fmt;

use serde::{Serialize, Serializer};

use super::State;

macro_rules! findings {
    ($($name:ident $id:literal $state:ident $meaning:literal)*) => {
        /// What kind of finding it is. The ids are stable; new ones may come.
        ///
        /// ```
        /// use sugar_oauth::doctor::{FindingId, State};
        ///
        /// let id = FindingId::ClockAhead;
        /// assert_eq!(id.to_string(), "clock-ahead");
        /// assert_eq!(id.state(), State::Problem);
        /// println!("{}: {}", id.as_str(), id.meaning());
        /// assert!(FindingId::ALL.contains(&id));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FindingId {
            $(#[doc = concat!("`", $id, "`: ", $meaning, ".")] $name,)*
        }

        impl FindingId {
            /// Every id, in the order in which things are tried.
            pub const ALL: &'static [FindingId] = &[$(FindingId::$name),*];

            /// The id as text, such as `signing-url`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(FindingId::$name => $id,)*
                }
            }

            /// The state of every finding of this id.
            pub fn state(self) -> State {
                match self {
                    $(FindingId::$name => State::$state,)*
                }
            }

            /// What it means, in a few words.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(FindingId::$name => $meaning,)*
                }
            }
        }
    };
}

findings! {
    PlainHttp "plain-http" Problem "plain http to another machine, and nobody has said yes to it; nothing was sent"
    PlainHttpAllowed "plain-http-allowed" Notice "plain http to another machine, allowed"
    ThroughProxy "through-proxy" Notice "a proxy stands between, so that name and port were not tried"
    NameResolved "name-resolved" Ok "the host's name has addresses"
    NameUnknown "name-unknown" Problem "the host's name has no address here"
    TcpConnected "tcp-connected" Ok "the port takes connections"
    ConnectionRefused "connection-refused" Problem "nothing listens on the port"
    ConnectionTimeout "connection-timeout" Problem "the port does not answer at all"
    ConnectionFailed "connection-failed" Problem "no way to the host"
    ProxyFailed "proxy-failed" Problem "the proxy does not answer or opens no way"
    TlsTrusted "tls-trusted" Ok "TLS with a certificate that is trusted"
    TlsNoCaCertificates "tls-no-ca-certificates" Problem "this machine has no CA certificates"
    TlsExpired "tls-expired" Problem "the certificate has expired"
    TlsNotYetValid "tls-not-yet-valid" Problem "the certificate is not valid yet"
    TlsOtherName "tls-other-name" Problem "the certificate is for another host"
    TlsUntrusted "tls-untrusted" Alike "the certificate's issuer is not trusted here"
    TlsNotSpoken "tls-not-spoken" Problem "the port does not speak TLS"
    TlsTooOld "tls-too-old" Problem "no TLS version or cipher in common"
    TlsClientCertificate "tls-client-certificate" Problem "the server wants a client certificate"
    TlsFailed "tls-failed" Problem "TLS failed otherwise"
    ClosedWithoutAnswer "closed-without-answer" Alike "the connection was closed without an answer"
    NoAnswer "no-answer" Problem "no answer in time"
    RedirectElsewhere "redirect-elsewhere" Problem "the server points to another origin"
    RedirectInside "redirect-inside" Problem "the server points to another page of its own"
    LegacyPath "legacy-path" Problem "the API is below `/legacy`, as on SuiteCRM 8"
    SitePath "site-path" Problem "the API is at another path of the host"
    OtherApi "other-api" Problem "a Sugar that has the REST API v10 or v11, and not v4_1"
    LoginWanted "login-wanted" Problem "web server or proxy want a login of their own"
    Forbidden "forbidden" Problem "web server or firewall forbid it"
    NothingThere "nothing-there" Problem "there is no API at this URL"
    Busy "busy" Problem "the server is busy, or what is behind it is down"
    ServerError "server-error" Problem "the server fails"
    OtherStatus "other-status" Problem "an HTTP status that the API does not use"
    WebPage "web-page" Problem "a web page answers instead of the API"
    OtherProduct "other-product" Problem "JSON, but not of this API"
    AnswerUnreadable "answer-unreadable" Problem "an answer that cannot be read: cut off, too large, malformed"
    ApiAnswers "api-answers" Ok "the API answers; the evidence says which paths there are"
    NoV41 "no-v4-1" Problem "only v4 answers, and not v4_1"
    PhpMessages "php-messages" Notice "PHP's messages or a byte order mark stand before the JSON"
    Product "product" Ok "product and version"
    OauthMethods "oauth-methods" Ok "the instance has the OAuth methods"
    NoOauth "no-oauth" Problem "the instance has no OAuth methods"
    OauthMethodsUnknown "oauth-methods-unknown" Unknown "whether there are OAuth methods could not be seen"
    Clock "clock" Ok "the server's clock can be signed with"
    ClockAhead "clock-ahead" Problem "the server's clock is too far ahead of this machine's to sign with"
    ClockBehind "clock-behind" Notice "the server's clock is behind this machine's; calls are signed with its time"
    ClockUnknown "clock-unknown" Unknown "the server does not tell its time, so nothing was signed"
    DateDiffers "date-differs" Notice "the `Date` header is ahead of `gmt_time`: something on the way writes it"
    NotSigned "not-signed" Unknown "there is no consumer key and secret to sign with"
    ConsumerKeyLong "consumer-key-long" Notice "the consumer key is longer than the 32 characters that the server's nonces keep"
    SignatureAccepted "signature-accepted" Ok "a signed request was accepted as it is set up"
    V4Only "v4-only" Notice "request tokens come from v4 only, as on SugarCRM 6.5"
    SigningUrl "signing-url" Problem "the server checks signatures for another URL than the one signed"
    KeyShared "key-shared" Problem "refused, and accepted a moment later: another program signs with the same key"
    ConsumerKeyUnknown "consumer-key-unknown" Problem "the server does not know the consumer key"
    KeyBlocked "key-blocked" Problem "a timestamp from the future blocks the consumer key"
    SecretWrong "secret-wrong" Alike "the signature is wrong: the secret, or the URL that was signed"
    SiteUrlWrong "site-url-wrong" Problem "a SugarCRM 6.5 that says that it is not called by its `site_url`"
    SiteUrlDiffers "site-url-differs" Alike "a SugarCRM 6.5 whose `site_url` is not the URL that it is called by"
    RefusedAlike "refused-alike" Alike "every signed request is refused without a reason"
    SignedBlocked "signed-blocked" Problem "something before the CRM stops signed requests"
    SignedUnreadable "signed-unreadable" Problem "the signed request got no answer that can be read"
    DisplayErrors "display-errors" Notice "PHP's `display_errors` is on and tells strangers paths"
    TokenUnusable "token-unusable" Problem "accepted, but the answer holds no token that can be used"
    CallbackUnconfirmed "callback-unconfirmed" Problem "the server does not confirm the callback"
    AuthorizeUrlElsewhere "authorize-url-elsewhere" Notice "the server's `authorize_url` cannot be used, so the address is built from the site URL"
}

impl fmt::Display for FindingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for FindingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::FindingId;

    #[test]
    fn ids_differ_and_are_words() {
        let mut ids: Vec<&str> = FindingId::ALL.iter().map(|id| id.as_str()).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        let word = |id: &&str| {
            id.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        assert!(ids.iter().all(word), "{ids:?}");
    }
}
