//! The PyPI client `pysugarcrm` 1.0.3, unmodified, logs in to the sandbox's REST v10 and v11, writes records, reads them
//! and logs out.

use serde_json::{Value, json};
use sugar_oauth::sandbox::{Flavour, Sandbox};
use sugar_oauth_peers::programs::{python_with, scripts};
use tokio::process::Command;

async fn start() -> Sandbox {
    Sandbox::builder()
        .flavour(Flavour::Sugar11)
        .platform("custom_api")
        .records(1, 4)
        .start()
        .await
        .expect("the sandbox starts")
}

async fn read_and_write(sandbox: &Sandbox, version: &str, platform: &str, password: &str) -> std::process::Output {
    Command::from(python_with("pysugarcrm"))
        .arg(scripts().join("pysugarcrm/read_and_write.py"))
        .env("SUGAR_SITE_URL", sandbox.url())
        .env("SUGAR_USER", sandbox.user_name())
        .env("SUGAR_PASSWORD", password)
        .env("SUGAR_PLATFORM", platform)
        .env("SUGAR_VERSION", version)
        .kill_on_drop(true)
        .output()
        .await
        .expect("Python starts")
}

async fn works_with(version: &str) {
    let sandbox = start().await;
    let output = read_and_write(&sandbox, version, "custom_api", sandbox.password()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");

    assert_eq!(said["me"]["current_user"]["user_name"], sandbox.user_name());
    assert_eq!(said["ping"], "pong");
    let [contact, account] = [&said["created"][0], &said["created"][1]];
    assert_eq!(contact["last_name"], "O'Peer & <b>");
    assert_eq!(account["name"], "Peer & Sons");
    for answer in [&said["changed"], &said["read"]] {
        assert_eq!(
            [&answer["id"], &answer["title"], &answer["do_not_call"]],
            [&contact["id"], &json!("Head of Peers"), &json!(true)]
        );
    }
    assert_eq!(said["linked"]["related_record"]["id"], contact["id"]);
    for (list, next_offset) in [(&said["related"], -1), (&said["list"], -1)] {
        assert_eq!(list["next_offset"], next_offset);
        assert_eq!(list["records"].as_array().expect("a list").len(), 1, "{list}");
        assert_eq!(list["records"][0]["id"], contact["id"]);
        assert_eq!(list["records"][0]["title"], "Head of Peers");
    }
    assert_eq!(said["page"]["next_offset"], 3);
    assert_eq!(said["page"]["records"].as_array().expect("a list").len(), 2);
    // The second deletion finds nothing, and the whole is still answered.
    assert_eq!(said["bulk"][0]["contents"], json!({"id": contact["id"]}));
    assert_eq!([&said["bulk"][0]["status"], &said["bulk"][1]["status"]], [200, 404]);
    assert_eq!(said["gone"]["error"], "not_found");

    // Its logout is believed only when the server's answer says `success`.
    assert_eq!(said["closed"], true);
    assert_eq!(said["after"]["error"], "invalid_grant");
    assert!(sandbox.state().logins.is_empty());

    let login = &sandbox.requests()[0];
    assert_eq!(login.target, format!("/rest/{version}/oauth2/token"));
    // What the vendor's examples do not do: no media type, and no `client_secret`.
    assert_eq!(login.header("Content-Type"), None);
    let arguments: Value = serde_json::from_slice(&login.body).expect("JSON");
    assert_eq!(arguments.get("client_secret"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn works_with_v10() {
    works_with("v10").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn works_with_a_later_version() {
    works_with("v11_20").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_not_let_in_with_a_wrong_password_or_a_platform_that_is_not_registered() {
    let sandbox = start().await;
    // `api` is its default.
    for (platform, password) in [("custom_api", "wrong"), ("api", sandbox.password())] {
        let output = read_and_write(&sandbox, "v10", platform, password).await;
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("No access token received"), "{stderr}");
    }
    assert!(sandbox.state().logins.is_empty());
}
