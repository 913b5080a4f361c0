//! HTTP/1 on a socket that we hold ourselves: an answer can be cut, stalled or reset at any byte,
//! and looks as Apache would write it.

mod connection;
mod read;
mod response;

pub(crate) use connection::serve;
pub(crate) use response::{Body, Cut, Ending, Response};
