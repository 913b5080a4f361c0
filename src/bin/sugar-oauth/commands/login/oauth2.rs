//! By OAuth 2: user name and password, for REST v10 and v11.

use sugar_oauth::oauth2::{ClientSecret, Platform, RestVersion, Session};
use sugar_oauth::profile::{Api, Credentials, Profile, User};
use sugar_oauth::{Instance, Password};

use super::Login;
use crate::context::Context;
use crate::failure::Failure;
use crate::input::{SecretSources, person_is_here, typed_line};
use crate::terminal::Lines;

/// The client id that every instance knows.
const SUGAR: &str = "sugar";

pub async fn log_in(
    login: &Login,
    context: &Context,
    name: &str,
    instance: Instance,
    version: &RestVersion,
) -> Result<(), Failure> {
    let platform = platform(login)?;
    let client_id = login.consumer_key.as_deref().unwrap_or(SUGAR);
    let client_secret = client_secret(login, context).await?;
    let api = Api::Rest {
        version: version.clone(),
        platform,
    };
    let builder = context.rest_client_builder(instance.clone(), &api, client_id, client_secret.clone())?;
    let client = builder.allow_password_over_http(login.allow_password_over_http).build();
    let user_name = user_name(login, context).await?;
    let password = password(login).get(context).await?;
    let asked = client.password(user_name, Password::new(password));
    let session = match context.interrupt.or_after(asked).await {
        Ok(session) => session?,
        Err((interrupted, late)) => {
            if let Some(Ok(session)) = late {
                context.end(&session).await;
            }
            return Err(interrupted.into());
        }
    };
    let kept = async {
        let profile = Profile::new(name, instance, api, client_id, whose(context, &session).await?)?;
        // The person has said who they are: there is nothing to ask.
        login.confirm(context, &profile, None).await?;
        let credentials = Credentials::OAuth2 {
            client_secret,
            tokens: session.tokens(),
        };
        login.save(context, profile, credentials).await
    };
    match kept.await {
        Ok(profile) => login.say_where(context, &profile),
        Err(failure) => Err(match context.end(&session).await {
            true => failure.and("the login was ended on the server"),
            false => failure.and("the login could not be ended on the server, and ends by itself"),
        }),
    }
}

fn platform(login: &Login) -> Result<Platform, Failure> {
    let Some(name) = &login.platform else {
        return Err(Failure::usage("no platform is given")
            .hint("give --platform NAME, as it is registered under Admin > Configure API Platforms")
            .hint("not `base`, unless the user may be thrown out of the browser"));
    };
    Platform::new(name.as_str()).map_err(|error| Failure::input("--platform", &error))
}

/// Only a client id of one's own has a secret, and not each of them.
async fn client_secret(login: &Login, context: &Context) -> Result<Option<ClientSecret>, Failure> {
    let sources = login.consumer_secret();
    let has_one = login.consumer_key.as_deref().is_some_and(|id| id != SUGAR);
    let is_to_come = sources.are_given()? || person_is_here();
    if !has_one || !is_to_come {
        return Ok(None);
    }
    let secret = sources.get(context).await?;
    Ok((!secret.is_empty()).then(|| ClientSecret::new(secret)))
}

async fn user_name(login: &Login, context: &Context) -> Result<String, Failure> {
    match &login.user {
        Some(name) => Ok(name.clone()),
        None if person_is_here() => typed_line("User name:", &mut Lines::read(), context).await,
        None => Err(Failure::usage("no user name is given").hint("give --user NAME or set SUGAR_USER")),
    }
}

fn password(login: &Login) -> SecretSources<'_> {
    SecretSources {
        what: "password",
        variable: "SUGAR_PASSWORD",
        option: "--password",
        file: login.password_file.as_deref(),
        stdin: login.password_stdin,
    }
}

/// The user whose session it is.
async fn whose(context: &Context, session: &Session) -> Result<User, Failure> {
    let me = context.interrupt.or(session.me()).await??;
    let text = |name: &str| me["current_user"][name].as_str().filter(|text| !text.is_empty());
    let id = text("id").ok_or_else(|| Failure::failed("the server does not say who is logged in"))?;
    Ok(User::new(id, text("user_name").map(str::to_owned)))
}
