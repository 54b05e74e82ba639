//! A display that changes: redrawn on a terminal, a line per change elsewhere.

use super::table::{cut, one_line};
use super::{raw_talk, stderr_width, talk};

/// Lines on stderr that replace each other.
#[derive(Debug)]
pub struct Progress {
    /// `None` where stderr is no terminal.
    width: Option<usize>,
    drawn: usize,
    last_plain: String,
}

impl Progress {
    /// For the process' stderr.
    pub fn new() -> Self {
        Self { width: stderr_width(), drawn: 0, last_plain: String::new() }
    }

    /// Whether lines replace each other, so that showing them often makes sense.
    pub fn is_live(&self) -> bool {
        self.width.is_some()
    }

    /// Shows `lines` on a terminal. Elsewhere prints `plain` if it is not what was printed last.
    pub fn show(&mut self, lines: &[String], plain: &str) {
        let Some(width) = self.width else {
            if plain != self.last_plain {
                talk(&one_line(plain));
                plain.clone_into(&mut self.last_plain);
            }
            return;
        };
        let mut text = self.back();
        for line in lines {
            text.push_str(&cut(&one_line(line), width.saturating_sub(1)));
            // Clears what the last picture had there.
            text.push_str("\u{1b}[K\n");
        }
        text.push_str("\u{1b}[J");
        raw_talk(&text);
        self.drawn = lines.len();
    }

    /// Takes the display away, for a last word in its place.
    pub fn clear(&mut self) {
        if self.drawn > 0 {
            raw_talk(&format!("{}\u{1b}[J", self.back()));
            self.drawn = 0;
        }
    }

    fn back(&self) -> String {
        if self.drawn == 0 { String::new() } else { format!("\u{1b}[{}A\r", self.drawn) }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    /// Going back to the top of the picture moves up as many lines as were drawn.
    #[test]
    fn the_cursor_goes_back_over_what_was_drawn() {
        let mut progress = Progress { width: Some(80), drawn: 0, last_plain: String::new() };
        assert_eq!(progress.back(), "");
        progress.drawn = 3;
        assert_eq!(progress.back(), "\u{1b}[3A\r");
        assert!(progress.is_live());
    }
}
