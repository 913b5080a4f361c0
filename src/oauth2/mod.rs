//! OAuth 2 for Sugar's REST API v10 and v11: grants, a session that renews itself, JSON calls, bulk, files, logout.
//!
//! ```no_run
//! # async fn walk() -> sugar_oauth::Result<()> {
//! use sugar_oauth::oauth2::{Client, Platform};
//! use sugar_oauth::{Instance, Password};
//!
//! let crm = Instance::parse("https://crm.example.com")?;
//! let client = Client::builder(crm, Platform::new("data_migration")?).build();
//! let session = client.password("admin", Password::new("…")).await?;
//! let me = session.me().await?;
//! println!("{}", me["current_user"]["user_name"]);
//! session.logout().await
//! # }
//! ```
//!
//! The vendor's documents and users' reports are the source of what the server does; `docs/server.md` says so where it
//! does. See `docs/oauth2.md`.

mod answer;
mod bulk;
mod client;
mod files;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod grant;
mod path;
mod platform;
mod request;
mod session;
mod tokens;
mod version;

pub use bulk::{BulkAnswer, BulkRequest};
pub use client::{Client, ClientBuilder};
pub use files::Upload;
pub use path::RestPath;
pub use platform::Platform;
pub use session::Session;
pub(crate) use session::{Keeper, Turn};
pub use tokens::{AccessToken, ClientSecret, DownloadToken, RefreshToken, Tokens};
pub use version::RestVersion;
