//! Tables for people: columns as wide as what stands in them, cut to the terminal.

use std::io::{self, IsTerminal};

use crate::failure::Failure;
use crate::output::Output;
use crate::terminal::{cell, columns, pad, width};

/// Between two columns.
const GAP: usize = 2;
/// The widest that a cell is where there is no terminal.
const WIDEST: usize = 80;
/// What a column keeps at least when a table is too wide.
const NARROWEST: usize = 8;

/// A column's name, and whether numbers stand in it.
#[derive(Debug, Clone)]
pub struct Column {
    name: String,
    is_number: bool,
}

impl Column {
    /// A column of texts.
    pub fn text(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_number: false,
        }
    }

    /// A column of numbers, which stand at its right.
    pub fn number(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_number: true,
        }
    }
}

/// Rows to print. Cells are server text: they are escaped here.
#[derive(Debug)]
pub struct Listing {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Listing {
    pub fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints names and rows. On a terminal no line is wider than it.
    pub fn print(&self, output: Output) -> Result<(), Failure> {
        let room = io::stdout()
            .is_terminal()
            .then(|| width(io::stdout()).unwrap_or(WIDEST));
        let widths = self.widths(room);
        let head: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        output.heading(self.line(&head, &widths))?;
        for row in &self.rows {
            output.line(self.line(row, &widths))?;
        }
        Ok(())
    }

    /// The columns' widths: what the widest cell needs, the widest columns less where that is too much.
    fn widths(&self, room: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.rows.iter().filter_map(|row| row.get(at));
                let names = std::iter::once(&self.columns[at].name);
                let wide = |text: &String| columns(&cell(text, WIDEST));
                cells.chain(names).map(wide).max().unwrap_or_default()
            })
            .collect();
        let Some(room) = room else { return widths };
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > room {
            match widths.iter_mut().max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                _ => break,
            }
        }
        // What still has no room is cut off at the right, a column at a time.
        let mut used = 0;
        for wide in &mut widths {
            *wide = (*wide).min(room.saturating_sub(used));
            used += *wide + GAP;
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (at, (column, &wide)) in self.columns.iter().zip(widths).enumerate() {
            if wide == 0 {
                break;
            }
            if at > 0 {
                line.push_str(&" ".repeat(GAP));
            }
            let text = cell(cells.get(at).map_or("", String::as_str), wide);
            if column.is_number {
                line.push_str(&" ".repeat(wide.saturating_sub(columns(&text))));
                line.push_str(&text);
            } else {
                line.push_str(&pad(&text, wide));
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let mut listing = Listing::new(vec![Column::text("name"), Column::number("count")]);
        listing.row(["Accounts\u{1b}[2J".repeat(6), String::from("58")]);
        listing.row([String::from("株式会社"), String::from("12345678")]);
        listing
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let listing = listing();
        for room in 1..120 {
            let widths = listing.widths(Some(room));
            for row in &listing.rows {
                let line = listing.line(row, &widths);
                assert!(columns(&line) <= room, "{room}: {line}");
                assert!(!line.contains('\u{1b}'), "{line}");
            }
        }
    }

    #[test]
    fn numbers_stand_at_the_right() {
        let listing = listing();
        let lines: Vec<String> = listing.rows.iter().map(|row| listing.line(row, &[8, 8])).collect();
        assert_eq!(lines, ["Account…        58", "株式会社  12345678"]);
    }
}
