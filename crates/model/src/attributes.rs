//! The attributes flag of an agent: `rack:r1;cores:8;ports:[1-2];zones:{a,b}`.

use wire::v1::{Attribute, value};

use crate::resources::{Thousandths, ValueText, parse_value};

/// What is wrong with the attributes flag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    #[error("Invalid attribute key:value pair '{0}'")]
    NotAPair(String),
    #[error("attribute '{name}': {reason}")]
    Value { name: String, reason: String },
}

/// Reads attributes separated by `;` or line ends, in the order given.
///
/// A value is ranges in `[]`, a set in `{}`, a scalar if it reads as a number, else text; text may contain
/// `:`. An attribute may come more than once.
///
/// # Errors
/// [`AttributeError`] for a missing name or value, or for ranges or a set that can't be read.
// Mesos: the same typing rules decide for attributes and for resources.
pub fn parse(text: &str) -> Result<Vec<Attribute>, AttributeError> {
    text.split([';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part
                .split_once(':')
                .map(|(name, value)| (name.trim(), value.trim()))
                .filter(|(name, value)| !name.is_empty() && !value.is_empty())
                .ok_or_else(|| AttributeError::NotAPair(part.to_owned()))?;
            attribute(name, value)
        })
        .collect()
}

fn attribute(name: &str, text: &str) -> Result<Attribute, AttributeError> {
    let fail = |reason: String| AttributeError::Value { name: name.to_owned(), reason };
    let mut attribute = Attribute { name: name.to_owned(), ..Attribute::default() };
    let kind = match parse_value(text).map_err(fail)? {
        ValueText::Scalar(number) => {
            let number = Thousandths::from_f64(number)
                .ok_or_else(|| fail(format!("'{text}' is too large for a number")))?;
            attribute.scalar = Some(value::Scalar { value: number.as_f64() });
            value::Type::Scalar
        }
        ValueText::Ranges(ranges) => {
            let range = ranges.iter().map(|(begin, end)| value::Range { begin, end }).collect();
            attribute.ranges = Some(value::Ranges { range });
            value::Type::Ranges
        }
        ValueText::Set(items) => {
            attribute.set =
                Some(value::Set { item: items.iter().map(ToString::to_string).collect() });
            value::Type::Set
        }
        ValueText::Text(text) => {
            attribute.text = Some(value::Text { value: text });
            value::Type::Text
        }
    };
    attribute.r#type = kind as i32;
    Ok(attribute)
}
