//! The walkthrough before a person: browser, prompts, Ctrl-C, colours.
#![cfg(target_os = "linux")]

mod process;

use std::process::Command;
use std::time::{Duration, Instant};

use process::terminal::Terminal;
use process::{KEY, LIMIT, SECRET, Walkthrough};
use sugar_oauth::sandbox::Sandbox;

async fn sandbox() -> Sandbox {
    Sandbox::start().await.expect("the sandbox starts")
}

/// Without a program that opens browsers.
fn without_browser(sandbox: &Sandbox) -> Walkthrough {
    Walkthrough::on(sandbox).with_programs(&[("stty", None)])
}

/// Waits until the prompt for the secret has switched the echo off.
fn wait_for_hidden_prompt(terminal: &Terminal) {
    terminal.screen.wait_for("Consumer secret (not shown): ");
    let started = Instant::now();
    while terminal.is_as_it_was() {
        assert!(started.elapsed() < LIMIT, "the echo stays on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn the_browser_gets_the_address_and_nothing_else() {
    let sandbox = sandbox().await;
    let walkthrough = Walkthrough::on(&sandbox);
    let seen = walkthrough.folder().join("seen");
    let script = format!(
        "{{ echo \"$1\"; env; }} >{0}.new && /bin/mv {0}.new {0}",
        seen.display()
    );
    let names = ["env", "stty"].map(|name| (name, None));
    let programs = [names[0], names[1], ("xdg-open", Some(script.as_str()))];
    let mut terminal = walkthrough.with_programs(&programs).on_terminal();
    let token = terminal.token();
    let started = Instant::now();
    while !seen.exists() {
        assert!(
            started.elapsed() < LIMIT,
            "no browser was opened:\n{}",
            terminal.screen.so_far()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let seen = std::fs::read_to_string(&seen).expect("it is there");
    assert!(
        seen.starts_with(&format!(
            "{}/index.php?module=OAuthTokens&action=authorize&token={token}\n",
            sandbox.url()
        )),
        "{seen}"
    );
    assert!(
        !seen.contains("SUGAR_") && !seen.contains(sandbox.consumer_secret()),
        "{seen}"
    );
    terminal.type_in(&format!("{}\n", sandbox.approve(&token).expect("it is there")));
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(0), "{screen}");
    assert!(!screen.contains("No browser"), "{screen}");
}

#[tokio::test]
async fn no_browser() {
    let sandbox = sandbox().await;
    let broken = Walkthrough::on(&sandbox).with_programs(&[("stty", None), ("xdg-open", Some("exit 3"))]);
    for walkthrough in [without_browser(&sandbox), broken] {
        let mut terminal = walkthrough.on_terminal();
        let token = terminal.token();
        let screen = terminal.screen.wait_for("press Enter:");
        assert!(
            screen.contains("No browser could be opened from here. Open the address above yourself"),
            "{screen}"
        );
        // The wrong code first: the person is asked again.
        terminal.type_in("000000000000\n");
        terminal.screen.wait_for("the right one still works");
        terminal.type_in(&format!("  {}\n", sandbox.approve(&token).expect("it is there")));
        let (status, screen) = terminal.finish();
        assert_eq!(status, Some(0), "{screen}");
        assert!(screen.contains("Accounts"), "{screen}");
    }
    // Nobody there to paste: one error.
    let mut terminal = without_browser(&sandbox).args(["--no-callback"]).on_terminal();
    terminal.screen.wait_for("press Enter:");
    terminal.type_in("\u{4}");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(1), "{screen}");
    assert!(
        screen.contains("authorize: no verifier: the input has ended"),
        "{screen}"
    );
}

#[tokio::test]
async fn the_secret_is_asked_for_without_echo() {
    let sandbox = sandbox().await;
    let walkthrough = Walkthrough::new().args(["--url", sandbox.url(), "--consumer-key", sandbox.consumer_key()]);
    let walkthrough = walkthrough.secret(sandbox.consumer_secret()).args(["--no-browser"]);
    let mut terminal = walkthrough.with_programs(&[("stty", None)]).on_terminal();
    wait_for_hidden_prompt(&terminal);
    terminal.type_in(&format!("{}\n", sandbox.consumer_secret()));
    let token = terminal.token();
    assert!(terminal.is_as_it_was());
    terminal.type_in(&format!("{}\n", sandbox.approve(&token).expect("it is there")));
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(0), "{screen}");
}

#[test]
fn ctrl_c_at_the_hidden_prompt_leaves_the_terminal_as_it_was() {
    for typed in [true, false] {
        let walkthrough = Walkthrough::new().args(["--url", "http://127.0.0.1:1", "--consumer-key", KEY]);
        let mut terminal = walkthrough.on_terminal();
        wait_for_hidden_prompt(&terminal);
        terminal.type_in(SECRET);
        if typed {
            terminal.type_in("\u{3}");
        } else {
            let id = terminal.id().to_string();
            assert!(
                Command::new("/bin/kill")
                    .args(["-INT", &id])
                    .status()
                    .expect("kill runs")
                    .success()
            );
        }
        let screen = terminal.screen.wait_for("interrupted by Ctrl-C before the first step");
        let started = Instant::now();
        while !terminal.is_as_it_was() {
            assert!(started.elapsed() < LIMIT, "the echo stays off ({typed}):\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(terminal.finish().0, Some(130));
    }
}

#[tokio::test]
async fn ctrl_c_at_the_paste_prompt() {
    let sandbox = sandbox().await;
    let mut terminal = without_browser(&sandbox).on_terminal();
    terminal.screen.wait_for("press Enter:");
    terminal.type_in("half a co\u{3}");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(130), "{screen}");
    assert!(screen.contains("interrupted by Ctrl-C at step 3"), "{screen}");
}

#[test]
fn the_sandbox_tells_a_person_how_to_log_in() {
    let mut terminal = Walkthrough::new().with_programs(&[("stty", None)]).on_terminal();
    let screen = terminal.screen.wait_for("press Enter:");
    assert!(screen.contains("admin  password  "), "{screen}");
    assert!(!screen.contains("approves by itself"), "{screen}");
    terminal.type_in("\u{3}");
    assert_eq!(terminal.finish().0, Some(130));
}

#[test]
fn colours_only_where_they_are_wanted() {
    let run = |name: &str, value: &str| {
        let walkthrough = Walkthrough::at("http://127.0.0.1:1").env(name, value);
        walkthrough.on_terminal().finish().1
    };
    assert!(run("LANG", "C").contains("\u{1b}["));
    assert!(
        run("NO_COLOR", "").contains("\u{1b}["),
        "an empty NO_COLOR asks for nothing"
    );
    assert!(!run("NO_COLOR", "1").contains('\u{1b}'));
    assert!(!run("TERM", "dumb").contains('\u{1b}'));
}
