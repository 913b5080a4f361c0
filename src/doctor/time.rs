//! The server's clock beside this machine's.

use std::time::Duration;

use super::api::Api;
use super::probe::Probe;
use super::{Finding, FindingId, Notes, Remedy, remedies};
use crate::utc::UtcTime;

/// Both clocks are cut to seconds, and an answer takes its time.
const TOLERANCE: i64 = 2;

/// A server that is further behind than this is told, harmless as it is.
const FAR_BEHIND: i64 = 300;

/// `None` where nothing may be signed.
pub(super) fn look(probe: &Probe<'_>, api: &Api, notes: &mut Notes) -> Option<()> {
    let here = UtcTime::now().unix_seconds() - i64::try_from(api.heard.elapsed().as_secs()).unwrap_or(0);
    let gmt_time = api.info.gmt_time;
    if let (Some(date), Some(gmt_time)) = (api.date, gmt_time)
        && date.unix_seconds() - gmt_time.unix_seconds() > TOLERANCE
    {
        notes.add(
            Finding::new(
                FindingId::DateDiffers,
                "the Date header is ahead of gmt_time: a proxy writes it, or it is forged; gmt_time is gone by",
            )
            .seen(format!("Date {date} UTC, gmt_time {gmt_time} UTC")),
        );
    }
    let Some(there) = gmt_time.or(api.date) else {
        notes.add(
            Finding::new(
                FindingId::ClockUnknown,
                "the server tells its time neither in gmt_time nor in a Date header, so nothing was signed",
            )
            .mend(Remedy::act("have the proxy before it keep the Date header")),
        );
        return None;
    };
    if let Some(signer) = &probe.client.shared.signer
        && let Some(gmt_time) = gmt_time
    {
        signer.clock.learn_gmt_time(gmt_time, api.heard);
    }
    let source = if gmt_time.is_some() { "gmt_time" } else { "Date" };
    let lead = there.unix_seconds() - here;
    let seen = format!(
        "{source} {there} UTC, this machine {} UTC",
        UtcTime::from_unix_seconds(here)
    );
    let tolerated = probe.client.shared.options.tolerated_clock_lead;
    if Duration::from_secs(u64::try_from(lead).unwrap_or(0)) > tolerated {
        notes.add(
            Finding::new(
                FindingId::ClockAhead,
                format!(
                    "the server's clock is {lead} s ahead; a timestamp that is too late would block the consumer key \
                     for everyone, so nothing was signed"
                ),
            )
            .seen(seen)
            .mend(Remedy::act("set this machine's clock, or have the server's set"))
            .mend(remedies::tolerated_clock_lead()),
        );
        return None;
    }
    let finding = if lead < -FAR_BEHIND {
        Finding::new(
            FindingId::ClockBehind,
            format!(
                "the server's clock is {} s behind; calls are signed with its time",
                -lead
            ),
        )
    } else {
        Finding::new(FindingId::Clock, "the server's clock can be signed with")
    };
    notes.add(finding.seen(seen));
    Some(())
}
