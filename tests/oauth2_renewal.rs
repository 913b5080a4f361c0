//! Renewal: once for all who wait, no loop, and nothing lost.

#[path = "support/rest_server.rs"]
mod rest_server;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rest_server::{Came, Reply, RestServer, answer, ok, refusal, tokens};
use serde_json::json;
use sugar_oauth::oauth2::{AccessToken, Client, Platform, RefreshToken, Session, Tokens};
use sugar_oauth::{Error, ErrorKind, Instance, Password, RestErrorCode, Result, UtcTime};

fn client(server: &RestServer) -> Client {
    Client::builder(Instance::parse(&server.url()).unwrap(), Platform::new("test").unwrap()).build()
}

/// A session whose access token `access-0` the server does not know any more.
fn kept(server: &RestServer) -> Session {
    let tokens = Tokens::new(AccessToken::new("access-0"), Some(RefreshToken::new("refresh-0")));
    client(server).session(tokens).unwrap()
}

fn expired() -> Reply {
    refusal(401, "invalid_grant", "The access token provided is invalid.")
}

/// A server that rotates: it knows the newest pair only.
#[derive(Default)]
struct Rotating {
    given: AtomicUsize,
}

impl Rotating {
    fn reply(&self, came: &Came, expires_in: i64) -> Reply {
        let newest = self.given.load(Ordering::SeqCst);
        if came.is_token() {
            if came.json()["grant_type"] == "refresh_token"
                && came.json()["refresh_token"] != format!("refresh-{newest}")
            {
                return refusal(400, "invalid_grant", "Invalid refresh token");
            }
            return ok(&tokens(self.given.fetch_add(1, Ordering::SeqCst) + 1, expires_in));
        }
        if newest > 0 && came.header("OAuth-Token") == Some(&format!("access-{newest}")) {
            return ok(&json!({"current_user": {}}));
        }
        expired()
    }
}

async fn all_at_once(session: &Session) -> Vec<Result<serde_json::Value>> {
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.me().await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tasks_with_an_expired_token_make_one_refresh() {
    let rotating = Rotating::default();
    let server = RestServer::start(move |came, _| rotating.reply(came, 3600)).await;
    let session = kept(&server);
    let kept = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&kept);
    session.on_renewal(move |tokens| seen.lock().unwrap().push(tokens.refresh_token.clone().unwrap()));
    for result in all_at_once(&session).await {
        result.unwrap();
    }
    assert_eq!(server.count(Came::is_token), 1);
    let refresh = server.came().into_iter().find(Came::is_token).unwrap().json();
    assert_eq!(
        (&refresh["client_id"], &refresh["platform"]),
        (&json!("sugar"), &json!("test"))
    );
    assert_eq!(*kept.lock().unwrap(), [RefreshToken::new("refresh-1")]);
    assert_eq!(session.tokens().access_token.expose(), "access-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refused_refresh_is_one_error_for_all_and_nobody_asks_again() {
    let server = RestServer::start(|came, _| {
        if came.is_token() {
            refusal(400, "invalid_grant", "Invalid refresh token")
        } else {
            expired()
        }
    })
    .await;
    let session = kept(&server);
    let check = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::SessionGone);
        assert_eq!(error.rest().unwrap().code, RestErrorCode::InvalidGrant);
        assert!(error.to_string().contains("log in again"), "{error}");
        assert!(!error.may_have_applied());
    };
    for result in all_at_once(&session).await {
        check(result.unwrap_err());
    }
    check(session.post("Contacts", &json!({})).await.unwrap_err());
    assert_eq!(server.count(Came::is_token), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_a_provider_a_refused_refresh_is_one_new_login() {
    let logins = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&logins);
    let server = RestServer::start(move |came, _| {
        let login = counted.load(Ordering::SeqCst);
        match came.json()["grant_type"].as_str() {
            Some("password") => ok(&tokens(counted.fetch_add(1, Ordering::SeqCst) + 1, 3600)),
            Some(_) => refusal(400, "invalid_grant", "Invalid refresh token"),
            // The first login has been ended by another program.
            None if came.header("OAuth-Token") == Some("access-2") && login == 2 => ok(&json!({})),
            None => expired(),
        }
    })
    .await;
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = {
        let asked = Arc::clone(&asked);
        move || {
            asked.fetch_add(1, Ordering::SeqCst);
            async { Some(Password::new("password")) }
        }
    };
    let session = client(&server).password_with("admin", provider).await.unwrap();
    for result in all_at_once(&session).await {
        result.unwrap();
    }
    assert_eq!(logins.load(Ordering::SeqCst), 2);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(server.count(|came| came.json()["grant_type"] == "refresh_token"), 1);
}

/// Wrong passwords lock a user out, and no refusal says that this one is needed.
#[tokio::test]
async fn a_refresh_that_fails_for_the_moment_is_no_reason_to_send_the_password() {
    let server = RestServer::start(|came, _| match came.json()["grant_type"].as_str() {
        Some("password") => ok(&tokens(1, 3600)),
        Some(_) => refusal(500, "invalid_grant", "the database is away"),
        None => expired(),
    })
    .await;
    let session = client(&server)
        .password_with("admin", || async { Some(Password::new("password")) })
        .await
        .unwrap();
    let error = session.me().await.unwrap_err();
    assert_ne!(error.kind(), ErrorKind::SessionGone, "{error}");
    assert!(error.to_string().contains("the database is away"), "{error}");
    assert_eq!(server.count(|came| came.json()["grant_type"] == "password"), 1);
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_and_never_again() {
    let server = RestServer::start(|came, count| match came.json()["grant_type"].as_str() {
        Some("password") if count == 0 => ok(&tokens(1, 3600)),
        Some("password") => refusal(401, "need_login", "wrong"),
        Some(_) => refusal(400, "invalid_grant", "spent"),
        None => expired(),
    })
    .await;
    let session = client(&server)
        .password_with("admin", || async { Some(Password::new("password")) })
        .await
        .unwrap();
    for _ in 0..5 {
        assert_eq!(session.me().await.unwrap_err().kind(), ErrorKind::SessionGone);
    }
    assert_eq!(server.count(|came| came.json()["grant_type"] == "password"), 2);
}

#[tokio::test]
async fn a_server_that_always_answers_401_is_asked_twice() {
    let server = RestServer::start(|came, count| match count {
        // So that a loop would end.
        10.. => answer(500, "text/plain", ""),
        _ if came.is_token() => ok(&tokens(count, 3600)),
        _ => expired(),
    })
    .await;
    let session = kept(&server);
    let error = session.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone);
    assert!(error.to_string().contains("just given"), "{error}");
    assert_eq!((server.count(Came::is_token), server.came().len()), (1, 3));
    // The web server's own 401 is not the API's.
    let server = RestServer::start(|_, _| answer(401, "text/html", "<h1>Unauthorized</h1>")).await;
    let error = kept(&server).me().await.unwrap_err();
    assert!(error.to_string().contains("a login of its own"), "{error}");
    assert_eq!(server.came().len(), 2);
}

#[tokio::test]
async fn a_token_that_is_about_to_end_is_renewed_before_the_call() {
    let rotating = Rotating::default();
    let server = RestServer::start(move |came, _| rotating.reply(came, 3600)).await;
    let mut ending = Tokens::new(AccessToken::new("access-0"), Some(RefreshToken::new("refresh-0")));
    ending.expires_at = Some(UtcTime::from_unix_seconds(UtcTime::now().unix_seconds()));
    let session = client(&server).session(ending).unwrap();
    session.me().await.unwrap();
    session.me().await.unwrap();
    let targets: Vec<String> = server.came().into_iter().map(|came| came.target).collect();
    assert_eq!(targets, ["/rest/v11/oauth2/token", "/rest/v11/me", "/rest/v11/me"]);
}

/// A call is under way with a renewed token when that is replaced: the server must refuse it, and the session has not
/// ended for that.
#[tokio::test]
async fn a_token_that_is_replaced_while_a_call_is_under_way_is_followed_by_the_newest() {
    let rotating = Arc::new(Rotating::default());
    let (go, wait) = tokio::sync::watch::channel(false);
    let server = RestServer::start_slow(move |came, _| {
        let (rotating, mut wait) = (Arc::clone(&rotating), wait.clone());
        async move {
            match (came.target.as_str(), came.header("OAuth-Token")) {
                ("/rest/v11/slow", Some("access-1")) => drop(wait.wait_for(|go| *go).await),
                ("/rest/v11/quick", Some("access-1")) => return expired(),
                _ => {}
            }
            rotating.reply(&came, 3600)
        }
    })
    .await;
    let session = kept(&server);
    let slow = tokio::spawn({
        let session = session.clone();
        async move { session.get("slow", &[]).await }
    });
    while server.count(|came| came.header("OAuth-Token") == Some("access-1")) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    session.get("quick", &[]).await.unwrap();
    go.send(true).unwrap();
    slow.await.unwrap().unwrap();
    assert_eq!(server.count(Came::is_token), 2);
}

/// RFC 6749, section 6: the server may give no new refresh token.
#[tokio::test]
async fn a_refresh_token_that_is_not_replaced_is_used_again() {
    let server = RestServer::start(|came, before| match came.header("OAuth-Token") {
        None => {
            let mut granted = tokens(before, 3600);
            granted.as_object_mut().unwrap().remove("refresh_token");
            ok(&granted)
        }
        // The first token is not known, nor is the second for longer than a call.
        Some("access-0") => expired(),
        Some("access-1") if before == 3 => expired(),
        Some(_) => ok(&json!({})),
    })
    .await;
    let session = kept(&server);
    session.me().await.unwrap();
    session.me().await.unwrap();
    let refreshes: Vec<_> = server.came().into_iter().filter(Came::is_token).collect();
    assert_eq!(refreshes.len(), 2);
    for refresh in refreshes {
        assert_eq!(refresh.json()["refresh_token"], "refresh-0");
    }
    assert_eq!(session.tokens().refresh_token.unwrap().expose(), "refresh-0");
}

/// The writes that a 401 refused are sent again, with the new token and the same body.
#[tokio::test]
async fn a_refused_write_is_sent_again_after_the_renewal() {
    let rotating = Rotating::default();
    let server = RestServer::start(move |came, _| rotating.reply(came, 3600)).await;
    let session = kept(&server);
    session
        .put(["Contacts", "a/b"], &json!({"last_name": "Öz"}))
        .await
        .unwrap();
    let came = server.came();
    assert_eq!(came.len(), 3);
    assert_eq!(
        (came[0].method.as_str(), came[0].target.as_str()),
        ("PUT", "/rest/v11/Contacts/a%2Fb")
    );
    assert_eq!(came[0].json(), json!({"last_name": "Öz"}));
    assert_eq!((&came[2].target, &came[2].body), (&came[0].target, &came[0].body));
}

/// The connection is cut after the server has read the refresh: did it act, or not?
#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_sent_again_with_the_same_token() {
    // It had not acted: the token still works.
    let rotating = Rotating::default();
    let server = RestServer::start(move |came, count| {
        if came.is_token() && count == 1 {
            Vec::new()
        } else {
            rotating.reply(came, 3600)
        }
    })
    .await;
    kept(&server).me().await.unwrap();
    assert_eq!(server.count(Came::is_token), 2);
    // It had: the token is spent, and the new one is lost.
    let rotating = Rotating::default();
    let server = RestServer::start(move |came, count| {
        let reply = rotating.reply(came, 3600);
        if came.is_token() && count == 1 {
            Vec::new()
        } else {
            reply
        }
    })
    .await;
    let session = kept(&server);
    let error = session.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionGone);
    assert!(error.hints()[0].contains("an earlier answer got lost"), "{error}");
    assert_eq!(server.count(Came::is_token), 2);
    assert!(session.me().await.is_err());
    assert_eq!(server.count(Came::is_token), 2);
}

/// A call that is dropped in the middle of a renewal does not lose the only good tokens.
#[tokio::test]
async fn a_renewal_outlives_the_call_that_began_it() {
    let rotating = Arc::new(Rotating::default());
    let (go, wait) = tokio::sync::watch::channel(false);
    let server = RestServer::start_slow(move |came, _| {
        let (rotating, mut wait) = (Arc::clone(&rotating), wait.clone());
        async move {
            let reply = rotating.reply(&came, 3600);
            if came.is_token() {
                let _ = wait.wait_for(|go| *go).await;
            }
            reply
        }
    })
    .await;
    let session = kept(&server);
    let dropped = tokio::spawn({
        let session = session.clone();
        async move { session.me().await }
    });
    while server.count(Came::is_token) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    go.send(true).unwrap();
    session.me().await.unwrap();
    assert_eq!(server.count(Came::is_token), 1);
}

#[tokio::test]
async fn a_panic_of_the_observer_loses_no_token() {
    let rotating = Rotating::default();
    let server = RestServer::start(move |came, _| rotating.reply(came, 3600)).await;
    let session = kept(&server);
    session.on_renewal(|_| panic!("the disk is full"));
    session.me().await.unwrap();
    session.me().await.unwrap();
    assert_eq!(server.count(Came::is_token), 1);
}

#[tokio::test]
async fn logout_with_an_expired_access_token_renews_it_to_end_the_login() {
    let server = RestServer::start(|came, _| match came.header("OAuth-Token") {
        None => ok(&tokens(1, 3600)),
        Some("access-1") => ok(&json!({"success": true})),
        Some(_) => expired(),
    })
    .await;
    kept(&server).logout().await.unwrap();
    assert_eq!(server.came().len(), 3);
    // Where the refresh token is refused too, there is nothing left to end.
    let server = RestServer::start(|_, _| expired()).await;
    kept(&server).logout().await.unwrap();
    assert_eq!(server.came().len(), 2);
}

#[tokio::test]
async fn a_logout_that_failed_behind_a_renewal_ends_the_renewed_login_when_tried_again() {
    let ends = AtomicUsize::new(0);
    let server = RestServer::start(move |came, _| match came.header("OAuth-Token") {
        None if came.json()["refresh_token"] == "refresh-0" => ok(&tokens(1, 3600)),
        Some("access-1") if ends.fetch_add(1, Ordering::SeqCst) == 0 => refusal(500, "fatal_error", "no database"),
        Some("access-1") => ok(&json!({"success": true})),
        _ => expired(),
    })
    .await;
    let session = kept(&server);
    let shown = Arc::new(Mutex::new(Vec::new()));
    session.on_renewal({
        let shown = Arc::clone(&shown);
        move |tokens| shown.lock().unwrap().push(tokens.access_token.expose().to_owned())
    });
    session.logout().await.unwrap_err();
    session.logout().await.unwrap();
    assert_eq!(server.count(Came::is_token), 1);
    assert_eq!(server.came().last().unwrap().header("OAuth-Token"), Some("access-1"));
    // Whoever keeps tokens has the newest for a logout by another process.
    assert_eq!(*shown.lock().unwrap(), ["access-1"]);
}

/// A failure of a call whose token was replaced while it was under way.
#[tokio::test]
async fn a_token_that_was_replaced_meanwhile_stays_out_of_errors() {
    let (go, wait) = tokio::sync::watch::channel(false);
    let server = RestServer::start_slow(move |came, _| {
        let mut wait = wait.clone();
        async move {
            let token = came.header("OAuth-Token").unwrap_or_default().to_owned();
            match came.target.as_str() {
                "/rest/v11/oauth2/token" => ok(&tokens(1, 3600)),
                "/rest/v11/slow" => {
                    let _ = wait.wait_for(|go| *go).await;
                    refusal(500, "fatal_error", &format!("no thread for {token}"))
                }
                _ if token == "access-1" => ok(&json!({})),
                _ => expired(),
            }
        }
    })
    .await;
    let session = kept(&server);
    let slow = tokio::spawn({
        let session = session.clone();
        async move { session.get("slow", &[]).await.unwrap_err() }
    });
    while server.came().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    session.me().await.unwrap();
    go.send(true).unwrap();
    let error = slow.await.unwrap();
    assert_eq!(error.rest().unwrap().message, "no thread for [secret]");
}

#[tokio::test]
async fn without_a_refresh_token_the_servers_own_words_are_the_error() {
    let server = RestServer::start(|_, _| expired()).await;
    let session = client(&server)
        .session(Tokens::new(AccessToken::new("access-0"), None))
        .unwrap();
    let error = session.me().await.unwrap_err();
    assert_eq!((error.kind(), server.came().len()), (ErrorKind::SessionGone, 1));
    assert!(
        error.to_string().contains("The access token provided is invalid."),
        "{error}"
    );
    assert!(error.to_string().contains("there is no refresh token"), "{error}");
}
