//! Tables for terminals and for pipes.

/// Two spaces between columns.
const GAP: usize = 2;
/// No column is made narrower than this to fit.
const LEAST: usize = 6;

/// Rows under a header. Cells are plain text of one line.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// Columns of numbers, by index.
    right: Vec<usize>,
    /// Columns that may lose their ends when the terminal is too narrow, by index.
    shrinks: Vec<usize>,
}

impl Table {
    pub fn new(header: &[&'static str]) -> Self {
        Self { header: header.to_vec(), rows: Vec::new(), right: Vec::new(), shrinks: Vec::new() }
    }

    #[must_use]
    pub fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    #[must_use]
    pub fn shrinks(mut self, columns: &[usize]) -> Self {
        self.shrinks = columns.to_vec();
        self
    }

    pub fn row(&mut self, mut cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.header.len(), "a cell for each column");
        for cell in &mut cells {
            *cell = one_line(cell);
        }
        self.rows.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines of the table, none wider than `width`, without spaces at their ends.
    pub fn render(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let mut text = String::new();
        let header: Vec<String> = self.header.iter().map(|&name| name.to_owned()).collect();
        for row in std::iter::once(&header).chain(&self.rows) {
            let mut line = String::new();
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let cell = cut(cell, width);
                let space = " ".repeat(width.saturating_sub(cell.chars().count()));
                if column > 0 {
                    line.push_str(&" ".repeat(GAP));
                }
                if self.right.contains(&column) {
                    line.push_str(&space);
                    line.push_str(&cell);
                } else {
                    line.push_str(&cell);
                    line.push_str(&space);
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The table as `dcos` draws it: header centred, every line begins and ends with two spaces, what
    /// looks like a number stands right.
    pub fn render_dcos(&self) -> String {
        let widths = self.widths(None);
        let mut text = String::new();
        let mut put = |cells: &[String], centred: bool| {
            for (cell, width) in cells.iter().zip(&widths) {
                let space = width.saturating_sub(cell.chars().count());
                let before = match centred {
                    true => space / 2,
                    false if looks_like_a_number(cell) => space,
                    false => 0,
                };
                let (left, right) = (" ".repeat(before), " ".repeat(space - before));
                for part in ["  ", &left, cell, &right] {
                    text.push_str(part);
                }
            }
            text.push_str("  \n");
        };
        let header: Vec<String> = self.header.iter().map(|&name| name.to_owned()).collect();
        put(&header, true);
        self.rows.iter().for_each(|row| put(row, false));
        text
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.header.iter().map(|name| name.chars().count()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let Some(limit) = limit else { return widths };
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > limit {
            // The widest gives way first.
            let widest = self.shrinks.iter().copied().max_by_key(|&column| widths[column]);
            match widest {
                Some(column) if widths[column] > LEAST => widths[column] -= 1,
                _ => break,
            }
        }
        widths
    }
}

/// Digits with at most one point, or a percentage.
fn looks_like_a_number(cell: &str) -> bool {
    let number = cell.strip_suffix('%').unwrap_or(cell);
    !number.is_empty() && number.parse::<f64>().is_ok()
}

/// The text in at most `width` columns, with a mark where something was cut off.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

/// Line ends and other control characters become spaces: names come from others.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Table, cut, one_line};

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "N", "WHAT"]).right(&[1]).shrinks(&[0, 2]);
        table.row(vec!["a".into(), "5".into(), "short".into()]);
        table.row(vec!["long-name-of-a-thing".into(), "12345".into(), "much text ".repeat(5)]);
        table
    }

    /// No line is wider than the terminal, numbers stand right, and cut cells are marked.
    #[test]
    fn lines_fit_the_terminal() {
        for width in [40, 60, 80] {
            let text = table().render(Some(width));
            assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
            assert!(text.contains('…') == (width < 80), "{text}");
        }
        assert!(table().render(None).contains("much text much text much text"));
        assert!(
            table().render(Some(60)).contains("      5  short"),
            "{}",
            table().render(Some(60))
        );
    }

    /// The dcos form centres its header and begins each line with two spaces.
    #[test]
    fn the_dcos_form_centres_the_header() {
        let mut table = Table::new(&["ID", "N"]);
        table.row(vec!["abcdef".into(), "12".into()]);
        assert_eq!(table.render_dcos(), "    ID    N   \n  abcdef  12  \n");
    }

    /// Control characters of others' names don't reach the terminal.
    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(one_line("a\u{1b}[31mb\nc"), "a [31mb c");
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
