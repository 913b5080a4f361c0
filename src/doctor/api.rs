//! Which product answers, at which paths, and with or without OAuth.

use std::time::Instant;

use url::Url;

use super::probe::{Outcome, Probe, rest_url};
use super::reply::{Reply, target};
use super::{Finding, FindingId, Notes, Remedy, network, remedies};
use crate::error::ErrorKind;
use crate::instance::ApiVersion;
use crate::rest::Envelope;
use crate::transport::Answer;
use crate::utc::UtcTime;
use crate::v4_1::ServerInfo;

/// How many paths above the given one are looked at.
const MOST_ABOVE: usize = 3;

/// What is known of the API once it has answered.
pub(super) struct Api {
    pub(super) info: ServerInfo,
    /// Whether v4_1 answers.
    pub(super) v41: bool,
    /// Whether v4 answers.
    pub(super) v4: bool,
    pub(super) date: Option<UtcTime>,
    /// When the answer came.
    pub(super) heard: Instant,
}

impl Api {
    /// Whether it is a SugarCRM of the 6.5 line, which SuiteCRM's `version` repeats.
    pub(super) fn is_sugar_65(&self) -> bool {
        self.info.suitecrm_version.is_none() && self.info.version.starts_with("6.")
    }
}

/// `None` ends the examination.
pub(super) async fn look(probe: &Probe<'_>, notes: &mut Notes) -> Option<Api> {
    let site = probe.site().clone();
    let asked = rest_url(&site, ApiVersion::V4_1).ok()?;
    let outcome = probe.server_info(&site, ApiVersion::V4_1).await;
    let first = Reply::read(probe, &asked, &outcome);
    if let Reply::Failure(failure) = &first {
        // TLS comes first: what fails after it is another finding.
        if failure.tls.is_none() && !failure.nothing_sent {
            note_tls(probe, notes);
        }
        notes.add(network::failure(probe, failure));
        return None;
    }
    note_tls(probe, notes);
    if let Reply::Redirect(Some(to)) = &first
        && to.origin() != site.origin()
    {
        notes.add(redirect_elsewhere(probe, to));
        return None;
    }
    let second = ask(probe, &site, ApiVersion::V4).await;
    let mut evidence = vec![
        format!("service/v4_1/rest.php: {}", first.brief()),
        format!("service/v4/rest.php: {}", second.1.brief()),
    ];
    let both_fail = !first.is_api() && !second.1.is_api();
    let elsewhere = look_elsewhere(probe, &site, both_fail, &mut evidence).await;
    if both_fail {
        notes.add(not_here(probe, &first, elsewhere).seen_all(evidence));
        return None;
    }
    let (v41, v4) = (first.is_api(), second.1.is_api());
    let (outcome, reply) = if first.is_api() { (outcome, first) } else { second };
    let (Ok(answer), Reply::Info { info, after_messages }) = (outcome, reply) else {
        return None;
    };
    note_answer(probe, notes, &info, after_messages, v41, evidence);
    Some(Api {
        info: *info,
        v41,
        v4,
        date: answer.date,
        heard: answer.heard,
    })
}

async fn ask(probe: &Probe<'_>, site: &Url, version: ApiVersion) -> (Outcome, Reply) {
    let outcome = probe.server_info(site, version).await;
    let asked = rest_url(site, version).unwrap_or_else(|_| site.clone());
    let reply = Reply::read(probe, &asked, &outcome);
    (outcome, reply)
}

fn note_tls(probe: &Probe<'_>, notes: &mut Notes) {
    if !probe.client.instance().is_plain_http() {
        notes.add(Finding::new(
            FindingId::TlsTrusted,
            "TLS is agreed on, and the certificate is accepted as the transport is set up",
        ));
    }
}

fn note_answer(
    probe: &Probe<'_>,
    notes: &mut Notes,
    info: &ServerInfo,
    after_messages: bool,
    v41: bool,
    evidence: Vec<String>,
) {
    let finding = match v41 {
        true => Finding::new(FindingId::ApiAnswers, "the API answers at service/v4_1/rest.php"),
        false => Finding::new(FindingId::NoV41, "the API answers at service/v4/rest.php only")
            .mend(remedies::api_v4("call v4: the setting wants `ApiVersion::V4`"))
            .mend(Remedy::act("or have service/v4_1 of the instance restored")),
    };
    notes.add(finding.seen_all(evidence));
    if after_messages {
        notes.add(
            Finding::new(
                FindingId::PhpMessages,
                "something stands before the JSON: PHP's messages, or a byte order mark in a file; it is passed over",
            )
            .mend(Remedy::act(
                "have display_errors switched off, and the files of the instance looked at",
            )),
        );
    }
    notes.add(Finding::new(FindingId::Product, probe.quote(&info.product())));
}

/// Where else the API, or a newer one, is.
#[derive(Default)]
struct Elsewhere {
    legacy: Option<Url>,
    above: Option<Url>,
    newer: Vec<&'static str>,
}

async fn look_elsewhere(probe: &Probe<'_>, site: &Url, both_fail: bool, evidence: &mut Vec<String>) -> Elsewhere {
    let mut found = Elsewhere::default();
    if !site.path().ends_with("/legacy/")
        && let Ok(legacy) = site.join("legacy/")
    {
        let (_, reply) = ask(probe, &legacy, ApiVersion::V4_1).await;
        evidence.push(format!("legacy/service/v4_1/rest.php: {}", reply.brief()));
        found.legacy = reply.is_api().then_some(legacy);
    }
    for version in ["v10", "v11"] {
        let there = probe.ping(version).await.is_ok_and(|answer| is_newer_api(&answer));
        let brief = if there { "answers" } else { "is not there" };
        evidence.push(format!("rest/{version}: {brief}"));
        found.newer.extend(there.then_some(version));
    }
    if !both_fail || found.legacy.is_some() {
        return found;
    }
    let mut above = site.clone();
    for _ in 0..MOST_ABOVE {
        let Some(next) = above.join("../").ok().filter(|next| next.path() != above.path()) else {
            break;
        };
        above = next;
        let (_, reply) = ask(probe, &above, ApiVersion::V4_1).await;
        let path = above.path();
        evidence.push(format!("{}service/v4_1/rest.php: {}", probe.quote(path), reply.brief()));
        if reply.is_api() {
            found.above = Some(above);
            break;
        }
    }
    found
}

/// Newer Sugars refuse a call without a token in JSON of their own.
fn is_newer_api(answer: &Answer) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    match answer.status {
        200 => body.is_some_and(|body| body == "pong"),
        400..=499 => body.is_some_and(|body| body.get("error").is_some_and(serde_json::Value::is_string)),
        _ => false,
    }
}

/// What it means that neither v4_1 nor v4 is at the given URL.
fn not_here(probe: &Probe<'_>, reply: &Reply, elsewhere: Elsewhere) -> Finding {
    if let Some(legacy) = elsewhere.legacy {
        return Finding::new(FindingId::LegacyPath, "the API is below /legacy, as on SuiteCRM 8")
            .mend(remedies::site_url("give the site URL with /legacy", shown(&legacy)));
    }
    if let Some(above) = elsewhere.above {
        return Finding::new(
            FindingId::SitePath,
            "the API is there, at another path than the one given",
        )
        .mend(remedies::site_url("give the site URL", shown(&above)));
    }
    if !elsewhere.newer.is_empty() {
        let versions = elsewhere.newer.join(" and ");
        return Finding::new(
            FindingId::OtherApi,
            format!("a Sugar with the REST API {versions} (OAuth 2), and without service/v4_1"),
        )
        .mend(remedies::oauth2())
        .mend(Remedy::act(
            "or have the legacy API switched on, where the product still has it",
        ));
    }
    match reply {
        Reply::Redirect(to) => redirect_inside(probe, to.as_ref()),
        Reply::Status(status) => by_status(*status),
        Reply::Page(page) => Finding::new(FindingId::WebPage, "a web page answers in the API's place")
            .seen(page.clone())
            .mend(remedies::site_url_unknown(
                "check that this is the CRM's own URL, and not that of a portal",
            ))
            .mend(Remedy::act(
                "have service/v4_1/rest.php exempted from single sign-on, the proxy's login page or the firewall's check",
            )),
        Reply::OtherProduct => Finding::new(FindingId::OtherProduct, "JSON answers, but not of this API")
            .mend(remedies::site_url_unknown("check the site URL: another product lives there")),
        Reply::Unreadable(what) => Finding::new(FindingId::AnswerUnreadable, "what came back cannot be read")
            .seen(what.clone())
            .mend(Remedy::act("see the web server's and the instance's log for PHP errors"))
            .mend(remedies::site_url_unknown("check the site URL")),
        Reply::Failure(failure) => network::failure(probe, failure),
        Reply::Info { .. } => Finding::new(FindingId::ApiAnswers, "the API answers"),
    }
}

/// A site URL as a person gives it.
pub(super) fn shown(site: &Url) -> String {
    site.as_str().trim_end_matches('/').to_owned()
}

/// What an HTTP status means that neither the API nor PHP gives.
pub(super) fn by_status(status: u16) -> Finding {
    let finding = match status {
        401 | 407 => Finding::new(
            FindingId::LoginWanted,
            "the web server or a proxy wants a login of its own",
        )
        .mend(Remedy::act("have service/ exempted from HTTP authentication")),
        403 => Finding::new(
            FindingId::Forbidden,
            "the web server, or a firewall before it, forbids the path",
        )
        .mend(Remedy::act("have service/v4_1/rest.php allowed")),
        404 | 410 => Finding::new(FindingId::NothingThere, "there is no API at this URL")
            .mend(remedies::site_url_unknown("check the site URL, its path included"))
            .mend(Remedy::act("check that the instance still has service/v4_1/rest.php")),
        429 | 502..=504 => Finding::new(FindingId::Busy, "the server is busy, or what is behind it is down")
            .mend(Remedy::act("try again later"))
            .mend(Remedy::act("have PHP and its connection to the web server looked at")),
        500..=599 => Finding::new(FindingId::ServerError, "the server fails").mend(Remedy::act(
            "see the web server's and the instance's log: PHP or the database fails",
        )),
        _ => Finding::new(FindingId::OtherStatus, "the API does not use this status")
            .mend(remedies::site_url_unknown("check the site URL")),
    };
    finding.seen(format!("HTTP {status}"))
}

pub(super) fn redirect_elsewhere(probe: &Probe<'_>, to: &Url) -> Finding {
    let origin = to.origin().ascii_serialization();
    // The path of the API at the end, if it is kept, says where the site is.
    let path = to.path();
    let site = path.strip_suffix("service/v4_1/rest.php").unwrap_or("/");
    let site = probe.quote(&format!("{origin}{site}"));
    Finding::new(
        FindingId::RedirectElsewhere,
        format!(
            "the server points to {}; redirects are not followed",
            probe.quote(&origin)
        ),
    )
    .seen(format!("Location: {}", probe.quote(&format!("{origin}{path}"))))
    .mend(remedies::site_url(
        "if that is your CRM, give it as the site URL",
        site.trim_end_matches('/'),
    ))
}

fn redirect_inside(probe: &Probe<'_>, to: Option<&Url>) -> Finding {
    let finding = Finding::new(
        FindingId::RedirectInside,
        "the server points to another page of its own instead of answering",
    )
    .seen(match to {
        Some(to) => format!("Location: {}", probe.quote(to.path())),
        None => "no usable Location".to_owned(),
    });
    let site = to.and_then(|to| Some((to, to.path().strip_suffix("service/v4_1/rest.php")?)));
    match site {
        Some((to, path)) => finding.mend(remedies::site_url(
            "give the site URL that it points to",
            probe.quote(&format!(
                "{}{}",
                to.origin().ascii_serialization(),
                path.trim_end_matches('/')
            )),
        )),
        None => finding
            .mend(Remedy::act("have service/v4_1/rest.php exempted from single sign-on"))
            .mend(remedies::site_url_unknown("check the path of the site URL")),
    }
}

/// Whether the instance has the OAuth methods. `None` ends the examination.
pub(super) async fn look_for_oauth(probe: &Probe<'_>, api: &Api, notes: &mut Notes) -> Option<()> {
    let version = if api.v4 { ApiVersion::V4 } else { ApiVersion::V4_1 };
    let outcome = probe.unsigned_oauth_access(version).await;
    let finding = match &outcome {
        Ok(answer) if answer.status == 200 => match Envelope::read(answer) {
            Ok(Envelope::Error(error)) if error.number == -1 => {
                notes.add(no_oauth().seen("oauth_access: error -1, an unknown method"));
                return None;
            }
            Ok(Envelope::Error(error)) => Finding::new(FindingId::OauthMethods, "the instance has the OAuth methods")
                .seen(format!("oauth_access without a token: error {}", error.number)),
            Ok(_) => unclear("oauth_access without a token is not refused".to_owned()),
            Err(error) => unclear(probe.message(error)),
        },
        Ok(answer) => unclear(format!("oauth_access without a token: HTTP {}", answer.status)),
        Err(failure) => unclear(probe.message(failure.error.clone())),
    };
    notes.add(finding);
    Some(())
}

fn unclear(evidence: String) -> Finding {
    Finding::new(
        FindingId::OauthMethodsUnknown,
        "whether the instance has OAuth methods could not be seen",
    )
    .seen(evidence)
}

pub(super) fn no_oauth() -> Finding {
    Finding::new(FindingId::NoOauth, "the instance has no OAuth methods")
        .mend(remedies::login())
        .mend(Remedy::act("or have it updated: SugarCRM has them from 6.5.25 on"))
}

pub(super) fn signed_blocked(evidence: String) -> Finding {
    Finding::new(
        FindingId::SignedBlocked,
        "unsigned calls are answered, but something before the CRM stops the signed one",
    )
    .seen(evidence)
    .mend(Remedy::act(
        "have the web server's rules, or the firewall before it, let parameters named oauth_* pass to service/v4_1/rest.php",
    ))
}

pub(super) fn signed_unreadable(evidence: String) -> Finding {
    Finding::new(
        FindingId::SignedUnreadable,
        "the signed request got no answer that can be read",
    )
    .seen(evidence)
    .mend(Remedy::act(
        "try again; if it happens every time, see the web server's log",
    ))
}

/// What it means that a signed call was answered by neither the API nor its refusal.
pub(super) fn signed_trouble(probe: &Probe<'_>, outcome: &Outcome, asked: &Url) -> Finding {
    match outcome {
        Ok(answer) if (300..400).contains(&answer.status) => signed_blocked(match target(answer, asked) {
            Some(to) => format!("a redirect to {}", probe.quote(&to.origin().ascii_serialization())),
            None => "a redirect".to_owned(),
        }),
        Ok(answer) if matches!(answer.status, 429 | 500 | 502..=504) => by_status(answer.status),
        Ok(answer) => signed_blocked(format!("HTTP {}", answer.status)),
        Err(failure) if failure.error.kind() == ErrorKind::Connect && !failure.nothing_sent => {
            signed_blocked(probe.message(failure.error.clone()))
        }
        Err(failure) => signed_unreadable(probe.message(failure.error.clone())),
    }
}
