//! How wide a terminal is.

/// The columns of the terminal behind an output now: people change them. `None` where it is none, or does not tell.
#[cfg(unix)]
pub fn width(of: impl std::os::fd::AsFd) -> Option<usize> {
    match rustix::termios::tcgetwinsize(of).ok()?.ws_col {
        0 => None,
        columns => Some(usize::from(columns)),
    }
}

#[cfg(not(unix))]
pub fn width<T>(_: T) -> Option<usize> {
    None
}
