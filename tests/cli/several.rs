//! More than one profile.

use crate::person::{Person, json, sandbox};

#[tokio::test]
async fn the_first_is_the_default_until_another_is_made_it() {
    let (person, one, two) = (Person::new(), sandbox().await, sandbox().await);
    person.logged_in(&one, &["--profile", "one"]);
    person.logged_in(&two, &["--profile", "two"]);
    let used = |arguments: &[&str]| {
        let ended = person.runs(arguments);
        ended.succeeded();
        json(&ended.output)["profile"].as_str().expect("a name").to_owned()
    };
    assert_eq!(used(&["status", "--offline", "--json"]), "one");
    assert_eq!(used(&["status", "--offline", "--json", "--profile", "two"]), "two");
    person.runs(&["default", "two"]).succeeded();
    assert_eq!(person.runs(&["default"]).output, "two\n");
    assert_eq!(used(&["status", "--offline", "--json"]), "two");
    person.logged_in(&one, &["--profile", "three", "--default"]);
    assert_eq!(used(&["status", "--offline", "--json"]), "three");

    let by_variable = |name: &str| person.types(&["status", "--offline"]).env("SUGAR_PROFILE", name).run();
    assert!(by_variable("one").output.starts_with("one\n"));
    by_variable("four").failed(3, &["there is no profile four"]);

    person.runs(&["logout"]).succeeded();
    let ended = person.runs(&["status"]);
    ended.failed(
        2,
        &[
            "there are several profiles and none is the default: one, two",
            "SUGAR_PROFILE",
        ],
    );
    person.runs(&["logout", "--profile", "two"]).succeeded();
    assert_eq!(used(&["status", "--json"]), "one");
}

#[tokio::test]
async fn all_of_them() {
    let (person, one, two) = (Person::new(), sandbox().await, sandbox().await);
    person.logged_in(&one, &["--profile", "one"]);
    person.logged_in(&two, &["--profile", "two"]);
    let ended = person.runs(&["status", "--all", "--json"]);
    ended.succeeded();
    let names: Vec<String> = ended
        .output
        .lines()
        .map(|line| json(line)["profile"].to_string())
        .collect();
    assert_eq!(names, ["\"one\"", "\"two\""]);
    assert!(two.revoke_access_token(&two.state().access_tokens[0].token));
    let ended = person.runs(&["status", "--all"]);
    assert_eq!(ended.status, Some(5), "{}", ended.errors);
    assert!(
        ended.errors.contains("! two: oauth_access: the server refused"),
        "{}",
        ended.errors
    );
    assert!(
        ended.errors.contains("error: not all profiles are alive"),
        "{}",
        ended.errors
    );
}
