//! Ctrl-C, noticed between and within the steps so that an open session can be closed.

use super::failure::Failure;
pub use super::terminal::Interrupt;
use super::terminal::Interrupted;

impl From<Interrupted> for Failure {
    fn from(_: Interrupted) -> Self {
        Failure::interrupted()
    }
}
