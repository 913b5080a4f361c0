//! A person at a terminal: Ctrl-C, lines that are typed or pasted, secrets without echo, columns, progress. Shared with
//! examples, so it knows nothing of any program.

mod authorization;
mod bar;
mod hidden;
mod interrupt;
mod lines;
mod table;
mod text;
mod width;

pub use authorization::{Authorization, Event, NoToken};
pub use bar::Bar;
pub use hidden::{NotTyped, hidden_prompt, secret_line};
pub use interrupt::{Interrupt, Interrupted};
pub use lines::Lines;
pub use table::{cell, columns, pad};
pub use text::{capitalised, reason, wants_colours, with_hints};
pub use width::width;
