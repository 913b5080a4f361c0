//! The three legs before a person: browser and callback, and a paste prompt beside them.

use std::time::Duration;

use sugar_oauth::{AccessToken, Callback, CallbackListener, Client, ErrorKind, RequestToken, printable};

use super::Login;
use crate::context::Context;
use crate::failure::{Failure, Status};
use crate::input::person_is_here;
use crate::output::Output;
use crate::terminal::{Authorization, Event, Lines, NoToken, capitalised};

/// Walks them.
pub async fn walk(
    login: &Login,
    context: &Context,
    client: &Client,
    lines: &mut Lines,
) -> Result<AccessToken, Failure> {
    // Before leg 1, which sends its address; and a port that is taken is said before anything is sent.
    let listener = match login.no_callback {
        true => None,
        false => Some(CallbackListener::bind(login.port).await?),
    };
    let back = listener
        .as_ref()
        .map_or(Callback::OutOfBand, CallbackListener::callback);
    let token = context.interrupt.or(client.request_token(back)).await??;
    let patience = Duration::from_secs(login.timeout);
    show(login, context, &token, listener.is_some()).await?;
    let with_callback = listener.is_some();
    let authorization = Authorization {
        client,
        listener,
        interrupt: &context.interrupt,
        patience,
    };
    ask(context.output, with_callback);
    let exchanged = authorization
        .exchange(&token, lines, |event| say(context.output, &event, with_callback))
        .await;
    exchanged.map_err(|no_token| failed(no_token, client))
}

/// Leg 2: the address, and a browser on it.
async fn show(login: &Login, context: &Context, token: &RequestToken, with_callback: bool) -> Result<(), Failure> {
    let output = context.output;
    let url = token.authorize_url();
    let browser = person_is_here() && !login.no_browser;
    output.note(match browser {
        true => "Your browser opens this address. Log in, press Authorize, and come back:",
        false => "Open this address in a browser, log in and press Authorize:",
    });
    output.note(format!("\n{url}\n"));
    let mut opened = browser;
    if browser && let Err(error) = context.interrupt.or(url.open_in_browser()).await? {
        opened = false;
        output.warn(format!(
            "{}. Open the address above yourself, on any machine.",
            capitalised(error.message())
        ));
    }
    if !opened && with_callback {
        output.note("If that browser is on another machine, it ends at an address that it cannot open: paste that.");
    }
    let what = if with_callback { "browser" } else { "code" };
    output.note(format!("Waiting up to {} s for the {what}.", login.timeout));
    Ok(())
}

fn ask(output: Output, with_callback: bool) {
    if person_is_here() {
        output.ask(match with_callback {
            true => "Or paste the code, or the whole address, here and press Enter:",
            false => "Paste the code that the page shows and press Enter:",
        });
    }
}

fn ask_again(output: Output) {
    if person_is_here() {
        output.ask("Paste the code again and press Enter:");
    }
}

fn say(output: Output, event: &Event<'_>, with_callback: bool) {
    match event {
        Event::BrowserCame(_) => {
            if person_is_here() {
                // The cursor still stands behind the prompt.
                output.note("");
            }
            output.note("The browser came back.");
        }
        Event::NoVerifier(error) => {
            output.warn(format!(
                "{}: {}",
                capitalised(error.message()),
                error.hints().join("; ")
            ));
            ask_again(output);
        }
        Event::InputEnded if person_is_here() && with_callback => {
            output.note("\nNothing can be pasted any more; waiting for the browser. Ctrl-C ends it.");
        }
        Event::InputEnded | Event::Exchanging => {}
        Event::Refused => {
            output.warn("The server refuses this verifier. That spends nothing: the right one still works.");
            output.note("Check the code, and that Authorize was pressed on the page.");
            ask_again(output);
        }
    }
}

fn failed(no_token: NoToken, client: &Client) -> Failure {
    match no_token {
        NoToken::Interrupted => Failure::interrupted(),
        NoToken::GivenOut => Failure::interrupted().and(&unsaved(client)),
        NoToken::Failed(error) => error.into(),
        NoToken::Nobody { why, refused } => match refused.last() {
            None => Failure::failed(format!("authorize: no verifier: {why}"))
                .hint("open the printed address, log in and press Authorize")
                .hint("give more time with --timeout SECONDS")
                .hint("if the browser is on another machine, use --no-callback and paste the code that the page shows"),
            Some(last) => {
                debug_assert_eq!(last.kind(), ErrorKind::Refused);
                let what = format!(
                    "access token: no verifier that the server takes: {} refused, and then {why}",
                    refused.len()
                );
                let failure = Failure::new(Status::Refused, what);
                last.hints().iter().fold(failure, |failure, hint| failure.hint(hint))
            }
        },
    }
}

/// What a login that was not kept leaves behind.
pub fn unsaved(client: &Client) -> String {
    format!(
        "an access token was given out and not kept: delete it on {} under Admin > OAuth Keys > {} > its tokens",
        client.instance().site_url(),
        printable(client.consumer_key().unwrap_or_default())
    )
}
