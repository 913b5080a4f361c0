//! A practice instance inside the process (feature `sandbox`).
//!
//! It listens on 127.0.0.1 and behaves as `docs/server.md` says that real instances do: both
//! endpoints, login and authorize pages that a browser can use, sessions, and refusals that say nothing.
//! One flavour, [`Flavour::Sugar11`], serves REST v10 and v11 with OAuth 2 instead.
//! It shares no code with the client: its signature check, its argument order and its answers are
//! its own.
//!
//! For tests its state can be looked at, its clock moved, faults and delays set, and every request
//! that it received read.
//! This module is exempt from semantic versioning.
//!
//! ```
//! use sugar_oauth::sandbox::{Fault, Flavour, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::builder().flavour(Flavour::SugarCe65).user("sally", "a password").start().await?;
//! println!("{} with the consumer key {}", sandbox.url(), sandbox.consumer_key());
//! // The next two calls of this method get no answer.
//! sandbox.fault(Fault::reset_before_answer().on_method("get_entry_list").times(2));
//! // Every session is too old now.
//! sandbox.clock().advance(std::time::Duration::from_secs(1500));
//! assert!(sandbox.state().sessions.is_empty());
//! # Ok(())
//! # }
//! ```

mod builder;
mod clock;
mod cost;
mod crm;
mod fault;
mod flavour;
mod handle;
mod hooks;
mod hostile;
mod http;
mod oauth;
mod pages;
mod php;
mod php_json;
mod query;
mod random;
mod received;
mod rest;
mod server;
mod sessions;
mod soap;
mod state;
mod stored;
mod uploads;
mod v11;
mod viewed;

pub use builder::SandboxBuilder;
pub use clock::Clock;
pub use cost::CostModel;
pub use fault::Fault;
pub use flavour::{Flavour, UnknownFlavour};
pub use handle::Sandbox;
pub use hostile::Trick;
pub use received::ReceivedRequest;
pub use state::{AccessTokenState, RequestTokenState, SessionState, State};
pub use stored::StoredRecord;
pub use v11::LoginState;
