//! The rare ones: the job queue, campaign merges and the browser's login. Their answers stay JSON.

use serde_json::Value;

use super::{Method, sealed};
use crate::error::Result;
use crate::rest::Arguments;

/// A method whose answer is JSON as it came, `null` included.
macro_rules! rare_method {
    (
        $(#[$documentation:meta])*
        $name:ident = $method:literal, signed: $signed:literal,
        $(#[$new_documentation:meta])* new($($field:ident: $argument:literal),*)
    ) => {
        $(#[$documentation])*
        ///
        /// The answer is JSON as the server sends it. Never sent twice.
        #[must_use = "a method does nothing until it is called"]
        #[derive(Debug, Clone)]
        pub struct $name {
            $($field: Value,)*
        }

        impl $name {
            $(#[$new_documentation])*
            #[allow(clippy::new_without_default)]
            pub fn new($($field: impl Into<Value>),*) -> Self {
                Self { $($field: $field.into(),)* }
            }
        }

        impl sealed::Sealed for $name {}

        impl Method for $name {
            const NAME: &'static str = $method;
            const REPEATABLE: bool = false;
            const SIGNED: bool = $signed;
            type Answer = Value;

            fn arguments(&self) -> Arguments {
                Arguments::new()$(.with($argument, self.$field.clone()))*
            }

            fn read(&self, result: Value) -> Result<Value> {
                Ok(result)
            }
        }
    };
}

rare_method! {
    /// `job_queue_next`: takes the next job of the instance's queue for a client.
    JobQueueNext = "job_queue_next", signed: true,
    /// For a client that calls itself so.
    new(client_id: "clientid")
}

rare_method! {
    /// `job_queue_cycle`: lets the instance clean up its queue.
    JobQueueCycle = "job_queue_cycle", signed: true,
    /// For a client that calls itself so.
    new(client_id: "clientid")
}

rare_method! {
    /// `job_queue_run`: runs a job that was taken from the queue.
    JobQueueRun = "job_queue_run", signed: true,
    /// A job, for a client that calls itself so.
    new(job_id: "jobid", client_id: "clientid")
}

rare_method! {
    /// `set_campaign_merge`: notes that a campaign's mail was merged for targets. Answers `null`.
    SetCampaignMerge = "set_campaign_merge", signed: true,
    /// The ids of the targets, a list, and the campaign's id.
    new(targets: "targets", campaign_id: "campaign_id")
}

rare_method! {
    /// `seamless_login`: lets a browser use this session for one visit
    /// (`index.php?module=Home&action=index&MSID=<session id>`). Answers 1.
    ///
    /// The session id is then in a URL, and so in histories and logs.
    SeamlessLogin = "seamless_login", signed: false,
    /// Nothing more is needed.
    new()
}
