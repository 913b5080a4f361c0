//! What refusals mean.

use url::Url;

use super::api::shown;
use super::probe::Probe;
use super::{Finding, FindingId, Remedy, remedies};

pub(super) fn key_unknown(evidence: Vec<String>) -> Finding {
    Finding::new(
        FindingId::ConsumerKeyUnknown,
        "the server does not know the consumer key",
    )
    .seen_all(evidence)
    .mend(remedies::consumer(
        "compare the key with Admin > OAuth Keys, letter by letter (not OAuth2 Clients)",
    ))
}

pub(super) fn key_shared(evidence: Vec<String>) -> Finding {
    Finding::new(
        FindingId::KeyShared,
        "refused, and accepted unchanged a moment later: another program with the same key signs a second ahead",
    )
    .seen_all(evidence)
    .mend(remedies::consumer("give each program a consumer key of its own"))
    .mend(Remedy::act("have the other program's clock set"))
}

pub(super) fn key_blocked(evidence: Vec<String>) -> Finding {
    Finding::new(
        FindingId::KeyBlocked,
        "the server has seen a later timestamp of this key: it refuses everyone until that time has come",
    )
    .seen_all(evidence)
    .seen("the nonce was new and the timestamp the server's own time, and it says Invalid request")
    .mend(remedies::consumer("use another consumer key, or wait"))
    .mend(Remedy::act(format!(
        "have an administrator look into the database: {NEWEST}"
    )))
}

/// The query that tells a blocked key. The key itself is left out: it is the caller's text and not quoted for SQL.
const NEWEST: &str = "SELECT MAX(nonce_ts) FROM oauth_nonce WHERE conskey = the consumer key; a time in the future \
                      blocks it, and deleting the rows with nonce_ts > UNIX_TIMESTAMP() frees it";

pub(super) fn signing_url(probe: &Probe<'_>, site: &Url, evidence: Vec<String>) -> Finding {
    let value = probe.quote(&shown(site));
    let finding = Finding::new(
        FindingId::SigningUrl,
        format!("the server takes itself for {value} and checks signatures for that URL"),
    )
    .seen_all(evidence);
    if site == probe.site() {
        return finding.mend(remedies::signing_url("set no other URL to sign, or this one", value));
    }
    finding
        .mend(remedies::signing_url("sign for the URL that the server sees", value))
        .mend(Remedy::act(
            "or have the proxy pass Host on, and the web server behind it know that it is https: `SetEnv HTTPS on` in \
             Apache, `fastcgi_param HTTPS on` in nginx",
        ))
}

pub(super) fn secret_wrong(evidence: Vec<String>) -> Finding {
    Finding::new(
        FindingId::SecretWrong,
        "the server knows the key, and says that the signature is wrong for every URL tried",
    )
    .seen_all(evidence)
    .cause(
        "the consumer secret is wrong",
        "compare it with Admin > OAuth Keys, letter by letter",
        vec![remedies::consumer_secret("give the secret that belongs to this key")],
    )
    .cause(
        "the server takes itself for a URL that was not tried",
        INNER_URL,
        vec![sign_inner_url()],
    )
}

/// How the reason is told by the instance's own log.
const LOG: &str =
    "with Log Level at Debug (Admin > System Settings) for a moment, the instance's log says oauth_problem=";

const INNER_URL: &str = "a proxy stands before the CRM: its configuration says which Host, scheme and path it passes on; \
                         without a proxy this is not it";

fn sign_inner_url() -> Remedy {
    remedies::signing_url("sign for the URL that the server sees", "http://HOST-BEHIND-THE-PROXY")
}

fn wrong_credentials(finding: Finding) -> Finding {
    finding.cause(
        "key or secret are wrong, or belong to another instance",
        format!(
            "compare both with Admin > OAuth Keys, letter by letter (on SuiteCRM 7 not OAuth2 Clients); {LOG}\
             consumer_key_unknown, or signature_invalid for a wrong secret"
        ),
        vec![
            remedies::consumer("give the key of this instance"),
            remedies::consumer_secret("give the secret that belongs to it"),
        ],
    )
}

fn blocked(finding: Finding) -> Finding {
    finding.cause(
        "another client's timestamp from the future blocks the key",
        format!(
            "another key works, and this one does when that time has come; {LOG}timestamp_refused; or by the database: \
             {NEWEST}"
        ),
        vec![remedies::consumer("use another consumer key, or wait")],
    )
}

fn inner_url(finding: Finding) -> Finding {
    finding.cause(
        "the server takes itself for a URL that was not tried",
        INNER_URL,
        vec![sign_inner_url()],
    )
}

/// What brings `site_url` and the URL that is called together.
fn site_url_remedies(probe: &Probe<'_>, differs: Option<&Url>) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    if let Some(site_url) = differs {
        let site_url = probe.quote(&shown(site_url));
        remedies.push(remedies::site_url("call the CRM by its site_url", site_url));
    }
    let own = probe.quote(&shown(probe.site()));
    remedies.push(Remedy::act(format!(
        "have site_url in its config.php set to {own}, or the proxy before it pass on what site_url says"
    )));
    remedies
}

pub(super) fn site_url_wrong(probe: &Probe<'_>, differs: Option<&Url>, evidence: Vec<String>) -> Finding {
    let finding = Finding::new(
        FindingId::SiteUrlWrong,
        "SugarCRM 6.5 gives request tokens only where its site_url is the URL that it sees, and it says that they differ",
    )
    .seen_all(evidence);
    site_url_remedies(probe, differs)
        .into_iter()
        .fold(finding, Finding::mend)
}

pub(super) fn site_url_differs(probe: &Probe<'_>, differs: &Url, evidence: Vec<String>) -> Finding {
    let finding = Finding::new(
        FindingId::SiteUrlDiffers,
        "SugarCRM 6.5 gives request tokens only where its site_url is the URL that it sees, and they seem to differ",
    )
    .seen_all(evidence);
    let finding = finding.cause(
        "site_url is outdated, or a proxy stands between, so that no client gets a request token",
        format!("{LOG}parameter_absent"),
        site_url_remedies(probe, Some(differs)),
    );
    blocked(wrong_credentials(finding))
}

pub(super) fn refused_alike(is_sugar_65: bool, evidence: Vec<String>) -> Finding {
    let finding = Finding::new(
        FindingId::RefusedAlike,
        "every signed request is refused, and the server never says why; these causes look alike from outside",
    )
    .seen_all(evidence);
    let finding = inner_url(blocked(wrong_credentials(finding)));
    if !is_sugar_65 {
        return finding;
    }
    finding.cause(
        "site_url in the config.php of this SugarCRM 6.5 is not the URL that it sees",
        format!("{LOG}parameter_absent"),
        vec![Remedy::act("call the CRM by its site_url, or have that corrected")],
    )
}
