//! By OAuth 1.0a: a person authorizes in the browser.

use sugar_oauth::profile::{Api, Credentials, Profile, User};
use sugar_oauth::v4_1::GetEntry;
use sugar_oauth::{Consumer, Instance, Session};

use super::{Login, legs};
use crate::context::Context;
use crate::failure::Failure;
use crate::input::{person_is_here, typed_line};
use crate::terminal::Lines;

pub async fn log_in(login: &Login, context: &Context, name: &str, instance: Instance) -> Result<(), Failure> {
    let (consumer, mut lines) = consumer(login, context).await?;
    let builder = context.client_builder(instance.clone())?;
    let client = builder.consumer(consumer.clone()).build();
    let access_token = legs::walk(login, context, &client, &mut lines).await?;
    let kept = async {
        let user = context
            .with_session_of(&client, &access_token, async |session| whose(&session).await)
            .await?;
        let profile = Profile::new(name, instance, Api::V4_1, consumer.key(), user)?;
        login.confirm(context, &profile, Some(&mut lines)).await?;
        let credentials = Credentials::OAuth1 {
            consumer,
            access_token: access_token.clone(),
        };
        login.save(context, profile, credentials).await
    };
    let profile = kept.await.map_err(|failure| failure.and(&legs::unsaved(&client)))?;
    login.say_where(context, &profile)
}

/// The consumer, and the reader of what else is typed.
async fn consumer(login: &Login, context: &Context) -> Result<(Consumer, Lines), Failure> {
    let bad = |error: sugar_oauth::Error| Failure::input("consumer", &error);
    let mut lines = None;
    let key = match &login.consumer_key {
        Some(key) => key.clone(),
        None if person_is_here() && !login.secret_stdin => {
            let lines = lines.insert(Lines::read());
            typed_line("Consumer key, from Admin > OAuth Keys:", lines, context).await?
        }
        None => {
            return Err(Failure::usage("no consumer key is given")
                .hint("give --consumer-key KEY or set SUGAR_CONSUMER_KEY; it stands under Admin > OAuth Keys"));
        }
    };
    // A key that cannot be used is said before anyone types a secret.
    Consumer::new(key.as_str(), "not yet known").map_err(bad)?;
    let secret = login.consumer_secret().get(context).await?;
    let consumer = Consumer::new(key, secret).map_err(bad)?;
    Ok((consumer, lines.unwrap_or_else(Lines::read)))
}

/// The user whose session it is. Not every user may see their own name.
async fn whose(session: &Session) -> Result<User, Failure> {
    let id = session.get_user_id().await?;
    let entry = session
        .call(&GetEntry::new("Users", id.as_str()).select(["user_name"]))
        .await;
    let name = entry
        .ok()
        .flatten()
        .and_then(|entry| entry.get("user_name").map(|name| name.into_owned()));
    Ok(User::new(id, name.filter(|name| !name.is_empty())))
}
