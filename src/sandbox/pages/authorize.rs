//! The page where a person authorizes a request token.

use super::Visit;
use super::html::{escape, form, page};
use crate::sandbox::Flavour;
use crate::sandbox::http::Response;
use crate::sandbox::oauth::{Token, TokenKind};
use sha1::{Digest, Sha1};

pub(super) fn answer(visit: &Visit<'_>) -> Response {
    let now = visit.server.clock.unix_time();
    let name = if visit.fields.text("token").is_empty() {
        "oauth_token"
    } else {
        "token"
    };
    let token = visit.fields.text(name).into_owned();
    let found = visit.server.data().tokens.find(&token, now).cloned();
    let Some(token) = found.filter(|token| token.kind == TokenKind::Request) else {
        return invalid_token();
    };
    let Some((session, user)) = &visit.session else {
        return invalid_token();
    };
    if visit.fields.text("confirm").is_empty() {
        return ask(&token, session);
    }
    let confirmed = visit.request.method == "POST"
        && visit.fields.text("sid") == *session
        && visit.fields.text("hash") == hash(&token, session);
    if !confirmed {
        return page(
            200,
            "Request refused",
            "<h1>Request refused</h1>\n<p>The form does not belong to this session.</p>",
        );
    }
    match visit.server.data().tokens.authorize(&token.token, user, now) {
        Some(token) => confirm(visit, &token),
        None => invalid_token(),
    }
}

/// The token is unknown, used, expired or no request token.
fn invalid_token() -> Response {
    let content = "<h1>Invalid token</h1>\n<p>There is no request token of that name to authorize. Begin again in the \
                   program that sent you here.</p>";
    page(200, "Invalid token", content)
}

/// Binds the form to the token and the session, as the server's own hash does.
fn hash(token: &Token, session: &str) -> String {
    let text = format!("{session}/{}/{}", token.token, token.secret);
    Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ask(token: &Token, session: &str) -> Response {
    let hash = hash(token, session);
    let hidden = [
        ("module", "OAuthTokens"),
        ("action", "authorize"),
        ("sid", session),
        ("hash", &hash),
        ("confirm", "1"),
    ];
    let fields = format!(
        "<label for=\"token\">Token</label>\n<input type=\"text\" id=\"token\" name=\"token\" value=\"{}\">\n\
         <button type=\"submit\" id=\"authorize\" name=\"authorize\">Authorize</button>",
        escape(&token.token)
    );
    let content = format!(
        "<h1>Authorize access</h1>\n<p>The application with the consumer key <code>{}</code> asks for access to this \
         instance in your name. To refuse, close this page.</p>\n{}",
        escape(&token.consumer_key),
        form(&hidden, &fields)
    );
    page(200, "Authorize", &content)
}

/// Gives the verifier: to the callback, or to the person.
fn confirm(visit: &Visit<'_>, token: &Token) -> Response {
    let verifier = token.verifier.as_deref().unwrap_or_default();
    match &token.callback {
        Some(callback) if visit.server.config.flavour != Flavour::CallbackIgnored => {
            let separator = if callback.contains('?') { '&' } else { '?' };
            let target = format!(
                "{callback}{separator}oauth_verifier={verifier}&oauth_token={}",
                token.token
            );
            Response::html(301, "").header("Location", target)
        }
        _ => {
            let content = format!(
                "<h1>Access authorized</h1>\n<p>Token authorization code: <big>{}</big></p>\n\
                 <p>Copy the code into the program that asked for it.</p>",
                escape(verifier)
            );
            page(200, "Authorized", &content)
        }
    }
}
