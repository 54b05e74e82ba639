//! The terminal of this process: as it is while somebody types commands, and raw while a program elsewhere
//! gets every key.

use std::io::{self, IsTerminal as _, stdin};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// Whether standard input is a terminal.
pub fn has_terminal() -> bool {
    stdin().is_terminal()
}

/// Rows and columns of the terminal, if there is one.
pub fn size() -> Option<(u32, u32)> {
    let size = tcgetwinsize(stdin()).or_else(|_| tcgetwinsize(io::stdout())).ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then(|| (size.ws_row.into(), size.ws_col.into()))
}

/// A raw terminal for as long as this lives, whichever way it ends.
pub(super) struct Raw {
    before: Termios,
}

impl Raw {
    /// `None` where standard input is no terminal.
    ///
    /// # Errors
    /// The terminal can't be set.
    pub(super) fn enter() -> io::Result<Option<Self>> {
        if !has_terminal() {
            return Ok(None);
        }
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        Ok(Some(Self { before }))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Nothing better is left to do about a terminal that has gone.
        tcsetattr(stdin(), OptionalActions::Drain, &self.before).ok();
    }
}
