//! The program before a person: prompts, Ctrl-C, colours.

use std::time::{Duration, Instant};

use sugar_oauth::sandbox::Sandbox;

use crate::person::{Person, name_of, sandbox};
use crate::process::terminal::Terminal;
use crate::process::{LIMIT, Walkthrough};

/// Waits until the prompt for the secret has switched the echo off.
pub fn wait_for_hidden_prompt(terminal: &Terminal) {
    terminal.screen.wait_for("Consumer secret (not shown): ");
    let started = Instant::now();
    while terminal.is_as_it_was() {
        assert!(started.elapsed() < LIMIT, "the echo stays on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A login before a person, without a browser.
fn login(person: &Person, sandbox: &Sandbox) -> Walkthrough {
    person.logs_in(sandbox, &["--no-browser"])
}

#[tokio::test]
async fn key_and_secret_are_asked_for_and_what_is_kept_is_confirmed() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let login = person
        .types(&["login", sandbox.url(), "--no-browser"])
        .secret(sandbox.consumer_secret());
    let mut terminal = login.on_terminal();
    terminal.screen.wait_for("Consumer key, from Admin > OAuth Keys:");
    terminal.type_in(&format!("{}\n", sandbox.consumer_key()));
    wait_for_hidden_prompt(&terminal);
    terminal.type_in(&format!("{}\n", sandbox.consumer_secret()));
    let token = terminal.token();
    assert!(terminal.is_as_it_was());
    terminal.type_in("000000000000\n");
    terminal.screen.wait_for("the right one still works");
    terminal.type_in(&format!("{}\n", sandbox.approve(&token).expect("a request token")));
    terminal
        .screen
        .wait_for(&format!("Keep that as the profile {}? [Y/n]", name_of(&sandbox)));
    terminal.type_in("\n");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(0), "{screen}");
    assert!(screen.contains("is kept in the file"), "{screen}");
}

#[tokio::test]
async fn a_no_keeps_nothing() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let mut terminal = login(&person, &sandbox).on_terminal();
    let token = terminal.token();
    terminal.type_in(&format!("{}\n", sandbox.approve(&token).expect("a request token")));
    terminal.screen.wait_for("[Y/n]");
    terminal.type_in("maybe\n");
    terminal.screen.wait_for("Type y or n.");
    terminal.type_in("n\n");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(1), "{screen}");
    assert!(
        screen.contains("nothing was kept, as you said") && screen.contains("delete it on"),
        "{screen}"
    );
    person.has_nothing();
}

#[tokio::test]
async fn ctrl_c_at_every_prompt_ends_it_and_leaves_the_terminal_as_it_was() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    let without_secret = person.types(&["login", sandbox.url(), "--consumer-key", "key", "--no-browser"]);
    let at_secret = |terminal: &mut Terminal| {
        wait_for_hidden_prompt(terminal);
        terminal.type_in("half");
    };
    let at_key = |terminal: &mut Terminal| drop(terminal.screen.wait_for("Consumer key, from"));
    let at_paste = |terminal: &mut Terminal| drop(terminal.screen.wait_for("press Enter:"));
    let at_question = |terminal: &mut Terminal| {
        let token = terminal.token();
        terminal.type_in(&format!("{}\n", sandbox.approve(&token).expect("a request token")));
        terminal.screen.wait_for("[Y/n]");
    };
    type Until<'a> = &'a dyn Fn(&mut Terminal);
    let cases: [(Walkthrough, Until); 4] = [
        (person.types(&["login", sandbox.url()]), &at_key),
        (without_secret, &at_secret),
        (login(&person, &sandbox), &at_paste),
        (login(&person, &sandbox), &at_question),
    ];
    for (case, (login, until)) in cases.into_iter().enumerate() {
        let mut terminal = login.on_terminal();
        until(&mut terminal);
        terminal.type_in("\u{3}");
        let screen = terminal.screen.wait_for("interrupted by Ctrl-C");
        let started = Instant::now();
        while !terminal.is_as_it_was() {
            assert!(started.elapsed() < LIMIT, "case {case}: the echo stays off:\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(terminal.finish().0, Some(130), "case {case}");
    }
    person.has_nothing();
}

#[tokio::test]
async fn escape_sequences_of_the_server_do_not_reach_the_screen() {
    let hostile = "ad\u{1b}]0;title\u{7}min\u{9b}2J";
    let sandbox = Sandbox::builder()
        .user(hostile, "any")
        .start()
        .await
        .expect("it starts");
    let person = Person::new();
    let mut terminal = login(&person, &sandbox).env("NO_COLOR", "1").on_terminal();
    let token = terminal.token();
    terminal.type_in(&format!("{}\n", sandbox.approve(&token).expect("a request token")));
    terminal.screen.wait_for("[Y/n]");
    terminal.type_in("y\n");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(0), "{screen}");
    let (status, shown) = person.types(&["status"]).env("NO_COLOR", "1").on_terminal().finish();
    assert_eq!(status, Some(0), "{shown}");
    for screen in [screen, shown] {
        assert!(screen.contains("ad\\u{1b}]0;title\\u{7}min"), "{screen:?}");
        assert!(!screen.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{screen:?}");
    }
}

#[tokio::test]
async fn colours_only_where_they_are_wanted() {
    let (person, sandbox) = (Person::new(), sandbox().await);
    person.logged_in(&sandbox, &[]);
    let screen =
        |arguments: &[&str], name: &str, value: &str| person.types(arguments).env(name, value).on_terminal().finish().1;
    let status = ["status", "--offline"];
    assert!(screen(&status, "LANG", "C").contains("\u{1b}["));
    assert!(
        screen(&status, "NO_COLOR", "").contains("\u{1b}["),
        "an empty NO_COLOR asks for nothing"
    );
    assert!(!screen(&status, "NO_COLOR", "1").contains('\u{1b}'));
    assert!(!screen(&status, "TERM", "dumb").contains('\u{1b}'));
    assert!(!screen(&["status", "--offline", "--json"], "LANG", "C").contains('\u{1b}'));
    assert!(!person.runs(&status).output.contains('\u{1b}'), "no terminal");
}
