//! A person at a terminal: Ctrl-C, lines that are typed or pasted, secrets without echo, columns. Shared with the example
//! `walkthrough`, so it knows nothing of either program.

mod authorization;
mod hidden;
mod interrupt;
mod lines;
mod table;

pub use authorization::{Authorization, Event, NoToken};
pub use hidden::{NotTyped, hidden_prompt};
pub use interrupt::{Interrupt, Interrupted};
pub use lines::Lines;
pub use table::{cell, columns, pad};
