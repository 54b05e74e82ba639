//! Where a drain spent its time: one bar per task.

use std::fmt::Write as _;
use std::time::Duration;

/// Columns of the bars; with the names it fits a terminal of 80.
const BAR: usize = 40;

/// One line of the timeline, counted from the request of the drain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    /// When the task was asked to stop.
    pub(super) from: Duration,
    /// When it had ended.
    pub(super) until: Duration,
    pub(super) how: String,
}

/// Bars to scale. `=` is the time between SIGTERM and the end of the task.
pub(super) fn draw(lines: &[Line], total: Duration) -> String {
    let width = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for line in lines {
        let from = column(line.from, total);
        let until = column(line.until, total).max(from + 1).min(BAR);
        let from = from.min(until - 1);
        let bar: String =
            (0..BAR).map(|at| if (from..until).contains(&at) { '=' } else { '.' }).collect();
        writeln!(text, "  {:width$} |{bar}| {:>7}  {}", line.name, seconds(line.until), line.how)
            .expect("writing to a string does not fail");
    }
    text
}

pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.3}s", duration.as_secs_f64())
}

fn column(at: Duration, total: Duration) -> usize {
    let share = at.as_nanos().saturating_mul(BAR as u128) / total.as_nanos().max(1);
    usize::try_from(share).unwrap_or(BAR).min(BAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars are to scale, every task has at least one column, and no line is wider than 80.
    #[test]
    fn bars_are_to_scale() {
        let line = |name: &str, from, until| Line {
            name: name.to_owned(),
            from: Duration::from_millis(from),
            until: Duration::from_millis(until),
            how: "SIGTERM".to_owned(),
        };
        let text = draw(
            &[line("prompt-1", 0, 10), line("stubborn-12", 0, 4000), line("slow-3", 2000, 3000)],
            Duration::from_secs(4),
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], format!("  prompt-1    |={}|  0.010s  SIGTERM", ".".repeat(39)));
        assert_eq!(lines[1], format!("  stubborn-12 |{}|  4.000s  SIGTERM", "=".repeat(40)));
        assert_eq!(
            lines[2],
            format!(
                "  slow-3      |{}{}{}|  3.000s  SIGTERM",
                ".".repeat(20),
                "=".repeat(10),
                ".".repeat(10)
            )
        );
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
    }
}
