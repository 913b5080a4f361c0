//! The public surface as a reviewer of versions reads it: examples of everything, and what holds across `await` and
//! threads.

mod examples;
mod reader;
mod send;
