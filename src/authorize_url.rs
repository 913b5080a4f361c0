//! Leg 2: the page at which the person says yes, checked before anything opens it.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use url::Url;

use crate::error::{Error, ErrorKind, Result, Step};
use crate::instance::Instance;

/// How long a program that opens browsers may take to fail. Those that succeed may run on as the browser itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// The address to send the person to, with the request token in it.
///
/// The server's own `authorize_url` where it is fit: on the instance's own origin or one the caller allowed, without user
/// name or fragment. Otherwise it is built from the site URL, for a stale `site_url` and some old builds make the
/// server's unusable, and a hostile server's could lead anywhere.
///
/// ```no_run
/// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
/// use sugar_oauth::{AuthorizeUrl, Callback};
///
/// let request_token = client.request_token(Callback::OutOfBand).await?;
/// let page: &AuthorizeUrl = request_token.authorize_url();
/// if page.open_in_browser().await.is_err() {
///     println!("Open {page}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizeUrl {
    url: Url,
    servers_own: bool,
}

impl AuthorizeUrl {
    pub(crate) fn choose(instance: &Instance, allowed: &[String], offered: Option<&str>, token: &str) -> Self {
        match offered.and_then(|offered| fit(instance, allowed, offered)) {
            Some(page) => Self::with_token(page, token, true),
            None => Self::of_instance(instance, token),
        }
    }

    pub(crate) fn of_instance(instance: &Instance, token: &str) -> Self {
        Self::with_token(instance.authorize_page(), token, false)
    }

    fn with_token(mut page: Url, token: &str, servers_own: bool) -> Self {
        page.query_pairs_mut().append_pair("token", token);
        Self { url: page, servers_own }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether the server's `authorize_url` was used. If not, the address was built from the site URL.
    pub fn is_servers_own(&self) -> bool {
        self.servers_own
    }

    /// Opens the address in the person's browser.
    ///
    /// The browser inherits no `SUGAR_*` variable and neither input nor output of this process.
    ///
    /// # Errors
    /// [`ErrorKind::Browser`] when no program to open it is found or all of them fail: print the address instead.
    pub async fn open_in_browser(&self) -> Result<()> {
        let commands = open::commands(self.as_str());
        let opened = tokio::task::spawn_blocking(move || commands.into_iter().any(starts)).await;
        if opened.unwrap_or(false) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Browser, "no browser could be opened from here")
            .hint("open the printed address in a browser yourself, on any machine")
            .at(Step::Authorize))
    }
}

/// Starts a program that opens browsers; false if it is not there or fails soon.
fn starts(mut command: Command) -> bool {
    let secrets = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_string_lossy().starts_with("SUGAR_"));
    for name in secrets {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(_) => return false,
        }
    }
    // It runs on: a browser that was not open before. Someone has to take its exit status one day.
    std::thread::spawn(move || child.wait());
    true
}

fn fit(instance: &Instance, allowed: &[String], offered: &str) -> Option<Url> {
    let url = Url::parse(offered).ok()?;
    let origin = url.origin().ascii_serialization();
    let known = origin == instance.origin() || allowed.contains(&origin);
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let printable = offered.chars().all(|character| character.is_ascii_graphic());
    (known && plain && printable).then_some(url)
}

impl fmt::Display for AuthorizeUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for AuthorizeUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AuthorizeUrl")
            .field("origin", &self.url.origin().ascii_serialization())
            .field("servers_own", &self.servers_own)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(offered: &str) -> AuthorizeUrl {
        let instance = Instance::parse("https://crm.example.com/crm").unwrap();
        let allowed = [String::from("https://sso.example.com")];
        AuthorizeUrl::choose(&instance, &allowed, Some(offered), "bf1492236fbe")
    }

    #[test]
    fn the_servers_url_is_used_on_the_instances_origin_or_an_allowed_one() {
        for offered in [
            "https://crm.example.com/crm/index.php?module=OAuthTokens&action=authorize",
            "https://sso.example.com/index.php?module=OAuthTokens&action=authorize",
        ] {
            let url = chosen(offered);
            assert_eq!(url.as_str(), format!("{offered}&token=bf1492236fbe"));
            assert!(url.is_servers_own());
        }
    }

    #[test]
    fn any_other_url_is_replaced_by_ours() {
        for offered in [
            "https://crm.example.com.evil.example/index.php?module=OAuthTokens",
            "https://crm.example.com@evil.example/",
            "https://crm.example.com:8443/index.php",
            "http://crm.example.com/index.php",
            "https://user@crm.example.com/index.php",
            "https://crm.example.com/index.php#x",
            "https://crm.example.comindex.php?module=OAuthTokens&action=authorize",
            "https://crm.example.com/\u{202e}index.php",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "-flag",
            "",
        ] {
            let url = chosen(offered);
            assert!(!url.is_servers_own(), "{offered}");
            assert_eq!(
                url.as_str(),
                "https://crm.example.com/crm/index.php?module=OAuthTokens&action=authorize&token=bf1492236fbe"
            );
        }
    }
}
