//! Plain http to another machine: only with the caller's yes to what it exposes.

use super::Transport;
use crate::error::{Error, ErrorKind, Result};
use crate::instance::Instance;

/// What the caller has said yes to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exposure {
    pub(crate) allow_http: bool,
    pub(crate) allow_password_over_http: bool,
}

/// What plain http would expose, in the words of one API.
pub(crate) struct Exposed {
    /// What could be read on the way.
    pub(crate) everything: &'static str,
    /// What to do instead of sending a password.
    pub(crate) instead_of_password: &'static str,
}

impl Exposure {
    /// Whether the caller has said yes to all that this transport would expose.
    ///
    /// # Errors
    /// [`ErrorKind::PlainHttp`], naming it.
    pub(crate) fn check(
        self,
        instance: &Instance,
        transport: &Transport,
        exposed: &Exposed,
        with_password: bool,
    ) -> Result<()> {
        let leaves_machine = !instance.is_loopback() || transport.has_explicit_proxy();
        if !instance.is_plain_http() || !leaves_machine {
            return Ok(());
        }
        let origin = instance.origin();
        if !self.allow_http {
            return Err(Error::new(
                ErrorKind::PlainHttp,
                format!(
                    "{origin} is plain http: {} would be readable on the way, and answers could be forged",
                    exposed.everything
                ),
            )
            .hint(format!("use https:// instead of {origin}, if the server has it"))
            .hint("to do it all the same: ClientBuilder::allow_http, --allow-http or SUGAR_ALLOW_HTTP=1"));
        }
        if with_password && !self.allow_password_over_http {
            return Err(Error::new(
                ErrorKind::PlainHttp,
                format!("{origin} is plain http: the password would be readable on the way"),
            )
            .hint(exposed.instead_of_password)
            .hint("to do it all the same: ClientBuilder::allow_password_over_http or --allow-password-over-http"));
        }
        Ok(())
    }
}
