//! The examples as people run them: as processes, with an environment of their own.
#![allow(dead_code, reason = "each test file uses a part of this")]

mod program;
pub mod server;
#[cfg(target_os = "linux")]
pub mod terminal;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use program::program;
use sugar_oauth::sandbox::Sandbox;
use tempfile::TempDir;

/// No single thing that a test waits for takes this long, on the slowest machine.
pub const LIMIT: Duration = Duration::from_secs(120);
/// The secret that tests give where none has to be right.
pub const SECRET: &str = "s3cr3t-of-the-test-9f81";
pub const KEY: &str = "key-of-the-test";

/// A run to be: arguments, environment, and a folder of its own to save into.
pub struct Walkthrough {
    command: Command,
    folder: TempDir,
    secrets: Vec<String>,
}

impl Walkthrough {
    /// Without arguments, variables and input.
    pub fn new() -> Self {
        Self::of("walkthrough")
    }

    /// The same for another example.
    pub fn of(example: &str) -> Self {
        Self::of_program(&program(example))
    }

    /// The same for any program.
    pub fn of_program(program: &Path) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", folder.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            command,
            folder,
            secrets: vec![SECRET.to_owned()],
        }
    }

    /// For an instance: a URL, a key and a secret, and a file to save into.
    pub fn at(url: &str) -> Self {
        Self::new()
            .args(["--url", url, "--consumer-key", KEY])
            .env("SUGAR_CONSUMER_SECRET", SECRET)
            .saving()
    }

    /// For a sandbox in the test, as if it were a real instance.
    pub fn on(sandbox: &Sandbox) -> Self {
        let mut walkthrough = Self::new()
            .args(["--url", sandbox.url(), "--consumer-key", sandbox.consumer_key()])
            .env("SUGAR_CONSUMER_SECRET", sandbox.consumer_secret())
            .saving();
        walkthrough.secrets.push(sandbox.consumer_secret().to_owned());
        walkthrough.secrets.push(sandbox.password().to_owned());
        walkthrough
    }

    pub fn args<I: IntoIterator<Item = S>, S: Into<OsString>>(mut self, arguments: I) -> Self {
        self.command.args(arguments.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// After a command of the shell that changes what the program may do: `umask`, `ulimit`.
    pub fn under(mut self, limit: &str) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("{limit}; exec \"$0\" \"$@\"")]);
        shell
            .arg(self.command.get_program())
            .args(self.command.get_args())
            .env_clear();
        shell.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = shell;
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self
    }

    /// Something else that must not be printed.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    fn saving(self) -> Self {
        let file = self.saved_file();
        self.args(["--save".into(), file.into_os_string()])
    }

    /// Where `--save` puts its file.
    pub fn saved_file(&self) -> PathBuf {
        self.folder.path().join("kept.env")
    }

    /// Starts it with a pipe as its input.
    pub fn start(mut self) -> Running {
        let mut child = self.command.stdin(Stdio::piped()).spawn().expect("the program starts");
        let output = Output::read(child.stdout.take().expect("a pipe"));
        let errors = Output::read(child.stderr.take().expect("a pipe"));
        Running {
            input: child.stdin.take(),
            child,
            output,
            errors,
            folder: self.folder,
            secrets: self.secrets,
        }
    }

    /// Starts it with an output that nobody reads, as `| head` leaves behind.
    pub fn start_unread(mut self) -> Child {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        self.command.stdout(writer).spawn().expect("the program starts")
    }

    /// Runs it to its end, with nothing to read.
    pub fn run(self) -> Ended {
        let mut running = self.start();
        running.end_input();
        running.finish()
    }
}

/// What a process writes, as it comes.
pub struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Output {
    pub fn read(mut from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = text.clone();
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = from.read(&mut buffer) {
                kept.lock().expect("no panic").extend_from_slice(&buffer[..read]);
            }
        });
        Self { text, reader }
    }

    pub fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().expect("no panic")).into_owned()
    }

    pub fn whole(self) -> String {
        self.reader.join().expect("no panic");
        String::from_utf8(std::mem::take(&mut *self.text.lock().expect("no panic"))).expect("UTF-8")
    }

    /// Waits until it holds a text.
    pub fn wait_for(&self, wanted: &str) -> String {
        let started = Instant::now();
        loop {
            let text = self.so_far();
            if text.contains(wanted) {
                return text;
            }
            assert!(started.elapsed() < LIMIT, "no {wanted:?} in time in:\n{text}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A running example.
pub struct Running {
    pub child: Child,
    pub output: Output,
    pub errors: Output,
    input: Option<ChildStdin>,
    folder: TempDir,
    secrets: Vec<String>,
}

impl Running {
    pub fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{line}").expect("it reads");
    }

    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Waits for the authorize URL, which stands on a line of its own, and gives it and the token in it.
    pub fn authorize_url(&self) -> (String, String) {
        let text = self.output.wait_for("Waiting up to");
        let line = text
            .lines()
            .find(|line| line.starts_with("http"))
            .expect("a URL on a line of its own");
        let token = line.split_once("&token=").expect("a token in it").1;
        (line.to_owned(), token.to_owned())
    }

    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("/bin/kill").args(["-INT", &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Ended {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            if started.elapsed() > LIMIT {
                let _ = self.child.kill();
                panic!("it does not end:\n{}", self.output.so_far());
            }
            thread::sleep(Duration::from_millis(10));
        };
        Ended {
            status: status.code(),
            output: self.output.whole(),
            errors: self.errors.whole(),
            folder: self.folder,
            secrets: self.secrets,
        }
    }
}

/// How a run ended.
pub struct Ended {
    pub status: Option<i32>,
    pub output: String,
    pub errors: String,
    folder: TempDir,
    secrets: Vec<String>,
}

impl Ended {
    /// Whether it failed as it should: this status, one error on standard error that holds these texts and says what to
    /// try, no secret anywhere, nothing written.
    #[track_caller]
    pub fn failed(&self, status: i32, texts: &[&str]) {
        self.failed_without_advice(status, texts);
        assert!(self.errors.contains("\n  Try"), "nothing to try: {}", self.errors);
    }

    #[track_caller]
    pub fn failed_without_advice(&self, status: i32, texts: &[&str]) {
        let all = self.all();
        assert_eq!(self.status, Some(status), "{all}");
        assert!(self.errors.starts_with("error: "), "{all}");
        assert_eq!(self.errors.matches("error: ").count(), 1, "more than one error: {all}");
        assert!(!self.output.contains("error: "), "an error on standard output: {all}");
        assert!(self.errors.lines().count() <= 8, "too long: {all}");
        for text in texts {
            assert!(self.errors.contains(text), "no {text:?} in: {all}");
        }
        self.tells_no_secret(&[]);
        self.wrote_nothing();
    }

    /// The same for a run that says things on standard error before its error.
    #[track_caller]
    pub fn failed_besides_notes(&self, status: i32, text: &str) {
        assert_eq!(self.status, Some(status), "{}", self.all());
        let error = self.errors.split("error: ").nth(1).unwrap_or_default();
        assert!(error.contains(text) && error.contains("\n  Try"), "{}", self.all());
        self.tells_no_secret(&[]);
    }

    #[track_caller]
    pub fn succeeded(&self) {
        assert_eq!(self.status, Some(0), "{}", self.all());
        assert_eq!(self.errors, "", "{}", self.all());
        self.tells_no_secret(&[]);
    }

    /// Neither the secrets of this run nor these stand in its output, nor a panic.
    #[track_caller]
    pub fn tells_no_secret(&self, more: &[String]) {
        let all = self.all();
        for secret in self.secrets.iter().chain(more) {
            assert!(!all.contains(secret.as_str()), "{secret} stands in: {all}");
        }
        assert!(!all.contains("panicked"), "{all}");
    }

    /// Neither a file nor a part of one.
    #[track_caller]
    pub fn wrote_nothing(&self) {
        let there: Vec<_> = std::fs::read_dir(self.folder.path())
            .expect("the folder is there")
            .collect();
        assert!(there.is_empty(), "{there:?}");
    }

    pub fn saved_file(&self) -> PathBuf {
        self.folder.path().join("kept.env")
    }

    fn all(&self) -> String {
        format!(
            "{:?}\n--- output\n{}\n--- errors\n{}",
            self.status, self.output, self.errors
        )
    }
}

/// All that the sandbox has given out or taken in that is secret.
pub fn secrets_of(sandbox: &Sandbox) -> Vec<String> {
    let state = sandbox.state();
    let mut secrets = vec![sandbox.consumer_secret().to_owned()];
    secrets.extend(
        state
            .request_tokens
            .into_iter()
            .flat_map(|token| [Some(token.secret), token.verifier])
            .flatten(),
    );
    secrets.extend(
        state
            .access_tokens
            .into_iter()
            .flat_map(|token| [token.token, token.secret]),
    );
    for request in sandbox.requests() {
        secrets.extend(request.parameter("oauth_verifier"));
        secrets.extend(request.parameter("oauth_signature"));
        let session = request
            .rest_data()
            .and_then(|data| Some(data.get("session")?.as_str()?.to_owned()));
        secrets.extend(session);
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets
}
