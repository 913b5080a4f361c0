//! The pages' commands, and the README's demonstration: run, and as they are told.

use std::os::unix::fs::symlink;
use std::path::Path;

use sugar_oauth::sandbox::{Flavour, Sandbox};
use tempfile::TempDir;

use crate::pages::{self, Page};
use crate::person::{Person, name_of, token};
use crate::process::server::get;
use crate::process::{Ended, Walkthrough};

const KEY: &str = "CUSTOMKEY";
const SECRET: &str = "CUSTOMSECRET";

/// What the pages call the reader's instances, and what stands for them here.
struct Places {
    crm: Sandbox,
    staging: Sandbox,
    new: Sandbox,
    /// The folder that the reader's shell finds the program in.
    programs: TempDir,
    person: Person,
}

impl Places {
    async fn new() -> Self {
        let crm = || Sandbox::builder().consumer(KEY, SECRET).start();
        let new = Sandbox::builder()
            .flavour(Flavour::Sugar11)
            .platform("data_migration")
            .user("admin", SECRET);
        let programs = TempDir::new().expect("a folder");
        symlink(env!("CARGO_BIN_EXE_sugar-oauth"), programs.path().join("sugar-oauth")).expect("a link");
        Self {
            crm: crm().await.expect("it starts"),
            staging: crm().await.expect("it starts"),
            new: new.start().await.expect("it starts"),
            programs,
            person: Person::new(),
        }
    }

    /// A command as a reader's shell runs it. What it says goes to one place, as on a terminal.
    fn shell(&self, command: &str) -> Walkthrough {
        let command = command
            .replace("https://crm.example.com", self.crm.url())
            .replace("https://staging.example.com", self.staging.url())
            .replace("https://new.example.com", self.new.url());
        let path = format!("{}:/usr/bin:/bin", self.programs.path().display());
        self.person
            .in_home(Walkthrough::of_program(Path::new("/bin/sh")))
            .args(["-c", &format!("cd && {{ {command}; }} 2>&1")])
            .env("PATH", &path)
            .env("SUGAR_CONSUMER_SECRET", SECRET)
            .env("SUGAR_PASSWORD", SECRET)
    }

    /// Runs it; a login is authorized by the browser's callback.
    fn run(&self, command: &str) -> Ended {
        let by_browser = command.contains(" login ") && !command.contains("--api v11");
        if !by_browser {
            return self.shell(command).run();
        }
        let sandbox = match command.contains("staging.example.com") {
            true => &self.staging,
            false => &self.crm,
        };
        let running = self.shell(command).start();
        let token = token(&running.output);
        let verifier = sandbox.approve(&token).expect("a request token");
        let requests = sandbox.requests();
        let callback = requests
            .iter()
            .rev()
            .find_map(|request| request.parameter("oauth_callback"));
        get(&format!(
            "{}?oauth_verifier={verifier}&oauth_token={token}",
            callback.expect("a callback")
        ));
        running.finish()
    }

    /// What it printed, with the page's names in the place of this test's.
    fn told(&self, output: &str) -> String {
        let home = self.person.home().display().to_string();
        output
            .replace(self.crm.url(), "https://crm.example.com")
            .replace(&name_of(&self.crm), "crm.example.com")
            .replace(&home, "/home/you")
    }
}

#[tokio::test]
async fn the_commands_of_every_page_run() {
    let mut count = 0;
    for page in pages::all() {
        let commands = page
            .commands()
            .into_iter()
            .filter(|command| command.starts_with("sugar-oauth "));
        let places = Places::new().await;
        for command in commands {
            let ended = places.run(&command);
            assert_eq!(
                ended.status,
                Some(0),
                "{}: `{command}`\n{}",
                page.path.display(),
                ended.output
            );
            ended.tells_no_secret(&[SECRET.to_owned()]);
            count += 1;
        }
    }
    assert!(count > 5, "only {count} commands were found");
}

/// A line with what differs from run to run made alike: a token, a time, how fast it was.
fn without_chance(line: &str) -> String {
    let line = match line.split_once("&token=") {
        Some((before, _)) => format!("{before}&token="),
        None => line.to_owned(),
    };
    if line.starts_with("since ") {
        return String::from("since");
    }
    let digits = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let parts = line.split(", ").map(|part| match part {
        part if digits(part) && part.ends_with(" a second") => "N a second",
        part if digits(part) && part.contains(" s; ") => part.split_once(" s; ").map_or(part, |(_, rest)| rest),
        part => part,
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn the_readme_s_demonstration_is_what_happens() {
    let blocks = Page::read("README.md").blocks();
    let demonstration = blocks
        .iter()
        .find(|block| block.language == "text" && block.text.starts_with("$ sugar-oauth"));
    let demonstration = demonstration.expect("a demonstration");
    let places = Places::new().await;
    let mut count = 0;
    for part in demonstration.text.split("$ ").filter(|part| !part.is_empty()) {
        let (command, expected) = part.split_once('\n').expect("a command");
        let ended = places.run(command);
        assert_eq!(ended.status, Some(0), "{command}\n{}", ended.output);
        let told = places.told(&ended.output);
        let alike = |text: &str| text.lines().map(without_chance).collect::<Vec<_>>();
        assert_eq!(alike(&told), alike(expected), "{command}");
        count += 1;
    }
    assert!(count >= 3, "only {count} commands were found");
}
