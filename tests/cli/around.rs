//! `sandbox` and `completions`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::person::{Person, json};
use crate::process::server::get;

#[test]
fn the_practice_instance_runs_until_ctrl_c() {
    let person = Person::new();
    let running = person
        .types(&["sandbox", "--json", "--records", "70,100", "--consumer-key", "own"])
        .env("SUGAR_CONSUMER_SECRET", "own-secret")
        .start();
    let told = json(running.output.wait_for("\n").trim_end());
    assert_eq!(
        (&told["consumer_key"], &told["consumer_secret"]),
        (&"own".into(), &"own-secret".into())
    );
    assert_eq!(told["flavour"], "suitecrm7");
    let url = told["url"].as_str().expect("a URL");
    assert!(get(&format!("{url}/index.php")).starts_with("HTTP/1.1 "));
    let asked = person.runs(&["doctor", url]);
    asked.succeeded();
    running.interrupt();
    assert_eq!(running.finish().status, Some(0));
}

#[test]
fn what_it_prints_for_people_logs_in() {
    let person = Person::new();
    let running = person
        .types(&["sandbox", "--flavour", "sugar11", "--platform", "data_migration"])
        .env("SUGAR_PASSWORD", "password-of-the-test")
        .start();
    let told = running.output.wait_for("Ctrl-C ends it.");
    let login = told
        .lines()
        .find_map(|line| line.strip_prefix("Log in: sugar-oauth "))
        .expect("a command");
    assert!(login.contains(" --platform data_migration "), "{login}");
    let words: Vec<&str> = login.split(' ').collect();
    let ended = person.types(&words).env("SUGAR_PASSWORD", "password-of-the-test").run();
    assert_eq!(ended.status, Some(0), "{login}: {}", ended.errors);
    running.interrupt();
    assert_eq!(running.finish().status, Some(0));

    person
        .runs(&["sandbox", "--flavour", "sugarcrm99"])
        .failed(2, &["it knows suitecrm7, sugarce65"]);
    person.runs(&["sandbox", "--records", "many"]).failed(2, &["--records"]);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    Person::new()
        .runs(&["sandbox", "--port", &port])
        .failed(1, &["the practice instance does not start: address in use"]);
}

#[test]
fn completions_name_the_commands_and_bash_reads_them() {
    let person = Person::new();
    for shell in ["bash", "zsh", "fish"] {
        let ended = person.runs(&["completions", shell]);
        ended.succeeded();
        for word in ["export", "csv-safe", "doctor"] {
            assert!(ended.output.contains(word), "{shell}: no {word}");
        }
    }
    let script = person.runs(&["completions", "bash"]).output;
    let mut bash = Command::new("bash");
    bash.arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = bash.spawn().expect("bash is there");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(script.as_bytes()).expect("it reads");
    drop(input);
    let read = child.wait_with_output().expect("it ends");
    assert!(read.status.success() && read.stderr.is_empty(), "{read:?}");
    person
        .runs(&["completions", "tcsh"])
        .failed(2, &["it knows bash, zsh, fish"]);
}
