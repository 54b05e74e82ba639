//! Figures, their aims, and how they are printed.

use serde_json::{Value, json};

use crate::args::Format;
use crate::output::{self, table::Table};

#[derive(Clone, Copy, Debug)]
pub(super) enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

impl Aim {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }
}

/// One thing that was measured, once or several times.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
    aim: Option<Aim>,
    /// Apache Mesos 1.12 at -O2 on two cores of the same kind.
    mesos: Option<f64>,
}

impl Figure {
    pub(super) fn new(name: impl Into<String>, unit: &'static str, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { name: name.into(), unit, values, aim: None, mesos: None }
    }

    pub(super) fn aim(self, aim: Aim) -> Self {
        Self { aim: Some(aim), ..self }
    }

    pub(super) fn mesos(self, mesos: f64) -> Self {
        Self { mesos: Some(mesos), ..self }
    }

    /// The middle one; of an even number, the mean of the two in the middle.
    fn median(&self) -> f64 {
        let (low, high) = (self.values.len().saturating_sub(1) / 2, self.values.len() / 2);
        match (self.values.get(low), self.values.get(high)) {
            (Some(low), Some(high)) => f64::midpoint(*low, *high),
            _ => f64::NAN,
        }
    }

    fn verdict(&self) -> &'static str {
        match self.aim.map(|aim| aim.is_met(self.median())) {
            None => "",
            Some(true) => "met",
            Some(false) => "missed",
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "unit": self.unit,
            "median": self.median(),
            "min": self.values.first(),
            "max": self.values.last(),
            "runs": self.values.len(),
            "aim": self.aim.map(|aim| match aim {
                Aim::AtMost(bound) => json!({ "at_most": bound }),
                Aim::AtLeast(bound) => json!({ "at_least": bound }),
            }),
            "met": self.aim.map(|aim| aim.is_met(self.median())),
            "mesos": self.mesos,
        })
    }
}

pub(super) fn print(figures: &[Figure], format: Format) {
    match format {
        Format::Json => output::json(&figures.iter().map(Figure::to_json).collect()),
        Format::Table => {
            let text = table(figures).render(output::stdout_width());
            output::data(text.as_bytes());
        }
    }
}

fn table(figures: &[Figure]) -> Table {
    let header = ["WHAT", "UNIT", "MEDIAN", "MIN", "MAX", "AIM", "", "MESOS"];
    let mut table = Table::new(&header).right(&[2, 3, 4, 5, 7]).shrinks(&[0]);
    for figure in figures {
        let once = figure.values.len() == 1;
        let spread = |value: Option<&f64>| match value {
            Some(value) if !once => number(*value),
            _ => String::new(),
        };
        table.row(vec![
            figure.name.clone(),
            figure.unit.to_owned(),
            number(figure.median()),
            spread(figure.values.first()),
            spread(figure.values.last()),
            match figure.aim {
                None => String::new(),
                Some(Aim::AtMost(bound)) => format!("<= {}", number(bound)),
                Some(Aim::AtLeast(bound)) => format!(">= {}", number(bound)),
            },
            figure.verdict().to_owned(),
            figure.mesos.map(number).unwrap_or_default(),
        ]);
    }
    table
}

/// Three digits that matter, without an exponent.
fn number(value: f64) -> String {
    match value.abs() {
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Aim, Figure, number, table};

    /// The median counts, against the aim and in the table.
    #[test]
    fn the_median_counts() {
        let figure = Figure::new("drain", "ms", vec![9.0, 1.0, 2.0]).aim(Aim::AtMost(4.0));
        assert_eq!(figure.verdict(), "met");
        assert_eq!(figure.to_json()["median"], 2.0);
        let even = Figure::new("events", "/s", vec![1.0, 2.0]).aim(Aim::AtLeast(4.0)).mesos(3.0);
        assert_eq!(even.verdict(), "missed");
        let text = table(&[figure, even]).render(Some(80));
        assert!(text.contains("1.50"), "{text}");
        assert!(text.contains(">= 4"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }

    /// Numbers have about three digits that matter.
    #[test]
    fn numbers_have_three_digits() {
        let shown = [0.123, 4.0, 12.34, 428.4, 350_123.7].map(number);
        assert_eq!(shown, ["0.12", "4", "12.3", "428", "350124"]);
    }
}
