//! Numbers on their way from JSON into fields of limited range.

/// A JSON number, or a string that holds one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i128),
    Real(f64),
}

impl Number {
    /// Reads a string as a number.
    /// Mesos: any JSON number, and the three names of floats that have none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "Infinity" => return Some(Self::Real(f64::INFINITY)),
            "-Infinity" => return Some(Self::Real(f64::NEG_INFINITY)),
            "NaN" => return Some(Self::Real(f64::NAN)),
            _ => {}
        }
        let number: serde_json::Number = serde_json::from_str(text).ok()?;
        if let Some(value) = number.as_i64() {
            Some(Self::Integer(value.into()))
        } else if let Some(value) = number.as_u64() {
            Some(Self::Integer(value.into()))
        } else {
            number.as_f64().map(Self::Real)
        }
    }

    /// As a whole number, the fraction cut off; `None` beyond `T`'s range.
    /// Mesos: cuts fractions off too. Differs from Mesos: there a number out of range wraps around.
    pub(super) fn to_integer<T: TryFrom<i128>>(self) -> Option<T> {
        let whole = match self {
            Self::Integer(value) => value,
            // 2^100: far beyond 64 bits, exact in both types.
            Self::Real(value) if value.abs() < 1.267_650_600_228_229_4e30 => {
                #[expect(clippy::cast_possible_truncation, reason = "just checked")]
                let whole = value as i128;
                whole
            }
            Self::Real(_) => return None,
        };
        T::try_from(whole).ok()
    }

    #[expect(clippy::cast_precision_loss, reason = "a double holds what it can, as in any JSON")]
    pub(super) fn to_f64(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:?}"),
        }
    }
}
