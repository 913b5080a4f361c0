//! A signed request and, where it is refused, the variants one by one.

use std::time::Duration;

use url::Url;

use super::api::{self, Api, shown};
use super::probe::{Outcome, Probe, rest_url};
use super::signing_sites::{signing_sites, site_url_of};
use super::{Finding, FindingId, Notes, Remedy, causes, remedies, token};
use crate::error::ErrorKind;
use crate::instance::ApiVersion;
use crate::rest::{TokenAnswer, refusal_reason, refused};

/// After so long a refusal is tried again: another program with the key may have signed a second ahead.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The server's nonces keep so many characters of a key.
const KEY_COLUMN: usize = 32;

/// What came of one signed request.
enum Verdict {
    Accepted(TokenAnswer),
    /// The reason, where the server shows it.
    Refused(Option<String>),
    /// Neither: the examination ends here.
    Else(Finding),
}

/// The signed requests so far.
struct Attempts<'a, 'b> {
    probe: &'a Probe<'b>,
    evidence: Vec<String>,
    /// The last reason that the server gave.
    reason: Option<String>,
}

/// What the server says with `display_errors`, where it says it.
const KEY_UNKNOWN: &str = "Consumer key invalid";
const NOT_ACCEPTABLE: &str = "Invalid request";
const SIGNATURE_WRONG: &str = "Invalid signature";
/// As `Missing parameter: oauth_token`, which a SugarCRM 6.5 wants everywhere but at its `site_url`'s v4.
const PARAMETER_MISSING: &str = "Missing parameter: ";
const TOKEN: &str = "oauth_token";
const METHOD_UNKNOWN: &str = "Invalid signature method";

impl Attempts<'_, '_> {
    async fn attempt(&mut self, version: ApiVersion, site: &Url) -> Verdict {
        let asked = rest_url(self.probe.site(), version).unwrap_or_else(|_| site.clone());
        let signed_for = rest_url(site, version).unwrap_or_else(|_| site.clone());
        let outcome = self.probe.request_token(version, site).await;
        let verdict = self.judge(&outcome, &asked);
        let came = match &verdict {
            Verdict::Accepted(_) => "accepted".to_owned(),
            Verdict::Refused(Some(reason)) => format!("refused: {}", self.probe.quote(reason)),
            Verdict::Refused(None) => "HTTP 500, empty".to_owned(),
            Verdict::Else(_) => "neither accepted nor refused".to_owned(),
        };
        let shown = self.probe.quote(signed_for.as_str());
        self.evidence.push(format!("signed for {shown}: {came}"));
        if let Verdict::Refused(Some(reason)) = &verdict {
            self.reason = Some(reason.clone());
        }
        verdict
    }

    fn judge(&self, outcome: &Outcome, asked: &Url) -> Verdict {
        match outcome {
            Ok(answer) if refused(answer) => Verdict::Refused(refusal_reason(answer)),
            Ok(answer) if answer.status == 200 => match TokenAnswer::read(answer) {
                Ok(token) => Verdict::Accepted(token),
                Err(error) if error.api().is_some_and(|error| error.number == -1) => {
                    Verdict::Else(api::no_oauth().seen("oauth_request_token: error -1, an unknown method"))
                }
                Err(error) if error.kind() == ErrorKind::NotTheApi => {
                    Verdict::Else(api::signed_blocked(self.probe.message(error)))
                }
                Err(error) if answer.body.trim_ascii().is_empty() => {
                    Verdict::Else(api::signed_unreadable(self.probe.message(error)))
                }
                Err(error) => Verdict::Else(token::unusable(self.probe.message(error))),
            },
            _ => Verdict::Else(api::signed_trouble(self.probe, outcome, asked)),
        }
    }

    fn gave(&self, reason: &str) -> bool {
        self.reason.as_deref() == Some(reason)
    }

    /// What the server misses although it was sent; a token was not.
    fn misses(&self) -> Option<&str> {
        let missing = self.reason.as_deref()?.strip_prefix(PARAMETER_MISSING);
        missing.or_else(|| self.gave(METHOD_UNKNOWN).then_some("oauth_signature_method"))
    }

    fn misses_token(&self) -> bool {
        self.misses() == Some(TOKEN)
    }

    /// What needs no variants: the server has told it.
    fn told(&mut self) -> Option<Finding> {
        if self.gave(KEY_UNKNOWN) {
            return Some(causes::key_unknown(self.evidence()));
        }
        let lost = self.misses().filter(|lost| *lost != TOKEN)?;
        let lost = self.probe.quote(&format!("{lost} was sent and did not arrive"));
        Some(api::signed_blocked(lost).seen_all(self.evidence()))
    }

    fn evidence(&mut self) -> Vec<String> {
        std::mem::take(&mut self.evidence)
    }
}

pub(super) async fn look(probe: &Probe<'_>, api: &Api, notes: &mut Notes) {
    note_long_key(probe, notes);
    let mut attempts = Attempts {
        probe,
        evidence: Vec::new(),
        reason: None,
    };
    let outcome = find_out(&mut attempts, api).await;
    if attempts.reason.is_some() {
        notes.add(
            Finding::new(
                FindingId::DisplayErrors,
                "PHP's display_errors is on: refusals give a reason, and tell strangers paths",
            )
            .mend(Remedy::act("switch display_errors off once the connection works")),
        );
    }
    let (finding, token) = outcome;
    notes.add(finding);
    if let Some(token) = token {
        token::look(probe, &token, notes);
    }
}

fn note_long_key(probe: &Probe<'_>, notes: &mut Notes) {
    let length = probe.client.consumer_key().map_or(0, |key| key.chars().count());
    if length > KEY_COLUMN {
        notes.add(
            Finding::new(
                FindingId::ConsumerKeyLong,
                format!(
                    "the consumer key has {length} characters; the server's nonces keep {KEY_COLUMN}, so that keys \
                     that begin alike share their timestamps"
                ),
            )
            .mend(remedies::consumer(
                "if it was pasted from the wrong place, copy it again",
            )),
        );
    }
}

async fn find_out(attempts: &mut Attempts<'_, '_>, api: &Api) -> (Finding, Option<TokenAnswer>) {
    let probe = attempts.probe;
    let signed_site = signed_site(probe);
    let set = probe.client.shared.options.api_version;
    // As it is set up, which without a version is v4_1 and then v4.
    let first = set.unwrap_or(if api.v41 { ApiVersion::V4_1 } else { ApiVersion::V4 });
    match attempts.attempt(first, &signed_site).await {
        Verdict::Accepted(token) => return (accepted(attempts), Some(token)),
        Verdict::Else(finding) => return (finding.seen_all(attempts.evidence()), None),
        Verdict::Refused(_) => {}
    }
    if let Some(finding) = attempts.told() {
        return (finding, None);
    }
    if !attempts.gave(NOT_ACCEPTABLE) && first == ApiVersion::V4_1 && api.v4 {
        match attempts.attempt(ApiVersion::V4, &signed_site).await {
            Verdict::Accepted(token) => return (accepted_by_v4(attempts, api, set), Some(token)),
            Verdict::Else(finding) => return (finding.seen_all(attempts.evidence()), None),
            Verdict::Refused(_) => {}
        }
        if let Some(finding) = attempts.told() {
            return (finding, None);
        }
    }
    // v4 is where every product gives request tokens.
    let version = if api.v4 { ApiVersion::V4 } else { first };
    if attempts.reason.is_none() || attempts.gave(NOT_ACCEPTABLE) {
        tokio::time::sleep(AGAIN_AFTER).await;
        let after = format!("{} s later:", AGAIN_AFTER.as_secs());
        attempts.evidence.push(after);
        match attempts.attempt(version, &signed_site).await {
            Verdict::Accepted(token) => return (causes::key_shared(attempts.evidence()), Some(token)),
            Verdict::Else(finding) => return (finding.seen_all(attempts.evidence()), None),
            Verdict::Refused(_) => {}
        }
    }
    if attempts.gave(NOT_ACCEPTABLE) {
        // Checked before key and signature: no variant can change it.
        return (causes::key_blocked(attempts.evidence()), None);
    }
    let site_url = site_url(probe, version).await;
    if let Some(site_url) = &site_url {
        let shown = probe.quote(&shown(site_url));
        attempts
            .evidence
            .push(format!("the SOAP description says that site_url is {shown}"));
    }
    let sites = match attempts.misses_token() {
        // Refused before the signature is looked at: what is signed does not matter.
        true => Vec::new(),
        false => signing_sites(probe.site(), &signed_site, site_url.as_ref()),
    };
    for site in sites {
        match attempts.attempt(version, &site).await {
            Verdict::Accepted(token) => {
                let evidence = attempts.evidence();
                return (causes::signing_url(probe, &site, evidence), Some(token));
            }
            Verdict::Else(finding) => return (finding.seen_all(attempts.evidence()), None),
            Verdict::Refused(_) => {}
        }
    }
    let evidence = attempts.evidence();
    let differs = site_url.filter(|site_url| site_url != probe.site());
    let finding = if attempts.gave(SIGNATURE_WRONG) {
        causes::secret_wrong(evidence)
    } else if attempts.misses_token() {
        causes::site_url_wrong(probe, differs.as_ref(), evidence)
    } else if let Some(differs) = differs.filter(|_| api.is_sugar_65()) {
        causes::site_url_differs(probe, &differs, evidence)
    } else {
        causes::refused_alike(api.is_sugar_65(), evidence)
    };
    (finding, None)
}

/// The site URL that is signed for as the client is set up.
fn signed_site(probe: &Probe<'_>) -> Url {
    let mut site = probe.client.instance().signing_url(ApiVersion::V4_1);
    let path = site.path().trim_end_matches("service/v4_1/rest.php").to_owned();
    site.set_path(&path);
    site
}

async fn site_url(probe: &Probe<'_>, version: ApiVersion) -> Option<Url> {
    let answer = probe.soap_description(version).await.ok()?;
    site_url_of(&String::from_utf8_lossy(&answer.body)).filter(|_| answer.status == 200)
}

fn accepted(attempts: &mut Attempts<'_, '_>) -> Finding {
    Finding::new(
        FindingId::SignatureAccepted,
        "a signed request was accepted as it is set up",
    )
    .seen_all(attempts.evidence())
}

/// SuiteCRM takes v4_1 and v4 alike: where only the second was accepted, it was the moment that changed.
fn accepted_by_v4(attempts: &mut Attempts<'_, '_>, api: &Api, set: Option<ApiVersion>) -> Finding {
    if !api.is_sugar_65() {
        return causes::key_shared(attempts.evidence());
    }
    let finding = Finding::new(
        FindingId::V4Only,
        "request tokens come from v4 only, as on SugarCRM 6.5; the library tries v4 by itself",
    )
    .seen_all(attempts.evidence());
    match set {
        Some(ApiVersion::V4_1) => finding.mend(remedies::api_v4("leave the version unset, or set `ApiVersion::V4`")),
        _ => finding,
    }
}
