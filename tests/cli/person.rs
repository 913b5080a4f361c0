//! Someone with a home of their own, who types `sugar-oauth` more than once.

use std::fs;
use std::path::{Path, PathBuf};

use sugar_oauth::sandbox::Sandbox;
use tempfile::TempDir;

use crate::process::{Ended, Output, Walkthrough, secrets_of};

pub async fn sandbox() -> Sandbox {
    Sandbox::start().await.expect("the sandbox starts")
}

/// A home, which lives as long as the test.
pub struct Person {
    home: TempDir,
}

impl Person {
    pub fn new() -> Self {
        Self {
            home: TempDir::new().expect("a folder"),
        }
    }

    /// The program with these arguments, in this home and no other environment.
    pub fn types(&self, arguments: &[&str]) -> Walkthrough {
        self.in_home(Walkthrough::of_program(Path::new(env!("CARGO_BIN_EXE_sugar-oauth"))))
            .args(arguments.iter().copied())
    }

    /// Any program, in this home.
    pub fn in_home(&self, program: Walkthrough) -> Walkthrough {
        program.env("HOME", self.home.path().to_str().expect("UTF-8"))
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs it to its end, with nothing to read.
    pub fn runs(&self, arguments: &[&str]) -> Ended {
        self.types(arguments).run()
    }

    /// `login` at a sandbox, with key and secret.
    pub fn logs_in(&self, sandbox: &Sandbox, more: &[&str]) -> Walkthrough {
        self.types(&["login", sandbox.url(), "--consumer-key", sandbox.consumer_key()])
            .args(more.iter().copied())
            .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
            .secret(sandbox.consumer_secret())
            .secret(sandbox.password())
    }

    /// The same to its good end.
    pub fn logged_in(&self, sandbox: &Sandbox, more: &[&str]) -> Ended {
        let ended = authorized(self.logs_in(sandbox, more), sandbox);
        assert_eq!(ended.status, Some(0), "{}", ended.errors);
        ended.tells_no_secret(&secrets_of(sandbox));
        ended
    }

    /// Where profiles are kept.
    pub fn profiles(&self) -> PathBuf {
        self.home.path().join(".config/sugar-oauth")
    }

    /// The file of a profile.
    pub fn profile(&self, name: &str) -> PathBuf {
        self.profiles().join(format!("{name}.json"))
    }

    /// That no profile is kept, nor a part of one.
    #[track_caller]
    pub fn has_nothing(&self) {
        let there: Vec<_> = fs::read_dir(self.profiles()).into_iter().flatten().collect();
        assert!(there.is_empty(), "{there:?}");
    }
}

/// What a profile for a sandbox is called by itself.
pub fn name_of(sandbox: &Sandbox) -> String {
    let host = sandbox.url().trim_start_matches("http://");
    host.replace([':', '/'], "-")
}

/// Runs a login, and pastes the code that the page shows.
pub fn authorized(login: Walkthrough, sandbox: &Sandbox) -> Ended {
    let mut running = login.start();
    let token = token(&running.errors);
    running.type_line(&sandbox.approve(&token).expect("a request token"));
    running.finish()
}

/// Waits for the address of leg 2, and gives the token in it.
pub fn token(said: &Output) -> String {
    let text = said.wait_for("Waiting up to");
    let rest = text.split_once("&token=").expect("a token").1;
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// The only line of a JSON output.
pub fn json(text: &str) -> serde_json::Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("JSON")
}
