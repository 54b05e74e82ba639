//! The keys that leave a container without ending it: Ctrl-P, then Ctrl-Q.

const FIRST: u8 = 0x10;
const SECOND: u8 = 0x11;

/// Watches what is typed. A Ctrl-P is held back until it is known whether Ctrl-Q follows.
#[derive(Debug, Default)]
pub(super) struct Detach {
    held: bool,
}

impl Detach {
    /// What of `typed` is for the program, and whether it was left.
    pub(super) fn pass(&mut self, typed: &[u8]) -> (Vec<u8>, bool) {
        let mut passed = Vec::with_capacity(typed.len() + 1);
        for &byte in typed {
            if std::mem::take(&mut self.held) {
                if byte == SECOND {
                    return (passed, true);
                }
                passed.push(FIRST);
            }
            if byte == FIRST {
                self.held = true;
            } else {
                passed.push(byte);
            }
        }
        (passed, false)
    }

    /// What was held back, when nothing more comes.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        if std::mem::take(&mut self.held) { vec![FIRST] } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ctrl-P Ctrl-Q leaves, also in two pieces; a Ctrl-P that nothing of that kind follows is passed on.
    #[test]
    fn the_two_keys_leave_and_nothing_else_does() {
        let mut detach = Detach::default();
        assert_eq!(detach.pass(b"ls\n"), (b"ls\n".to_vec(), false));
        assert_eq!(detach.pass(b"a\x10b"), (b"a\x10b".to_vec(), false));
        assert_eq!(detach.pass(b"\x11\x10"), (b"\x11".to_vec(), false));
        assert_eq!(detach.pass(b"\x10"), (b"\x10".to_vec(), false));
        assert_eq!(detach.pass(b"\x11more"), (Vec::new(), true));
        assert_eq!(detach.pass(b"x\x10"), (b"x".to_vec(), false));
        assert_eq!(detach.rest(), b"\x10");
        assert_eq!(detach.rest(), b"");
    }
}
