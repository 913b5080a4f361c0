//! What an accepted request brought. The token itself is let go: it dies within a day.

use url::Url;

use super::probe::Probe;
use super::{Finding, FindingId, Notes, Remedy, remedies};
use crate::authorize_url::AuthorizeUrl;
use crate::rest::TokenAnswer;

pub(super) fn unusable(evidence: String) -> Finding {
    Finding::new(
        FindingId::TokenUnusable,
        "the request was accepted, but its answer holds no token that can be used",
    )
    .seen(evidence)
    .mend(Remedy::act("see whether something on the way rewrites answers"))
    .mend(remedies::site_url_unknown("check that this is the CRM"))
}

pub(super) fn look(probe: &Probe<'_>, answer: &TokenAnswer, notes: &mut Notes) {
    let options = &probe.client.shared.options;
    if !answer.callback_confirmed && !options.allow_unconfirmed_callback {
        notes.add(
            Finding::new(
                FindingId::CallbackUnconfirmed,
                "the server does not confirm the callback, so it does not tie the verifier to the walk",
            )
            .seen("the answer holds no oauth_callback_confirmed=true")
            .mend(Remedy::act("have the instance updated: this is the first OAuth 1.0"))
            .mend(remedies::allow_unconfirmed_callback()),
        );
    }
    let offered = answer.authorize_url.as_deref();
    let chosen = AuthorizeUrl::choose(
        probe.client.instance(),
        &options.authorize_origins,
        offered,
        &answer.token,
    );
    if chosen.is_servers_own() {
        return;
    }
    let origin = offered
        .and_then(|offered| Url::parse(offered).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(|url| probe.quote(&url.origin().ascii_serialization()));
    let finding = Finding::new(
        FindingId::AuthorizeUrlElsewhere,
        "the server's authorize_url is not on the instance's own origin, or is malformed; the address is built from the \
         site URL instead",
    )
    .seen(match (offered, &origin) {
        (None, _) => "the answer holds no authorize_url".to_owned(),
        (_, Some(origin)) => format!("authorize_url on {origin}"),
        (_, None) => "authorize_url is no usable address".to_owned(),
    })
    .mend(Remedy::act(
        "if site_url in the instance's config.php is outdated, have it corrected",
    ));
    notes.add(match origin {
        Some(origin) if origin != probe.client.instance().origin() => {
            finding.mend(remedies::allow_authorize_origin(&origin))
        }
        _ => finding,
    });
}
