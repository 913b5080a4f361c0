//! The job queue, which is empty, and other methods that nobody outside of the application needs.

use super::Call;
use super::errors::{ApiError, Refusal};
use super::table::Argument::Required;
use super::table::{Door, Method, SESSION};
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "job_queue_next",
        arguments: &[SESSION, Required("clientid")],
        door: Door::Session(|_| Ok(json!({"results": null}))),
    },
    Method {
        name: "job_queue_cycle",
        arguments: &[SESSION, Required("clientid")],
        door: Door::Session(|_| Ok(json!({"results": "ok"}))),
    },
    Method {
        name: "job_queue_run",
        arguments: &[SESSION, Required("jobid"), Required("clientid")],
        door: Door::Session(run),
    },
    Method {
        name: "seamless_login",
        arguments: &[SESSION],
        door: Door::Session(|_| Ok(json!(1))),
    },
    Method {
        name: "set_campaign_merge",
        arguments: &[SESSION, Required("targets"), Required("campaign_id")],
        door: Door::Session(campaign_merge),
    },
];

fn run(call: &Call<'_>) -> Result<Value, Refusal> {
    let message = format!("Job {} not found.", call.arguments.text("jobid"));
    Ok(json!({"results": false, "message": message}))
}

/// Answers nothing when it has done its work.
fn campaign_merge(call: &Call<'_>) -> Result<Value, Refusal> {
    let no_campaign = matches!(call.arguments.text("campaign_id").as_str(), "" | "0");
    let no_targets = match call.arguments.get("targets") {
        Some(Value::Array(targets)) => targets.is_empty(),
        Some(Value::Object(targets)) => targets.is_empty(),
        _ => true,
    };
    if no_campaign || no_targets {
        return Err(Refusal::Api(ApiError::NO_MERGE_DATA));
    }
    Err(Refusal::Null)
}
