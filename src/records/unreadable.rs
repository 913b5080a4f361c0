//! Failures that a single record can cause.

use crate::error::{Error, ErrorKind};

/// Whether the failure may lie in one record, rather than in the session, the question or the way.
pub(super) fn may_be_a_record(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Timeout
            | ErrorKind::HttpStatus
            | ErrorKind::InvalidAnswer
            | ErrorKind::NotTheApi
            | ErrorKind::TooLarge
            | ErrorKind::Connect
    )
}
