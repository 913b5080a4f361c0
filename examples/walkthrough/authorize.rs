//! Leg 2 and leg 3: the person's yes, and what it is exchanged for. Listener and paste prompt stay open until an exchange
//! succeeds or time is up: a wrong verifier spends nothing.

use std::time::Duration;

use sugar_oauth::{AccessToken, CallbackListener, Client, Error, ErrorKind, RequestToken, Verifier};
use tokio::time::{Instant, timeout_at};

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::input::{Lines, person_is_here};
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::screen::{Screen, shortened};

/// What a verifier came by.
enum Came {
    Callback(Verifier),
    Line(String),
    /// Nothing can be typed any more.
    EndOfInput,
}

/// Waits for verifiers and exchanges them until one is taken.
pub struct Authorization<'a> {
    pub client: &'a Client,
    pub listener: Option<CallbackListener>,
    pub interrupt: &'a Interrupt,
    lines: Option<Lines>,
    deadline: Instant,
    patience: Duration,
    refused: Vec<Error>,
}

impl<'a> Authorization<'a> {
    pub fn new(
        client: &'a Client,
        listener: Option<CallbackListener>,
        interrupt: &'a Interrupt,
        patience: Duration,
    ) -> Self {
        Self {
            client,
            listener,
            interrupt,
            lines: None,
            deadline: Instant::now() + patience,
            patience,
            refused: Vec::new(),
        }
    }

    /// Leg 2 by a person, in a browser.
    pub async fn show(&self, token: &RequestToken, screen: Screen, arguments: &Arguments) -> Result<(), Failure> {
        let url = token.authorize_url();
        let browser = person_is_here() && !arguments.no_browser;
        screen.note(if browser {
            "Your browser opens this address. Log in, press Authorize, and come back:"
        } else {
            "Open this address in a browser, log in and press Authorize:"
        });
        screen.alone(url.as_str());
        let mut opened = browser;
        if browser && let Err(error) = self.interrupt.or(url.open_in_browser()).await? {
            opened = false;
            let what = capitalised(error.message());
            screen.warn(format!("{what}. Open the address above yourself, on any machine."));
        }
        if !opened && self.listener.is_some() {
            screen
                .note("If that browser is on another machine, it ends at an address that it cannot open: paste that.");
        }
        match &self.listener {
            Some(listener) => screen.note(format!(
                "Waiting up to {} s for the browser to come back to {}.",
                self.patience.as_secs(),
                crate::sent::callback(listener.url().as_str())
            )),
            None => screen.note(format!("Waiting up to {} s for the code.", self.patience.as_secs())),
        }
        Ok(())
    }

    /// Leg 3: takes verifiers as they come, until the server takes one.
    pub async fn exchange(mut self, token: &RequestToken, screen: &mut Screen) -> Result<AccessToken, Failure> {
        self.lines = Some(Lines::read());
        ask(*screen, self.listener.is_some());
        loop {
            let came = self.next(token).await?;
            if matches!(came, Came::Callback(_)) && person_is_here() {
                // The cursor still stands behind the prompt.
                screen.blank();
            }
            let verifier = match came {
                Came::Callback(verifier) => {
                    screen.came(format!(
                        "the browser brought the verifier {}",
                        shortened(verifier.expose())
                    ));
                    verifier
                }
                Came::Line(line) => match Verifier::from_input(&line) {
                    Ok(verifier) => verifier,
                    Err(error) => {
                        screen.warn(format!(
                            "{}: {}",
                            capitalised(error.message()),
                            error.hints().join("; ")
                        ));
                        ask_again(*screen);
                        continue;
                    }
                },
                Came::EndOfInput => {
                    self.lines = None;
                    if person_is_here() && self.listener.is_some() {
                        screen.blank();
                        screen.note("Nothing can be pasted any more; waiting for the browser. Ctrl-C ends it.");
                    }
                    continue;
                }
            };
            screen.step_once("Leg 3: the verifier for an access token");
            match self.interrupt.or(self.client.access_token(token, &verifier)).await? {
                Ok(access_token) => {
                    if let Some(listener) = self.listener.take() {
                        listener.finish().await;
                    }
                    return Ok(access_token);
                }
                Err(error) if error.kind() == ErrorKind::Refused => {
                    screen.warn("The server refuses this verifier. That spends nothing: the right one still works.");
                    screen.note("Check the code, and that Authorize was pressed on the page.");
                    self.refused.push(error);
                    ask_again(*screen);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn next(&mut self, token: &RequestToken) -> Result<Came, Failure> {
        if self.listener.is_none() && self.lines.is_none() {
            return Err(self.nobody("the input has ended and no callback is waited for"));
        }
        let (listener, lines) = (&mut self.listener, &mut self.lines);
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
        let either = async {
            tokio::select! {
                verifier = callback => verifier.map(Came::Callback),
                line = line => Ok(line.map_or(Came::EndOfInput, Came::Line)),
            }
        };
        match self.interrupt.or(timeout_at(self.deadline, either)).await? {
            Ok(came) => Ok(came?),
            Err(_) => Err(self.nobody(&format!("nobody came within {} s", self.patience.as_secs()))),
        }
    }

    /// No verifier, or none that the server takes.
    fn nobody(&self, why: &str) -> Failure {
        match self.refused.last() {
            None => Failure::own(format!("authorize: no verifier: {why}"))
                .hint("open the printed address, log in and press Authorize")
                .hint("give more time with --timeout SECONDS")
                .hint("if the browser is on another machine, use --no-callback and paste the code that the page shows"),
            Some(last) => {
                let count = self.refused.len();
                let times = if count == 1 {
                    String::from("one was")
                } else {
                    format!("{count} were")
                };
                let failure = Failure::own(format!(
                    "access token: no verifier that the server takes: {times} refused, and then {why}"
                ));
                last.hints().iter().fold(failure, |failure, hint| failure.hint(hint))
            }
        }
    }
}

/// Leg 2 without a person: the practice instance approves when asked by its own process.
pub fn approve_alone(place: &Place, token: &RequestToken, screen: Screen) -> Option<Result<Verifier, Failure>> {
    let sandbox = place.sandbox.as_ref().filter(|_| !person_is_here())?;
    screen.note("There is no terminal, so no person to ask: on its own practice instance the walkthrough");
    screen.note("approves by itself, as someone would who opens this address and presses Authorize:");
    screen.alone(token.authorize_url().as_str());
    Some(match sandbox.approve(token.token()) {
        Ok(verifier) => {
            screen.came(format!("the verifier {}", shortened(&verifier)));
            Ok(Verifier::new(verifier))
        }
        Err(what) => Err(Failure::own(format!(
            "authorize: the practice instance does not approve: {what}"
        ))),
    })
}

fn ask(screen: Screen, callback: bool) {
    if person_is_here() {
        screen.prompt(match callback {
            true => "Or paste the code, or the whole address, here and press Enter:",
            false => "Paste the code that the page shows and press Enter:",
        });
    }
}

fn ask_again(screen: Screen) {
    if person_is_here() {
        screen.prompt("Paste the code again and press Enter:");
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
