//! Every command that a page tells the reader to type is listed here with what checks it.
#![cfg(unix)]

#[path = "support/pages.rs"]
mod pages;
#[path = "support/raw_http.rs"]
mod raw_http;

use pages::{Page, read, root};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use sugar_oauth::sandbox::{Flavour, Sandbox};

/// What the pages call the reader's instance and key.
const URL: &str = "https://crm.example.com";
const KEY: &str = "CUSTOMKEY";
/// And the instance that they move to, with its platform.
const NEW_URL: &str = "https://new.example.com";
const PLATFORM: &str = "data_migration";

/// No single step takes this long, a build of an example included.
const LIMIT: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Checked {
    /// Here: it ends well, with a sandbox in the place of the reader's instance.
    Run,
    /// Here: it answers at the address that it prints.
    Serves,
    /// Here: what it sends gets the server's version back.
    Sent,
    /// It cannot be run inside itself: `.ci/run` has this line.
    ByCi(&'static str),
    /// The program itself: `tests/cli/docs.rs`, which `.ci/run` runs, runs every such command of every page.
    ByProgram,
    /// It needs a program that Rust does not bring: this test, which `.ci/run` runs, has it.
    ByPeer(&'static str),
    /// It needs a toolchain that no other test needs, and ten minutes: by hand. The file is there.
    ByHand(&'static str),
}

const COMMANDS: &[(&str, Checked)] = &[
    ("cargo run --example walkthrough", Checked::Run),
    ("cargo test", Checked::ByCi("step cargo test")),
    ("cargo test --test conformance", Checked::ByCi("step conformance")),
    ("export SUGAR_URL=https://crm.example.com", Checked::Run),
    ("export SUGAR_CONSUMER_KEY=CUSTOMKEY", Checked::Run),
    ("cargo run --example walkthrough -- --save crm.env", Checked::Run),
    (". ./crm.env", Checked::Run),
    ("cargo run --example signed_call", Checked::Run),
    ("cargo run --example walkthrough -- --help", Checked::Run),
    ("cargo run --example web_app", Checked::Serves),
    ("cargo run --example sandbox", Checked::Serves),
    (
        "curl --data \"method=get_server_info&input_type=JSON&response_type=JSON&rest_data=[]\" https://crm.example.com/service/v4_1/rest.php",
        Checked::Sent,
    ),
    (
        "cargo run --example walkthrough -- --url https://crm.example.com --consumer-key CUSTOMKEY --explain",
        Checked::Run,
    ),
    ("cargo run --example export -- --plan", Checked::Run),
    (
        "cargo run --example export -- Accounts Contacts --out crm-export --sessions 2 --links",
        Checked::Run,
    ),
    ("cargo run --example changes", Checked::Run),
    (
        "cargo run --example changes -- Contacts --once --state contacts.state",
        Checked::Run,
    ),
    (
        "cargo run --example export -- --links --files --out crm-export",
        Checked::Run,
    ),
    ("cargo run --example migrate", Checked::Run),
    ("cargo run --example migrate -- --print-map", Checked::Run),
    ("export SUGAR_TARGET_URL=https://new.example.com", Checked::Run),
    ("export SUGAR_TARGET_USER=admin", Checked::Run),
    ("export SUGAR_TARGET_PLATFORM=data_migration", Checked::Run),
    (
        "cargo run --example migrate -- --dry-run --ledger crm.ledger",
        Checked::Run,
    ),
    (
        "cargo run --example migrate -- --unmapped leave --ledger crm.ledger",
        Checked::Run,
    ),
    (
        "cargo install --path . --features cli",
        Checked::ByCi("step cargo install --path . --features cli --root target/installed --debug --locked"),
    ),
    ("stunnel crm-tls.conf", Checked::ByPeer("tests/peers/tests/stunnel.rs")),
    ("tests/fuzz/run pages 600", Checked::ByHand("tests/fuzz/run")),
];

fn checked(command: &str) -> Checked {
    if command.starts_with("sugar-oauth ") {
        return Checked::ByProgram;
    }
    let row = COMMANDS.iter().find(|(listed, _)| *listed == command);
    row.unwrap_or_else(|| panic!("no test knows `{command}`")).1
}

/// A shell or a program in it, with its output line by line; it does not outlive the test.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(script: &str, secrets: &[(&str, &str)]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", script]).current_dir(root());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            // What cargo tells a test about itself would make the cargo in the script build anew.
            let of_this_test = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "SUGAR_"];
            let single = [
                "CARGO_CRATE_NAME",
                "CARGO_PRIMARY_PACKAGE",
                "CARGO_TARGET_TMPDIR",
                "CARGO",
            ];
            if of_this_test.iter().any(|start| name.starts_with(start)) || single.contains(&&*name) {
                shell.env_remove(&*name);
            }
        }
        shell.envs(secrets.iter().copied());
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = shell.spawn().expect("a shell");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line; `None` at the end of the output.
    fn line(&self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it says nothing any more"),
        }
    }

    fn type_line(&mut self, text: &str) {
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{text}").expect("it reads");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_command_of_every_page_is_listed() {
    let pages = pages::all();
    let commands: Vec<String> = pages.iter().flat_map(Page::commands).collect();
    for command in &commands {
        match checked(command) {
            Checked::ByCi(line) => assert!(read(".ci/run").lines().any(|own| own == line), "{line}"),
            Checked::ByPeer(test) => assert!(read(test).contains("docs/troubleshooting.md"), "{test}"),
            Checked::ByHand(file) => assert!(command.starts_with(file) && root().join(file).is_file(), "{file}"),
            Checked::ByProgram => assert!(read("tests/cli/docs.rs").contains("\"sugar-oauth \"")),
            Checked::Run | Checked::Serves | Checked::Sent => {}
        }
    }
    for (listed, _) in COMMANDS {
        assert!(
            commands.iter().any(|command| command == listed),
            "no page has `{listed}`"
        );
    }
}

/// Runs those of a page's commands that end by themselves, in one shell, as a reader does.
async fn run_commands_of(page: &str) -> Vec<String> {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let new = Sandbox::builder().flavour(Flavour::Sugar11).platform(PLATFORM).start();
    let new = new.await.expect("a sandbox");
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path().join("crm.ledger").display().to_string();
    let kept = folder.path().join("crm.env").display().to_string();
    let exported = folder.path().join("crm-export").display().to_string();
    let state = folder.path().join("contacts.state").display().to_string();
    let script: Vec<String> = Page::read(page)
        .commands()
        .into_iter()
        .filter(|command| checked(command) == Checked::Run)
        .map(|command| command.replace(URL, sandbox.url()).replace(KEY, sandbox.consumer_key()))
        .map(|command| command.replace(NEW_URL, new.url()))
        .map(|command| {
            command
                .replace("./crm.env", &kept)
                .replace(" crm.env", &format!(" {kept}"))
                .replace(" crm-export", &format!(" {exported}"))
                .replace(" contacts.state", &format!(" {state}"))
                .replace(" crm.ledger", &format!(" {ledger}"))
        })
        .collect();
    let mut program = Program::start(
        &script.join("\n"),
        &[
            ("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret()),
            ("SUGAR_TARGET_PASSWORD", new.password()),
        ],
    );
    let mut lines = Vec::new();
    while let Some(line) = program.line() {
        // The address that a person opens. Approved by the person's hand, the page shows the code to paste.
        if let Some((address, token)) = line.split_once("&token=")
            && address.starts_with(sandbox.url())
        {
            let verifier = sandbox.approve(token).expect("a request token");
            program.type_line(&verifier);
        }
        lines.push(line);
    }
    let status = program.child.wait().expect("an end");
    assert!(
        status.success(),
        "{status}\n{}\n{}",
        script.join("\n"),
        lines.join("\n")
    );
    lines
}

#[tokio::test]
async fn the_commands_of_the_readme_run() {
    let lines = run_commands_of("README.md").await;
    let says = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(says("practice instance"), "the first command");
    assert!(says("Usage: cargo run --example walkthrough"), "its help");
}

#[tokio::test]
async fn the_commands_of_troubleshooting_run() {
    let lines = run_commands_of("docs/troubleshooting.md").await;
    assert!(
        lines.iter().any(|line| line.contains("&http%3A%2F%2F127.0.0.1")),
        "the base string"
    );
}

#[tokio::test]
async fn the_commands_of_the_records_page_run() {
    let lines = run_commands_of("docs/records.md").await;
    let says = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(says(" modules are left out."), "the plan: {lines:?}");
    assert!(says("The manifest tells the rest."), "the export: {lines:?}");
}

#[tokio::test]
async fn the_commands_of_the_page_on_moving_run() {
    let lines = run_commands_of("docs/moving.md").await;
    let says = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(says(" modules are left out."), "the plan: {lines:?}");
    assert!(says("The manifest tells the rest."), "the export: {lines:?}");
    assert!(
        !says("practice instance inside"),
        "not the reader's instance: {lines:?}"
    );
}

#[tokio::test]
async fn the_commands_of_the_page_on_migration_run() {
    let lines = run_commands_of("docs/migration.md").await;
    let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(
        count("between two practice instances inside"),
        1,
        "the first command: {lines:?}"
    );
    // The first command, the dry run, and what goes before the migration itself.
    assert_eq!(count("nothing has been written"), 3, "{lines:?}");
    assert_eq!(count("Done in "), 2, "{lines:?}");
    assert_eq!(count("[Accounts.fields]"), 1, "the map: {lines:?}");
}

#[test]
fn what_stays_up_answers_at_the_address_that_it_prints() {
    for (command, _) in COMMANDS.iter().filter(|(_, checked)| *checked == Checked::Serves) {
        let program = Program::start(&format!("exec {command}"), &[("SUGAR_CONSUMER_SECRET", "any")]);
        let address = loop {
            let line = program.line().unwrap_or_else(|| panic!("`{command}` ends"));
            if let Some((_, rest)) = line.split_once("http://") {
                break rest
                    .split(|end: char| !(end.is_ascii_digit() || end == '.' || end == ':'))
                    .next()
                    .map(str::to_owned);
            }
        };
        let answer = raw_http::get(&format!("http://{}", address.expect("an address")), "/", &[]);
        assert!(
            (200..400).contains(&answer.status()),
            "`{command}`: {}",
            answer.status_line
        );
    }
}

#[tokio::test]
async fn what_is_sent_by_hand_gets_the_version() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    for (command, _) in COMMANDS.iter().filter(|(_, checked)| *checked == Checked::Sent) {
        let mut quoted = command.split('"');
        assert_eq!(quoted.next(), Some("curl --data "));
        let body = quoted.next().expect("data");
        let target = quoted.next().expect("a URL").trim().replace(URL, "");
        let answer = raw_http::post(sandbox.url(), &target, &[], body);
        assert!(answer.json()["version"].is_string(), "{command}");
    }
}
