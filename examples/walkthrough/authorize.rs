//! Leg 2 and leg 3: the person's yes, and what it is exchanged for.

use sugar_oauth::{AccessToken, CallbackListener, Client, RequestToken, Verifier};

use crate::arguments::Arguments;
use crate::common::terminal::{Authorization, Event, Lines, NoToken, capitalised};
use crate::failure::Failure;
use crate::input::person_is_here;
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::screen::{Screen, shortened};

/// Leg 2 by a person, in a browser.
pub async fn show(
    token: &RequestToken,
    listener: Option<&CallbackListener>,
    screen: Screen,
    arguments: &Arguments,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let url = token.authorize_url();
    let browser = person_is_here() && !arguments.no_browser;
    screen.note(if browser {
        "Your browser opens this address. Log in, press Authorize, and come back:"
    } else {
        "Open this address in a browser, log in and press Authorize:"
    });
    screen.alone(url.as_str());
    let mut opened = browser;
    if browser && let Err(error) = interrupt.or(url.open_in_browser()).await? {
        opened = false;
        let what = capitalised(error.message());
        screen.warn(format!("{what}. Open the address above yourself, on any machine."));
    }
    if !opened && listener.is_some() {
        screen.note("If that browser is on another machine, it ends at an address that it cannot open: paste that.");
    }
    match listener {
        Some(listener) => screen.note(format!(
            "Waiting up to {} s for the browser to come back to {}.",
            arguments.timeout().as_secs(),
            crate::sent::callback(listener.url().as_str())
        )),
        None => screen.note(format!(
            "Waiting up to {} s for the code.",
            arguments.timeout().as_secs()
        )),
    }
    Ok(())
}

/// Leg 3: takes verifiers as they come, from the browser or the prompt, until the server takes one.
pub async fn exchange(
    client: &Client,
    token: &RequestToken,
    listener: Option<CallbackListener>,
    screen: &mut Screen,
    arguments: &Arguments,
    interrupt: &Interrupt,
) -> Result<AccessToken, Failure> {
    ask(*screen, listener.is_some());
    let authorization = Authorization {
        client,
        listener,
        interrupt,
        patience: arguments.timeout(),
    };
    let exchanged = authorization
        .exchange(token, &mut Lines::read(), |event| say(screen, &event))
        .await;
    exchanged.map_err(|no_token| match no_token {
        NoToken::Interrupted | NoToken::GivenOut => Failure::interrupted(),
        NoToken::Failed(error) => error.into(),
        NoToken::Nobody { why, refused } => nobody(&why, &refused),
    })
}

fn say(screen: &mut Screen, event: &Event<'_>) {
    match event {
        Event::BrowserCame(verifier) => {
            if person_is_here() {
                // The cursor still stands behind the prompt.
                screen.blank();
            }
            screen.came(format!(
                "the browser brought the verifier {}",
                shortened(verifier.expose())
            ));
        }
        Event::NoVerifier(error) => {
            screen.warn(format!(
                "{}: {}",
                capitalised(error.message()),
                error.hints().join("; ")
            ));
            ask_again(*screen);
        }
        Event::InputEnded => {
            if person_is_here() {
                screen.blank();
                screen.note("Nothing can be pasted any more; waiting for the browser. Ctrl-C ends it.");
            }
        }
        Event::Exchanging => screen.step_once("Leg 3: the verifier for an access token"),
        Event::Refused => {
            screen.warn("The server refuses this verifier. That spends nothing: the right one still works.");
            screen.note("Check the code, and that Authorize was pressed on the page.");
            ask_again(*screen);
        }
    }
}

/// No verifier, or none that the server takes.
fn nobody(why: &str, refused: &[sugar_oauth::Error]) -> Failure {
    match refused.last() {
        None => Failure::own(format!("authorize: no verifier: {why}"))
            .hint("open the printed address, log in and press Authorize")
            .hint("give more time with --timeout SECONDS")
            .hint("if the browser is on another machine, use --no-callback and paste the code that the page shows"),
        Some(last) => {
            let times = match refused.len() {
                1 => String::from("one was"),
                count => format!("{count} were"),
            };
            let failure = Failure::own(format!(
                "access token: no verifier that the server takes: {times} refused, and then {why}"
            ));
            last.hints().iter().fold(failure, |failure, hint| failure.hint(hint))
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
