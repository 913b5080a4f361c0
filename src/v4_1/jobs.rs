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
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::JobQueueNext;
    ///
    /// println!("{}", session.call(&JobQueueNext::new("worker-1")).await?);
    /// # Ok(())
    /// # }
    /// ```
    JobQueueNext = "job_queue_next", signed: true,
    /// For a client that calls itself so.
    new(client_id: "clientid")
}

rare_method! {
    /// `job_queue_cycle`: lets the instance clean up its queue.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::JobQueueCycle;
    ///
    /// session.call(&JobQueueCycle::new("worker-1")).await?;
    /// # Ok(())
    /// # }
    /// ```
    JobQueueCycle = "job_queue_cycle", signed: true,
    /// For a client that calls itself so.
    new(client_id: "clientid")
}

rare_method! {
    /// `job_queue_run`: runs a job that was taken from the queue.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::JobQueueRun;
    ///
    /// session.call(&JobQueueRun::new("5c0f86f2-7bde-4b3f-a0aa-6b01513fc0de", "worker-1")).await?;
    /// # Ok(())
    /// # }
    /// ```
    JobQueueRun = "job_queue_run", signed: true,
    /// A job, for a client that calls itself so.
    new(job_id: "jobid", client_id: "clientid")
}

rare_method! {
    /// `set_campaign_merge`: notes that a campaign's mail was merged for targets. Answers `null`.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::SetCampaignMerge;
    ///
    /// let targets = vec!["7ec4aecf-1b53-4bf5-9a05-c99c88054a3e"];
    /// session.call(&SetCampaignMerge::new(targets, "d1f2f0de-53a5-4f63-8c9b-6b0151b7d1aa")).await?;
    /// # Ok(())
    /// # }
    /// ```
    SetCampaignMerge = "set_campaign_merge", signed: true,
    /// The ids of the targets, a list, and the campaign's id.
    new(targets: "targets", campaign_id: "campaign_id")
}

rare_method! {
    /// `seamless_login`: lets a browser use this session for one visit
    /// (`index.php?module=Home&action=index&MSID=<session id>`). Answers 1.
    ///
    /// The session id is then in a URL, and so in histories and logs.
    ///
    /// ```no_run
    /// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
    /// use sugar_oauth::v4_1::SeamlessLogin;
    ///
    /// session.call(&SeamlessLogin::new()).await?;
    /// let mut page = session.client().instance().site_url().join("index.php").expect("a page of the site");
    /// page.query_pairs_mut().append_pair("module", "Home").append_pair("MSID", session.id().expose());
    /// # Ok(())
    /// # }
    /// ```
    SeamlessLogin = "seamless_login", signed: false,
    /// Nothing more is needed.
    new()
}
