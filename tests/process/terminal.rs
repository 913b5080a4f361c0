//! The walkthrough on a terminal of its own, as a person sits before it.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tempfile::TempDir;

use super::{LIMIT, Output, Walkthrough};

/// A pseudo-terminal with the walkthrough on it.
pub struct Terminal {
    person: File,
    child: Child,
    pub screen: Output,
    secrets: Vec<String>,
    _folder: TempDir,
}

impl Walkthrough {
    /// Starts it with a terminal as input, output and error, and as the one that Ctrl-C is typed at.
    pub fn on_terminal(self) -> Terminal {
        self.on_terminal_of(80)
    }

    /// The same on a terminal of so many columns.
    pub fn on_terminal_of(self, columns: u16) -> Terminal {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&person).and_then(|()| unlockpt(&person)).expect("a terminal");
        let name = ptsname(&person, Vec::new())
            .expect("its name")
            .into_string()
            .expect("UTF-8");
        let person = File::from(person);
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&person, size).expect("a terminal");
        // A session of its own, whose first terminal becomes the one that controls it.
        let mut command = Command::new(found("setsid"));
        command
            .arg(found("sh"))
            .args(["-c", r#"exec "$0" "$@" <"$TTY" >"$TTY" 2>"$TTY""#]);
        command.arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear().env("TERM", "xterm");
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("TTY", name);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Terminal {
            child: command.spawn().expect("setsid runs"),
            screen: Output::read(person.try_clone().expect("a terminal")),
            person,
            secrets: self.secrets,
            _folder: self.folder,
        }
    }

    /// A `PATH` of its own with these programs: a name, and a script or nothing for the machine's own.
    pub fn with_programs(self, programs: &[(&str, Option<&str>)]) -> Self {
        let folder = self.folder.path().join("programs");
        std::fs::create_dir(&folder).expect("a folder");
        for (name, script) in programs {
            let path = folder.join(name);
            match script {
                None => std::os::unix::fs::symlink(found(name), path).expect("a link"),
                Some(script) => write_script(&path, script),
            }
        }
        let path = folder.to_str().expect("UTF-8").to_owned();
        self.env("PATH", &path)
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

fn write_script(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it may run");
}

fn found(program: &str) -> PathBuf {
    let places = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(program));
    places
        .into_iter()
        .find(|path| path.exists())
        .expect("a program of every Linux")
}

impl Terminal {
    pub fn type_in(&mut self, text: &str) {
        self.person.write_all(text.as_bytes()).expect("the terminal is there");
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether typed text is shown, and Ctrl-C and Enter mean what they do.
    pub fn is_as_it_was(&self) -> bool {
        let modes = tcgetattr(self.person.as_fd()).expect("a terminal").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Waits for the authorize URL and gives the token in it.
    pub fn token(&self) -> String {
        let text = self.screen.wait_for("Waiting up to");
        let rest = text.split_once("&token=").expect("a token").1;
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    }

    /// Waits for its end: the status and all that stood on the screen.
    #[track_caller]
    pub fn finish(mut self) -> (Option<i32>, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status.code();
            }
            if started.elapsed() > LIMIT {
                let _ = self.child.kill();
                panic!("it does not end:\n{}", self.screen.so_far());
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        };
        drop(self.person);
        let screen = self.screen.whole();
        for secret in &self.secrets {
            assert!(
                !screen.contains(secret.as_str()),
                "{secret} stands on the screen:\n{screen}"
            );
        }
        (status, screen)
    }
}
