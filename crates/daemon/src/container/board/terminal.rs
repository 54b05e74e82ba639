//! Pseudo terminals.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{Gid, Uid, fchown};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::super::logs::Owner;

/// The two ends of a terminal.
#[derive(Debug)]
pub struct Terminal {
    /// For whoever plays the screen and the keyboard.
    pub outer: OwnedFd,
    /// For the program.
    pub inner: OwnedFd,
}

/// Opens a terminal whose inner end belongs to `owner`.
///
/// # Errors
/// The kernel has no more of them.
pub fn open(owner: Option<Owner>) -> io::Result<Terminal> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let outer = openpt(flags)?;
    unlockpt(&outer)?;
    let inner = ioctl_tiocgptpeer(&outer, flags)?;
    if let Some(owner) = owner {
        fchown(&inner, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?;
    }
    Ok(Terminal { outer, inner })
}

/// Sets the size of a terminal by its outer end; its programs get SIGWINCH if that is another one.
///
/// # Errors
/// It is no terminal.
pub fn resize(outer: &OwnedFd, rows: u16, columns: u16) -> io::Result<()> {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    Ok(tcsetwinsize(outer, size)?)
}
