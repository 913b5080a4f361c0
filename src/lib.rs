//! OAuth 1.0a, three legs, for the legacy SugarCRM and SuiteCRM REST API `service/v4_1/rest.php`.
//!
//! ```no_run
//! # async fn walk() -> sugar_oauth::Result<()> {
//! use sugar_oauth::{Callback, Client, Consumer, Instance, Verifier};
//!
//! let crm = Instance::parse("https://crm.example.com")?;
//! let client = Client::new(crm, Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?);
//! let request_token = client.request_token(Callback::OutOfBand).await?;        // leg 1
//! println!("Open {}", request_token.authorize_url());                          // leg 2, in the browser
//! let mut line = String::new();
//! std::io::stdin().read_line(&mut line).expect("a line");
//! let verifier = Verifier::from_input(&line)?;
//! let access_token = client.access_token(&request_token, &verifier).await?;    // leg 3
//! let session = client.oauth_access(&access_token).await?;                     // a v4_1 session
//! for module in session.get_available_modules().await? {
//!     println!("{}", module.key);
//! }
//! session.logout().await
//! # }
//! ```
//!
//! Each step needs what the one before gave, so steps out of order do not compile. All of it is async, on Tokio; in a
//! program that is not, put it into `tokio::runtime::Runtime::block_on`.
//!
//! OAuth 2 for REST v10 and v11 is in [`oauth2`].
//!
//! Nothing is printed here. `tracing` events carry step, method, counts and times, never a secret or a parameter's value.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]
#![warn(clippy::return_self_not_must_use)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The ground.
mod error;
mod printable;
mod private_files;
mod secret;
mod utc;

pub mod values;

pub mod filter;

mod consumer;
mod instance;

pub mod signing;

mod clock;

mod transport;

mod renewal;

mod rest;

pub mod v4_1;

// The walk, leg by leg.

mod client;

/// The loopback listener, bound before leg 1.
mod callback;

/// Leg 1.
mod request_token;

/// Leg 2.
mod authorize_url;

/// Leg 3.
mod access_token;

/// The access token for a session id.
mod oauth_access;

/// What calls are made with.
mod session;

/// Calls without a session.
mod signed;

// What a session can do beyond single calls.

mod record_writes;

pub mod files;

pub mod records;

// The other generation.

pub mod oauth2;

pub mod profile;

pub mod doctor;

/// For `tests/fuzz`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

#[cfg(feature = "sandbox")]
pub mod sandbox;

pub use access_token::AccessToken;
pub use authorize_url::AuthorizeUrl;
pub use callback::CallbackListener;
pub use client::{Client, ClientBuilder};
pub use consumer::Consumer;
pub use error::{ApiError, Error, ErrorKind, RestError, RestErrorCode, Result, Step};
pub use instance::{ApiVersion, Instance};
pub use printable::printable;
pub use record_writes::Difference;
pub use records::Records;
pub use request_token::{Callback, RequestToken};
pub use rest::Arguments;
pub use secret::{ConsumerSecret, Password, SessionId, TokenSecret, Verifier};
pub use session::Session;
pub use signed::Signed;
pub use transport::{Transport, TransportBuilder};
pub use utc::UtcTime;
pub use v4_1::{GetAvailableModules, GetEntriesCount, GetEntryList, GetServerInfo, GetUserId, ServerInfo};

// Of another crate: what `Callback::Url` is made of, so that nobody has to find out its version.
pub use url::Url;

/// The Rust code of the pages is compiled, and run where it needs no server.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/walk.md")]
    struct Walk;
    #[doc = include_str!("../docs/records.md")]
    struct Records;
    #[doc = include_str!("../docs/oauth2.md")]
    struct OAuth2;
    #[doc = include_str!("../docs/server.md")]
    struct Server;
    #[doc = include_str!("../docs/traps.md")]
    struct Traps;
    #[doc = include_str!("../docs/troubleshooting.md")]
    struct Troubleshooting;
    #[doc = include_str!("../docs/doctor.md")]
    struct Doctor;
    #[doc = include_str!("../docs/design.md")]
    struct Design;
    #[doc = include_str!("../docs/security.md")]
    struct Security;
    #[doc = include_str!("../docs/performance.md")]
    struct Performance;
}
