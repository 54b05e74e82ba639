//! `google.protobuf.Duration`, the one message whose JSON is not what its table says.
//!
//! Differs from Mesos: a request takes `{"seconds", "nanos"}` while answers give `{"nanoseconds"}`, and
//! a request with the form of the answers reads there as zero, which kills every task at once. Here
//! both forms are read, and whatever is neither is refused.

use crate::cursor;
use crate::table::MessageTable;

use super::number::Number;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Whether a message is read by this module's rule.
pub(super) fn is_duration(table: &MessageTable) -> bool {
    table.name == "google.protobuf.Duration"
}

/// The members met so far; `None` is unset.
#[derive(Debug, Default)]
pub(super) struct DurationMembers {
    seconds: Option<Number>,
    nanos: Option<Number>,
    nanoseconds: Option<Number>,
}

impl DurationMembers {
    /// Takes one member; `field` is the name of the field that holds the duration.
    pub(super) fn set(
        &mut self,
        name: &str,
        value: Option<Number>,
        field: &str,
    ) -> Result<(), String> {
        match name {
            "seconds" => self.seconds = value,
            "nanos" => self.nanos = value,
            "nanoseconds" => self.nanoseconds = value,
            _ => {
                return Err(format!(
                    "Unknown member '{}' in the duration of field '{field}': expecting 'seconds' and \
                     'nanos', or 'nanoseconds'",
                    super::read::shortened(name)
                ));
            }
        }
        Ok(())
    }

    /// Writes the duration's protobuf encoding.
    pub(super) fn write(&self, field: &str, out: &mut Vec<u8>) -> Result<(), String> {
        let (seconds, nanos) = self.parts(field)?;
        if seconds != 0 {
            cursor::put_varint_field(out, 1, seconds.cast_unsigned());
        }
        if nanos != 0 {
            cursor::put_varint_field(out, 2, i64::from(nanos).cast_unsigned());
        }
        Ok(())
    }

    fn parts(&self, field: &str) -> Result<(i64, i32), String> {
        if let Some(number) = self.nanoseconds {
            if self.seconds.is_some() || self.nanos.is_some() {
                return Err(format!(
                    "The duration of field '{field}' mixes 'nanoseconds' with 'seconds' and 'nanos'"
                ));
            }
            return split(in_range::<i64>(number, "nanoseconds")?.into(), field);
        }
        let nanos = self.nanos.map_or(Ok(0), |number| in_range::<i32>(number, "nanos"))?;
        match self.seconds {
            None => Ok((0, nanos)),
            // Differs from Mesos: half a second is half a second, there it is none.
            Some(number @ Number::Real(value)) => {
                let whole = i128::from(in_range::<i64>(number, "seconds")?);
                let fraction = Number::Real((value.fract() * 1e9).round());
                let fraction: i128 = in_range(fraction, "seconds")?;
                split(whole * NANOS_PER_SECOND + fraction + i128::from(nanos), field)
            }
            Some(number) => Ok((in_range::<i64>(number, "seconds")?, nanos)),
        }
    }
}

fn in_range<T: TryFrom<i128>>(number: Number, name: &str) -> Result<T, String> {
    number.to_integer().ok_or_else(|| format!("Number {number} is out of range for field '{name}'"))
}

fn split(total_nanos: i128, field: &str) -> Result<(i64, i32), String> {
    let out_of_range = |_| format!("The duration of field '{field}' is out of range");
    let seconds = i64::try_from(total_nanos / NANOS_PER_SECOND).map_err(out_of_range)?;
    let nanos = i32::try_from(total_nanos % NANOS_PER_SECOND).map_err(out_of_range)?;
    Ok((seconds, nanos))
}
