//! The legs in their order, and what is said at each.

use std::time::Duration;

use sugar_oauth::{AccessToken, Callback, CallbackListener, Client, RequestToken, Session, UtcTime};

use crate::arguments::Arguments;
use crate::authorize::{approve_alone, exchange, show};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::save::Target;
use crate::screen::{Screen, shortened};

/// How long the goodbye to a server may take when something else has failed before.
const GOODBYE: Duration = Duration::from_secs(5);

/// Walks, and says after Ctrl-C at which step that was.
pub async fn walk(arguments: &Arguments, screen: &mut Screen, interrupt: &Interrupt) -> Result<(), Failure> {
    let walked = legs(arguments, screen, interrupt).await;
    walked.map_err(|failure| match failure {
        Failure::Interrupted(left) => {
            if crate::input::person_is_here() {
                screen.blank();
            }
            Failure::Interrupted(format!("{}{left}", screen.at_step()))
        }
        other => other,
    })
}

async fn legs(arguments: &Arguments, screen: &mut Screen, interrupt: &Interrupt) -> Result<(), Failure> {
    let target = arguments.save.as_deref().map(Target::new).transpose()?;
    let place = Place::find(arguments, *screen, interrupt).await?;
    let client = &place.client;
    // Before leg 1, which sends its address; and a port that is taken is said before anything is sent.
    let listener = match arguments.no_callback {
        true => None,
        false => Some(CallbackListener::bind(arguments.port).await?),
    };

    screen.step("The server: who it is, and what time it has");
    interrupt.or(server_info(client, arguments, *screen)).await??;

    screen.step("Leg 1: a request token");
    let back = listener
        .as_ref()
        .map_or(Callback::OutOfBand, CallbackListener::callback);
    let request_token = interrupt.or(client.request_token(back)).await??;
    came_request_token(&request_token, *screen);

    screen.step("Leg 2: a person says yes, in the browser");
    let access_token = match approve_alone(&place, &request_token, *screen) {
        Some(verifier) => {
            screen.step_once("Leg 3: the verifier for an access token");
            interrupt.or(client.access_token(&request_token, &verifier?)).await??
        }
        None => {
            show(&request_token, listener.as_ref(), *screen, arguments, interrupt).await?;
            exchange(client, &request_token, listener, screen, arguments, interrupt).await?
        }
    };
    screen.came("200, an access token: it opens sessions for years, without a person");
    screen.pair("oauth_token", &shortened(access_token.token()));
    screen.pair("oauth_token_secret", &shortened(access_token.secret().expose()));

    screen.step("A session: the access token for a session id");
    let session = open(client, &access_token, interrupt).await?;
    screen.came("200, a session");
    screen.pair("id", &shortened(session.id().expose()));

    let used = use_session(
        &session,
        &place,
        target.as_ref(),
        &access_token,
        arguments,
        screen,
        interrupt,
    )
    .await;
    match used {
        Ok(()) => {
            screen.step("The end: logout");
            send(client, arguments, *screen, "logout", &session);
            session.logout().await?;
            screen.came("200, null: the session is closed");
            screen.blank();
            screen.note(after(&place, target.is_some()));
            Ok(())
        }
        Err(failure) => Err(with_goodbye(failure, &session).await),
    }
}

async fn server_info(client: &Client, arguments: &Arguments, screen: Screen) -> Result<(), Failure> {
    screen.sent(format!(
        "POST {}",
        client.instance().rest_url(arguments.api.unwrap_or_default())
    ));
    screen.pair("method", "get_server_info   (neither signed nor with a session)");
    let info = client.server_info().await?;
    screen.came(format!("200, {}", sugar_oauth::printable(&info.product())));
    if let Some(time) = info.gmt_time {
        let ahead = time.unix_seconds() - UtcTime::now().unix_seconds();
        let difference = match ahead {
            -1..=1 => String::from("as here"),
            2.. => format!("{ahead} s ahead of here"),
            _ => format!("{} s behind here", ahead.unsigned_abs()),
        };
        screen.pair("its clock", &format!("{time} ({difference})"));
    }
    Ok(())
}

fn came_request_token(token: &RequestToken, screen: Screen) {
    screen.came("200, a request token: a person can authorize it, for a day");
    screen.pair("oauth_token", &shortened(token.token()));
    screen.pair("oauth_token_secret", &shortened(token.secret().expose()));
    screen.pair(
        "authorize_url",
        match token.authorize_url().is_servers_own() {
            true => "the server's own",
            false => "the server's cannot be used from here: built from the site URL",
        },
    );
}

/// Opens the session; one that comes after Ctrl-C is closed again.
async fn open(client: &Client, token: &AccessToken, interrupt: &Interrupt) -> Result<Session, Failure> {
    match interrupt.or_after(client.oauth_access(token)).await {
        Ok(session) => Ok(session?),
        Err((interrupted, Some(Ok(late)))) => Err(with_goodbye(interrupted.into(), &late).await),
        Err((interrupted, _)) => Err(interrupted.into()),
    }
}

async fn use_session(
    session: &Session,
    place: &Place,
    target: Option<&Target>,
    access_token: &AccessToken,
    arguments: &Arguments,
    screen: &mut Screen,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let client = &place.client;
    if let Some(target) = target {
        target.write(client, access_token, arguments.signing_url.as_deref())?;
        screen.note(format!("Kept for later, readable by you alone: {}", target.shown()));
    }
    screen.step("Calls with the session: the user, and the modules");
    send(client, arguments, *screen, "get_user_id", session);
    let user = interrupt.or(session.get_user_id()).await??;
    screen.came("200, whose session it is");
    screen.pair("id of the user", &user);
    send(client, arguments, *screen, "get_available_modules", session);
    let modules = interrupt.or(session.get_available_modules()).await??;
    screen.came(format!("200, {} modules", modules.len()));
    screen.modules(&modules);
    Ok(())
}

/// What a call with a session sends.
fn send(client: &Client, arguments: &Arguments, screen: Screen, method: &str, session: &Session) {
    screen.sent(format!(
        "POST {}",
        client.instance().rest_url(arguments.api.unwrap_or_default())
    ));
    screen.pair("method", method);
    let id = shortened(session.id().expose());
    screen.pair("rest_data", &format!("{{\"session\":\"{id}\"}}"));
}

/// Closes a session after something else has failed.
async fn with_goodbye(failure: Failure, session: &Session) -> Failure {
    let closed = matches!(tokio::time::timeout(GOODBYE, session.logout()).await, Ok(Ok(())));
    match (failure, closed) {
        (Failure::Interrupted(_), true) => Failure::Interrupted(String::from("; the session was logged out")),
        (Failure::Interrupted(_), false) => Failure::Interrupted(String::from("; the session could not be logged out")),
        (other, _) => other,
    }
}

fn after(place: &Place, saved: bool) -> &'static str {
    match (&place.sandbox, saved) {
        (Some(_), _) => {
            "That was the whole walk. The practice instance ends with this program, and its tokens with it."
        }
        (None, true) => "The access token stays valid until someone deletes it on the instance.",
        (None, false) => "The access token stays valid until someone deletes it on the instance; --save FILE keeps it.",
    }
}
