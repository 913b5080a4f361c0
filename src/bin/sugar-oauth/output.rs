//! What is printed: results on standard output, for people or as JSON; everything said on the way on standard error.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use serde_json::Value;
use sugar_oauth::printable;

use crate::failure::Failure;
use crate::terminal::{pad, wants_colours};

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const YELLOW: &str = "33";

/// Both outputs, each with or without colours.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
    colours: bool,
    colours_of_notes: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self {
            json,
            colours: !json && wants_colours(io::stdout().is_terminal()),
            colours_of_notes: wants_colours(io::stderr().is_terminal()),
        }
    }

    /// Whether results are JSON.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line of the result. Server text in it has to be escaped already.
    ///
    /// # Errors
    /// When nobody reads any more, as all of these functions.
    pub fn line(self, text: impl Display) -> Result<(), Failure> {
        write(&format!("{text}\n"))
    }

    /// A heading over lines of the result.
    pub fn heading(self, text: impl Display) -> Result<(), Failure> {
        self.line(paint(self.colours, BOLD, &text.to_string()))
    }

    /// A name and what it stands for. Escapes the value.
    pub fn pair(self, name: &str, value: &str) -> Result<(), Failure> {
        let name = paint(self.colours, DIM, &pad(name, 14));
        self.line(format!("{name} {}", printable(value)))
    }

    /// A value as one line of JSON, exact.
    pub fn json(self, value: &Value) -> Result<(), Failure> {
        self.json_text(&value.to_string())
    }

    /// Lines of JSON. What could move a cursor or reorder a line is written as an escape, which reads as the same value.
    pub fn json_text(self, text: &str) -> Result<(), Failure> {
        let mut safe = String::with_capacity(text.len() + 1);
        for character in text.chars() {
            if character != '\n' && is_unsafe_to_show(character) {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    safe.push_str(&format!("\\u{unit:04x}"));
                }
            } else {
                safe.push(character);
            }
        }
        if !safe.ends_with('\n') {
            safe.push('\n');
        }
        write(&safe)
    }

    /// Something to know on the way.
    pub fn note(self, text: impl Display) {
        // Nobody listens: no reason to stop half-way.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Something to mind.
    pub fn warn(self, text: impl Display) {
        self.note(format!("{} {text}", paint(self.colours_of_notes, YELLOW, "!")));
    }

    /// Asks for something on this line.
    pub fn ask(self, text: impl Display) {
        let mut output = io::stderr().lock();
        let _ = write!(output, "{text} ").and_then(|()| output.flush());
    }

    /// The one error at the end.
    pub fn error(self, failure: &Failure) {
        if self.json {
            self.note(failure.to_json());
        } else {
            self.note(format!("{}: {failure}", paint(self.colours_of_notes, RED, "error")));
        }
    }
}

/// Whether a character is one that `printable` escapes.
fn is_unsafe_to_show(character: char) -> bool {
    !matches!(character, ' '..='~') && !printable(character.encode_utf8(&mut [0; 4])).starts_with(character)
}

fn write(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(Failure::failed(format!(
            "the output cannot be written: {}",
            error.kind()
        ))),
    }
}

fn paint(colours: bool, colour: &str, text: &str) -> String {
    match colours {
        true => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}
