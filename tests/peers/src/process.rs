//! Programs that run beside a test and end with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// How long a program may take to say that it is ready: far more than it needs.
const READY: Duration = Duration::from_secs(60);

/// A program in the background. Dropping it kills it.
pub struct Background {
    child: Child,
    output: Arc<Mutex<String>>,
}

impl Background {
    /// Starts `command` and waits for a line of its output, either stream, from which `ready` makes something.
    ///
    /// # Panics
    /// When the program cannot be started, ends, or does not say that it is ready; with its output.
    pub fn start<T>(mut command: Command, ready: impl Fn(&str) -> Option<T>) -> (Background, T) {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let (sender, lines) = mpsc::channel();
        let output = Arc::new(Mutex::new(String::new()));
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("stdout is piped")),
            Box::new(child.stderr.take().expect("stderr is piped")),
        ];
        for stream in streams {
            let (sender, output) = (sender.clone(), output.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let mut output = output.lock().expect("no reader panics");
                    output.push_str(&line);
                    output.push('\n');
                    // Nobody listens any more once the program is ready.
                    let _ = sender.send(line);
                }
            });
        }
        drop(sender);
        let background = Background { child, output };
        loop {
            match lines.recv_timeout(READY) {
                Ok(line) => {
                    if let Some(found) = ready(&line) {
                        return (background, found);
                    }
                }
                Err(_) => panic!("{command:?} did not become ready; it said:\n{}", background.output()),
            }
        }
    }

    /// What the program has written so far.
    pub fn output(&self) -> String {
        self.output.lock().expect("no reader panics").clone()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Gives `lines` to a program that answers each with a line of its own, and returns the answers.
///
/// # Panics
/// When it fails or answers another number of lines; with what it wrote to stderr.
pub fn ask(mut command: Command, lines: &[String]) -> Vec<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = lines.join("\n") + "\n";
    // Written beside the reading, or both sides could wait for each other with full pipes.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the program's output can be read");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed ({}):\n{stderr}",
        output.status
    );
    writer
        .join()
        .expect("the writer does not panic")
        .expect("the program reads all lines");
    let answers: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        answers.len(),
        lines.len(),
        "{command:?} answers a line for a line:\n{stderr}"
    );
    answers
}
