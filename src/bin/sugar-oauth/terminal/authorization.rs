//! Leg 3: what a person's yes is exchanged for. Listener and paste prompt stay open until an exchange succeeds or time is
//! up: a wrong verifier spends nothing.

use std::time::Duration;

use sugar_oauth::{AccessToken, CallbackListener, Client, Error, ErrorKind, RequestToken, Verifier};
use tokio::time::{Instant, timeout_at};

use super::interrupt::{Interrupt, Interrupted};
use super::lines::Lines;

/// What a verifier came by.
enum Came {
    Callback(Verifier),
    Line(String),
    /// Nothing can be typed any more.
    EndOfInput,
}

/// What happens meanwhile, for the program to say in its own words.
pub enum Event<'a> {
    /// The browser came back with this.
    BrowserCame(&'a Verifier),
    /// What was pasted is no verifier.
    NoVerifier(&'a Error),
    /// Nothing can be pasted any more; the browser is waited for.
    InputEnded,
    /// A verifier is exchanged now.
    Exchanging,
    /// The server refused it.
    Refused,
}

/// Why there is no access token.
pub enum NoToken {
    Interrupted,
    /// Interrupted, and the server has given out a token that nobody has.
    GivenOut,
    /// The exchange failed for good.
    Failed(Error),
    /// Nobody brought a verifier that the server takes: why none comes any more, and the refusals.
    Nobody {
        why: String,
        refused: Vec<Error>,
    },
}

impl From<Interrupted> for NoToken {
    fn from(_: Interrupted) -> Self {
        NoToken::Interrupted
    }
}

/// Waits for verifiers and exchanges them until one is taken.
pub struct Authorization<'a> {
    pub client: &'a Client,
    /// Where a browser comes back to, if anywhere.
    pub listener: Option<CallbackListener>,
    pub interrupt: &'a Interrupt,
    /// How long to wait in all, from the call of [`exchange`](Self::exchange) on.
    pub patience: Duration,
}

impl Authorization<'_> {
    /// Takes verifiers as they come, until the server takes one.
    pub async fn exchange(
        mut self,
        token: &RequestToken,
        lines: &mut Lines,
        mut say: impl FnMut(Event<'_>),
    ) -> Result<AccessToken, NoToken> {
        let deadline = Instant::now() + self.patience;
        let mut lines = Some(lines);
        let mut refused = Vec::new();
        loop {
            if self.listener.is_none() && lines.is_none() {
                let why = String::from("the input has ended and no callback is waited for");
                return Err(NoToken::Nobody { why, refused });
            }
            let next = timeout_at(deadline, next(self.listener.as_mut(), lines.as_deref_mut(), token));
            let verifier = match self.interrupt.or(next).await? {
                Err(_) => {
                    let why = format!("nobody came within {} s", self.patience.as_secs());
                    return Err(NoToken::Nobody { why, refused });
                }
                Ok(Err(error)) => return Err(NoToken::Failed(error)),
                Ok(Ok(Came::Callback(verifier))) => {
                    say(Event::BrowserCame(&verifier));
                    verifier
                }
                Ok(Ok(Came::Line(line))) => match Verifier::from_input(&line) {
                    Ok(verifier) => verifier,
                    Err(error) => {
                        say(Event::NoVerifier(&error));
                        continue;
                    }
                },
                Ok(Ok(Came::EndOfInput)) => {
                    lines = None;
                    if self.listener.is_some() {
                        say(Event::InputEnded);
                    }
                    continue;
                }
            };
            say(Event::Exchanging);
            let exchanged = self.interrupt.or_after(self.client.access_token(token, &verifier));
            let exchanged = exchanged.await.map_err(|(interrupted, late)| match late {
                Some(Ok(_)) => NoToken::GivenOut,
                _ => interrupted.into(),
            })?;
            match exchanged {
                Ok(access_token) => {
                    if let Some(listener) = self.listener.take() {
                        listener.finish().await;
                    }
                    return Ok(access_token);
                }
                Err(error) if error.kind() == ErrorKind::Refused => {
                    say(Event::Refused);
                    refused.push(error);
                }
                Err(error) => return Err(NoToken::Failed(error)),
            }
        }
    }
}

async fn next(
    listener: Option<&mut CallbackListener>,
    lines: Option<&mut Lines>,
    token: &RequestToken,
) -> sugar_oauth::Result<Came> {
    let callback = async {
        match listener {
            Some(listener) => listener.next_verifier(token).await,
            None => std::future::pending().await,
        }
    };
    let line = async {
        match lines {
            Some(lines) => lines.next().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        verifier = callback => verifier.map(Came::Callback),
        line = line => Ok(line.map_or(Came::EndOfInput, Came::Line)),
    }
}
