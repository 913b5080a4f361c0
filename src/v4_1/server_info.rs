//! Who the server is, and who the user is.

use serde_json::Value;

use super::{Method, sealed};
use crate::error::Result;
use crate::rest::{Arguments, invalid_answer};
use crate::utc::UtcTime;

/// `get_server_info`: product, version and clock. Needs neither session nor signature.
///
/// ```no_run
/// # async fn example(signed: &sugar_oauth::Signed) -> sugar_oauth::Result<()> {
/// use sugar_oauth::GetServerInfo;
///
/// // Through a signed call; `Client::server_info` asks it without a signature.
/// println!("{}", signed.call(&GetServerInfo).await?.product());
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone, Copy, Default)]
pub struct GetServerInfo;

/// What the server says of itself. The texts are the server's: escape them before they reach a terminal.
///
/// ```no_run
/// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
/// use sugar_oauth::ServerInfo;
///
/// let info: ServerInfo = client.server_info().await?;
/// println!("{}", info.product());                                 // SuiteCRM 7.14.6
/// if info.suitecrm_version.is_none() {
///     println!("a SugarCRM {}, whose clock says {:?}", info.version, info.gmt_time);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// The edition, such as `CE`.
    pub flavor: String,
    /// SugarCRM's version. SuiteCRM repeats the 6.5 that it came from.
    pub version: String,
    /// SuiteCRM's own version; absent on SugarCRM.
    pub suitecrm_version: Option<String>,
    /// The server's clock; `None` where it was not sent in a readable form.
    pub gmt_time: Option<UtcTime>,
}

impl ServerInfo {
    /// Product, edition and version in one line, such as `SuiteCRM 7.14.6`.
    pub fn product(&self) -> String {
        match &self.suitecrm_version {
            Some(version) => format!("SuiteCRM {version}"),
            None => format!("SugarCRM {} {}", self.flavor, self.version),
        }
    }
}

impl sealed::Sealed for GetServerInfo {}

impl Method for GetServerInfo {
    const NAME: &'static str = "get_server_info";
    const REPEATABLE: bool = true;
    const SIGNED: bool = false;
    const SESSION: bool = false;
    type Answer = ServerInfo;

    fn arguments(&self) -> Arguments {
        Arguments::new()
    }

    fn read(&self, result: Value) -> Result<ServerInfo> {
        let text = |name: &str| result.get(name).and_then(Value::as_str);
        let version = text("version").ok_or_else(|| {
            invalid_answer("the answer is JSON, but not of this API: another product lives at this URL")
                .hint("check that the URL is the CRM's site URL")
        })?;
        Ok(ServerInfo {
            flavor: text("flavor").unwrap_or_default().to_owned(),
            version: version.to_owned(),
            suitecrm_version: text("suitecrm_version")
                .filter(|version| !version.is_empty())
                .map(str::to_owned),
            gmt_time: text("gmt_time").and_then(UtcTime::parse),
        })
    }
}

/// `get_user_id`: the id of the user whom the session belongs to.
///
/// ```no_run
/// # async fn example(signed: &sugar_oauth::Signed) -> sugar_oauth::Result<()> {
/// use sugar_oauth::GetUserId;
///
/// // Whose access token is this?
/// println!("{}", signed.call(&GetUserId).await?);
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone, Copy, Default)]
pub struct GetUserId;

impl sealed::Sealed for GetUserId {}

impl Method for GetUserId {
    const NAME: &'static str = "get_user_id";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = String;

    fn arguments(&self) -> Arguments {
        Arguments::new()
    }

    fn read(&self, result: Value) -> Result<String> {
        match result {
            Value::String(id) => Ok(super::decode_entities(&id).into_owned()),
            _ => Err(invalid_answer("the user's id is not text")),
        }
    }
}
