//! OAuth 2 of the practice instance: grants, their refusals, one login for a user and platform, expiry, logout.

#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/v11.rs"]
mod v11;

use serde_json::{Value, json};
use std::time::Duration;
use sugar_oauth::sandbox::{Fault, Flavour, Sandbox};
use v11::{
    PLATFORM, access_token, assert_refused, builder, get, log_in, password_arguments, post, refresh_arguments, send,
    start, text, token,
};

#[tokio::test]
async fn the_documents_request_is_answered_with_the_documents_fields() {
    let sandbox = start().await;
    for version in ["v10", "v11", "v11_1", "v11_20"] {
        let body = password_arguments(PLATFORM).to_string();
        let headers = [("Cache-Control", "no-cache"), ("Content-Type", "application/json")];
        let path = format!("/{version}/oauth2/token");
        let answer = send(&sandbox, "POST", &path, &headers, body.as_bytes());
        assert_eq!(answer.status(), 200, "{}", answer.text());
        let answer = answer.json();
        let members: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        let documented = [
            "access_token",
            "expires_in",
            "token_type",
            "scope",
            "refresh_token",
            "refresh_expires_in",
            "download_token",
        ];
        assert_eq!(members, documented);
        assert_eq!(
            (
                &answer["expires_in"],
                &answer["token_type"],
                &answer["scope"],
                &answer["refresh_expires_in"]
            ),
            (&json!(3600), &json!("bearer"), &Value::Null, &json!(1_209_600))
        );
        for token in ["access_token", "refresh_token", "download_token"] {
            let form: Vec<usize> = text(&answer[token]).split('-').map(str::len).collect();
            assert_eq!(form, [8, 4, 4, 4, 12], "{answer}");
        }
    }
}

#[tokio::test]
async fn the_secret_may_be_absent_and_the_media_type_may_say_a_charset_or_nothing() {
    let sandbox = start().await;
    let mut arguments = password_arguments(PLATFORM);
    arguments.as_object_mut().expect("an object").remove("client_secret");
    let body = arguments.to_string();
    for kind in [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
    ] {
        let answer = send(
            &sandbox,
            "POST",
            "/v10/oauth2/token",
            &[("Content-Type", kind)],
            body.as_bytes(),
        );
        assert_eq!(answer.status(), 200, "{kind}");
    }
    assert_eq!(
        send(&sandbox, "POST", "/v10/oauth2/token", &[], body.as_bytes()).status(),
        200
    );
    let form = b"grant_type=password&client_id=sugar&username=admin&password=a+password&platform=base";
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_refused(
        &send(&sandbox, "POST", "/v11/oauth2/token", &kind, form),
        422,
        "missing_parameter",
    );
    assert_refused(
        &send(&sandbox, "POST", "/v11/oauth2/token", &[], b"[1]"),
        422,
        "invalid_parameter",
    );
    assert_refused(
        &send(&sandbox, "POST", "/v11/oauth2/token", &[], b"{\"grant"),
        422,
        "invalid_parameter",
    );
}

#[tokio::test]
async fn each_missing_argument_is_named() {
    let sandbox = start().await;
    let password = password_arguments(PLATFORM);
    let refresh = refresh_arguments("x", PLATFORM);
    for (arguments, names) in [
        (
            password,
            vec!["grant_type", "client_id", "username", "password", "platform"],
        ),
        (refresh, vec!["grant_type", "client_id", "refresh_token", "platform"]),
    ] {
        for name in names {
            for absent in [Value::Null, json!("")] {
                let mut arguments = arguments.clone();
                arguments[name] = absent;
                let answer = token(&sandbox, &arguments);
                assert_refused(&answer, 422, "missing_parameter");
                assert!(answer.text().contains(name), "{}", answer.text());
            }
        }
    }
    let mut arguments = password_arguments(PLATFORM);
    arguments["grant_type"] = json!("client_credentials");
    assert_refused(&token(&sandbox, &arguments), 400, "unsupported_grant_type");
}

#[tokio::test]
async fn wrong_passwords_and_users_need_a_login() {
    let sandbox = builder()
        .owner_only_user("jim", "his password")
        .start()
        .await
        .expect("a sandbox");
    for (name, value) in [
        ("password", "a passworD"),
        ("username", "nobody"),
        ("password", "his password"),
    ] {
        let mut arguments = password_arguments(PLATFORM);
        arguments[name] = json!(value);
        assert_refused(&token(&sandbox, &arguments), 401, "need_login");
    }
    // The portal's users are contacts.
    let mut arguments = password_arguments("portal");
    arguments["client_id"] = json!("support_portal");
    assert_refused(&token(&sandbox, &arguments), 401, "need_login");
    assert!(sandbox.state().logins.is_empty());
}

#[tokio::test]
async fn clients_other_than_sugar_must_be_registered_and_name_their_secret() {
    let sandbox = builder()
        .oauth2_key("open_key", None)
        .oauth2_key("closed_key", Some("its secret"));
    let sandbox = sandbox.start().await.expect("a sandbox");
    let status = |id: &str, secret: &str| {
        let mut arguments = password_arguments(PLATFORM);
        (arguments["client_id"], arguments["client_secret"]) = (json!(id), json!(secret));
        token(&sandbox, &arguments)
    };
    assert_eq!(status("open_key", "").status(), 200);
    assert_eq!(status("open_key", "anything").status(), 200);
    assert_eq!(status("sugar", "CLIENT_SECRET").status(), 200);
    assert_eq!(status("closed_key", "its secret").status(), 200);
    for (id, secret) in [
        ("closed_key", ""),
        ("closed_key", "another"),
        ("unknown_key", ""),
        ("SUGAR", ""),
    ] {
        assert_refused(&status(id, secret), 400, "invalid_client");
    }
}

#[tokio::test]
async fn platforms_that_nobody_registered_are_refused_while_the_setting_is_on() {
    let sandbox = start().await;
    for platform in ["base", "mobile", "portal", PLATFORM] {
        log_in(&sandbox, platform);
    }
    for platform in ["unknown", "Base", "custom"] {
        assert_refused(
            &token(&sandbox, &password_arguments(platform)),
            422,
            "invalid_parameter",
        );
    }
    let sandbox = builder()
        .disable_unknown_platform(false)
        .start()
        .await
        .expect("a sandbox");
    log_in(&sandbox, "unknown");
}

#[tokio::test]
async fn a_second_login_ends_the_first_of_its_user_and_platform_only() {
    let sandbox = builder()
        .owner_only_user("jim", "his password")
        .start()
        .await
        .expect("a sandbox");
    let first = log_in(&sandbox, PLATFORM);
    let elsewhere = text(&log_in(&sandbox, "base")["access_token"]);
    let mut jims = password_arguments(PLATFORM);
    (jims["username"], jims["password"]) = (json!("jim"), json!("his password"));
    let jims = text(&token(&sandbox, &jims).json()["access_token"]);
    let second = access_token(&sandbox);

    let first_access = text(&first["access_token"]);
    assert_refused(&get(&sandbox, &first_access, "/v11/me"), 401, "invalid_grant");
    let refresh = refresh_arguments(&text(&first["refresh_token"]), PLATFORM);
    assert_refused(&token(&sandbox, &refresh), 400, "invalid_grant");
    for (alive, name) in [(&elsewhere, "admin"), (&jims, "jim"), (&second, "admin")] {
        assert_eq!(
            get(&sandbox, alive, "/v11/me").json()["current_user"]["user_name"],
            name
        );
    }
    let logins = sandbox.state().logins;
    let platforms: Vec<(&str, &str)> = logins
        .iter()
        .map(|login| (login.user.as_str(), login.platform.as_str()))
        .collect();
    assert_eq!(platforms, [("1", "base"), ("seed_jim_id", PLATFORM), ("1", PLATFORM)]);
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_ends_the_old_ones() {
    let sandbox = start().await;
    let first = log_in(&sandbox, PLATFORM);
    let old = text(&first["refresh_token"]);
    for (wrong, value) in [
        ("platform", "base"),
        ("refresh_token", "00000000-0000-0000-0000-000000000000"),
    ] {
        let mut arguments = refresh_arguments(&old, PLATFORM);
        arguments[wrong] = json!(value);
        assert_refused(&token(&sandbox, &arguments), 400, "invalid_grant");
    }
    let answer = token(&sandbox, &refresh_arguments(&old, PLATFORM));
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let second = answer.json();
    for name in ["access_token", "refresh_token", "download_token"] {
        assert_ne!(first[name], second[name]);
    }
    assert_refused(
        &token(&sandbox, &refresh_arguments(&old, PLATFORM)),
        400,
        "invalid_grant",
    );
    assert_refused(
        &get(&sandbox, &text(&first["access_token"]), "/v11/me"),
        401,
        "invalid_grant",
    );
    // The refused reuse ended nothing.
    assert_eq!(get(&sandbox, &text(&second["access_token"]), "/v11/me").status(), 200);
    assert_eq!(sandbox.state().logins.len(), 1);
}

#[tokio::test]
async fn a_refresh_with_another_client_is_refused() {
    let sandbox = builder().oauth2_key("other", None).start().await.expect("a sandbox");
    let mut arguments = refresh_arguments(&text(&log_in(&sandbox, PLATFORM)["refresh_token"]), PLATFORM);
    arguments["client_id"] = json!("other");
    assert_refused(&token(&sandbox, &arguments), 400, "invalid_grant");
}

#[tokio::test]
async fn tokens_expire_by_the_servers_clock() {
    let sandbox = start().await;
    let first = log_in(&sandbox, PLATFORM);
    let access = text(&first["access_token"]);
    sandbox.clock().advance(Duration::from_secs(3_590));
    assert_eq!(get(&sandbox, &access, "/v11/ping").json(), "pong");
    sandbox.clock().advance(Duration::from_secs(10));
    assert_refused(&get(&sandbox, &access, "/v11/ping"), 401, "invalid_grant");
    assert_eq!(sandbox.state().logins[0].access_left, Duration::ZERO);

    let refreshed = token(&sandbox, &refresh_arguments(&text(&first["refresh_token"]), PLATFORM)).json();
    assert_eq!(
        get(&sandbox, &text(&refreshed["access_token"]), "/v11/ping").status(),
        200
    );
    sandbox.clock().advance(Duration::from_secs(1_209_600));
    let late = refresh_arguments(&text(&refreshed["refresh_token"]), PLATFORM);
    assert_refused(&token(&sandbox, &late), 400, "invalid_grant");
    assert!(sandbox.state().logins.is_empty());
}

#[tokio::test]
async fn tokens_live_as_long_as_the_instance_is_set_up() {
    let builder = builder().token_lifetimes(Duration::from_secs(60), Duration::from_secs(120));
    let sandbox = builder.start().await.expect("a sandbox");
    let login = log_in(&sandbox, PLATFORM);
    assert_eq!(
        (&login["expires_in"], &login["refresh_expires_in"]),
        (&json!(60), &json!(120))
    );
    sandbox.clock().advance(Duration::from_secs(60));
    assert_refused(
        &get(&sandbox, &text(&login["access_token"]), "/v11/ping"),
        401,
        "invalid_grant",
    );
    let refresh = refresh_arguments(&text(&login["refresh_token"]), PLATFORM);
    let renewed = token(&sandbox, &refresh).json();
    assert_eq!(renewed["expires_in"], 60);
    sandbox.end_logins();
    assert_refused(
        &get(&sandbox, &text(&renewed["access_token"]), "/v11/ping"),
        401,
        "invalid_grant",
    );
}

#[tokio::test]
async fn logout_ends_the_login_and_its_header_goes_by_any_case() {
    let sandbox = start().await;
    for header in ["OAuth-Token", "oauth-token", "OAUTH-TOKEN"] {
        let login = log_in(&sandbox, PLATFORM);
        let access = text(&login["access_token"]);
        let headers = [(header, access.as_str()), ("Cache-Control", "no-cache")];
        let answer = send(&sandbox, "POST", "/v11/oauth2/logout", &headers, b"");
        assert_eq!(answer.text(), r#"{"success":true}"#);
        assert_refused(&get(&sandbox, &access, "/v11/me"), 401, "invalid_grant");
        assert_refused(
            &token(&sandbox, &refresh_arguments(&text(&login["refresh_token"]), PLATFORM)),
            400,
            "invalid_grant",
        );
        assert!(sandbox.state().logins.is_empty());
    }
    assert_refused(
        &send(&sandbox, "POST", "/v11/oauth2/logout", &[], b""),
        401,
        "need_login",
    );
}

#[tokio::test]
async fn calls_need_an_access_token_in_the_header() {
    let sandbox = start().await;
    let login = log_in(&sandbox, PLATFORM);
    let access = text(&login["access_token"]);
    assert_refused(&send(&sandbox, "GET", "/v11/me", &[], b""), 401, "need_login");
    let query = format!("/v11/me?oauth_token={access}");
    assert_refused(&send(&sandbox, "GET", &query, &[], b""), 401, "need_login");
    for wrong in ["", "x", &text(&login["refresh_token"]), &text(&login["download_token"])] {
        assert_refused(&get(&sandbox, wrong, "/v11/me"), 401, "invalid_grant");
    }
    let me = get(&sandbox, &access, "/v10/me").json();
    assert_eq!(
        (
            &me["current_user"]["id"],
            &me["current_user"]["user_name"],
            &me["current_user"]["type"]
        ),
        (&json!("1"), &json!("admin"), &json!("admin"))
    );
    let time = text(&get(&sandbox, &access, "/v10/ping/whattimeisit").json());
    assert!(time.ends_with("+00:00") && time.contains('T'), "{time}");
}

#[tokio::test]
async fn other_versions_paths_and_methods_are_not_there() {
    let sandbox = start().await;
    let access = access_token(&sandbox);
    for path in [
        "/v9/me",
        "/v12/me",
        "/v11_/me",
        "/v11_x/me",
        "/v11.1/me",
        "/",
        "/me",
        "/v10_1/me",
    ] {
        assert_refused(&get(&sandbox, &access, path), 404, "incorrect_version");
    }
    assert_refused(&get(&sandbox, &access, "/v11/nothing/like/this"), 404, "no_method");
    assert_refused(&get(&sandbox, &access, "/v11/oauth2/token"), 404, "no_method");
    assert_refused(&post(&sandbox, &access, "/v11/me", &Value::Null), 404, "no_method");
}

#[tokio::test]
async fn old_endpoints_and_new_ones_are_not_on_the_same_flavour() {
    let new = start().await;
    for path in ["/service/v4_1/rest.php", "/service/v4/rest.php"] {
        let answer = raw_http::post(
            new.url(),
            path,
            &[],
            "method=get_server_info&input_type=JSON&response_type=JSON",
        );
        assert_eq!(answer.status(), 404);
        assert!(
            answer
                .header("Content-Type")
                .is_some_and(|kind| kind.starts_with("text/html"))
        );
    }
    for flavour in Flavour::ALL.into_iter().filter(|flavour| *flavour != Flavour::Sugar11) {
        let old = Sandbox::builder()
            .flavour(flavour)
            .records(0, 0)
            .start()
            .await
            .expect("a sandbox");
        let answer = token(&old, &password_arguments("base"));
        assert_eq!(answer.status(), 404, "{flavour}");
        assert!(
            answer
                .header("Content-Type")
                .is_some_and(|kind| kind.starts_with("text/html")),
            "{flavour}"
        );
    }
}

#[tokio::test]
async fn faults_and_maintenance_reach_these_paths() {
    let sandbox = start().await;
    let access = access_token(&sandbox);
    sandbox.fault(Fault::maintenance().on_path("/me").once());
    assert_refused(&get(&sandbox, &access, "/v11/me"), 503, "maintenance");
    assert_eq!(get(&sandbox, &access, "/v11/me").status(), 200);
    sandbox.fault(Fault::maintenance().on_path("/oauth2/token").once());
    assert_refused(&token(&sandbox, &password_arguments(PLATFORM)), 503, "maintenance");
    sandbox.fault(Fault::prefix("<br />Notice").once());
    assert!(
        get(&sandbox, &access, "/v11/ping")
            .text()
            .starts_with("<br />Notice\"pong")
    );
    sandbox.fault(Fault::status(502).once());
    assert_eq!(get(&sandbox, &access, "/v11/ping").status(), 502);
    assert_eq!(get(&sandbox, &access, "/v11/ping").status(), 200);
}
