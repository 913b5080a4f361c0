//! What the person sees: plain lines, and colours where a terminal has them.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use sugar_oauth::printable;
use sugar_oauth::v4_1::AvailableModule;

use crate::common::terminal::{cell, columns, pad, wants_colours};

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BLUE: &str = "36";

/// The widest cell of a table, in columns.
const WIDEST: usize = 36;

/// Standard output, with or without colours.
#[derive(Clone, Copy)]
pub struct Screen {
    colours: bool,
    step: usize,
    once: Option<&'static str>,
}

impl Screen {
    pub fn new() -> Self {
        Self {
            colours: wants_colours(io::stdout().is_terminal()),
            step: 0,
            once: None,
        }
    }

    pub fn title(&self, text: &str) {
        self.line(&self.paint(BOLD, text));
    }

    /// The heading of the next step.
    pub fn step(&mut self, text: &str) {
        self.step += 1;
        let number = self.paint(BLUE, &format!("{}", self.step));
        self.line(&format!("\n{number}  {}", self.paint(BOLD, text)));
    }

    /// The heading of the next step, unless it is there already.
    pub fn step_once(&mut self, text: &'static str) {
        if self.once != Some(text) {
            self.once = Some(text);
            self.step(text);
        }
    }

    /// Where the walk is, for an error.
    pub fn at_step(&self) -> String {
        match self.step {
            0 => String::from(" before the first step"),
            step => format!(" at step {step}"),
        }
    }

    pub fn text(&self, text: &str) {
        self.write(text);
    }

    /// What is sent.
    pub fn sent(&self, text: impl Display) {
        self.line(&format!("   {} {text}", self.paint(BLUE, "→")));
    }

    /// What came back.
    pub fn came(&self, text: impl Display) {
        self.line(&format!("   {} {text}", self.paint(GREEN, "←")));
    }

    /// Something to know.
    pub fn note(&self, text: impl Display) {
        self.line(&format!("     {text}"));
    }

    /// Something to mind.
    pub fn warn(&self, text: impl Display) {
        self.line(&format!("   {} {text}", self.paint(YELLOW, "!")));
    }

    /// A name and what it stands for, below what was sent or came. Escapes the value.
    pub fn pair(&self, name: &str, value: &str) {
        let name = format!("{name:<23}");
        self.line(&format!("     {} {}", self.paint(DIM, &name), printable(value)));
    }

    pub fn dim(&self, text: impl Display) {
        self.line(&format!("     {}", self.paint(DIM, &text.to_string())));
    }

    /// A line by itself, for people and scripts to copy.
    pub fn alone(&self, text: &str) {
        self.line(&format!("\n{text}\n"));
    }

    /// Asks for something on this line.
    pub fn prompt(&self, text: &str) {
        self.write(&format!("     {text} "));
    }

    pub fn blank(&self) {
        self.line("");
    }

    /// The modules as a table: their names, and what the user may do.
    pub fn modules(&self, modules: &[AvailableModule]) {
        const ACTIONS: [&str; 4] = ["list", "view", "edit", "delete"];
        let rows: Vec<[String; 2]> = modules
            .iter()
            .map(|module| [cell(&module.key, WIDEST), cell(&module.label, WIDEST)])
            .collect();
        let width = |column: usize, title: &str| {
            let widths = rows.iter().map(|row| columns(&row[column]));
            widths.max().unwrap_or(0).max(columns(title))
        };
        let (first, second) = (width(0, "Module"), width(1, "Label"));
        let head = format!(
            "{}  {}  {}",
            pad("Module", first),
            pad("Label", second),
            ACTIONS.join("  ")
        );
        self.blank();
        self.note(self.paint(BOLD, &head));
        for (row, module) in rows.iter().zip(modules) {
            let rights: Vec<String> = ACTIONS
                .iter()
                .map(|action| {
                    let mark = match module.allows(action) {
                        Some(true) => "yes",
                        Some(false) => "no",
                        None => "?",
                    };
                    format!("{mark:<width$}", width = action.len())
                })
                .collect();
            let line = format!(
                "{}  {}  {}",
                pad(&row[0], first),
                pad(&row[1], second),
                rights.join("  ")
            );
            self.note(line.trim_end());
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colours {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn line(&self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    /// Whoever reads may have gone (`| head`): that is no reason to stop half-way through a walk.
    fn write(&self, text: &str) {
        let mut output = io::stdout().lock();
        let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    }
}

/// The one error, on standard error.
pub fn error(text: &str) {
    let colours = wants_colours(io::stderr().is_terminal());
    let word = if colours {
        format!("\u{1b}[{RED}merror\u{1b}[0m")
    } else {
        String::from("error")
    };
    let _ = writeln!(io::stderr(), "{word}: {text}");
}

/// The beginning of a secret, enough to tell two apart and no more.
pub fn shortened(secret: &str) -> String {
    let shown = if secret.chars().count() >= 12 { 4 } else { 0 };
    let mut text: String = secret.chars().take(shown).collect();
    text.push('…');
    text
}
