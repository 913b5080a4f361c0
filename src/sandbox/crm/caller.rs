//! Who calls, and when.

/// The user of a session, and the time of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The user's id.
    pub(crate) user: String,
    /// Whether the user's role shows only records that are assigned to the user.
    pub(crate) owner_only: bool,
    /// The server's time, `YYYY-MM-DD hh:mm:ss` in UTC.
    pub(crate) now: String,
}
