//! The query of a request, as names and values.

use std::borrow::Cow;

/// Every pair in order; without percent signs and plus signs.
pub fn pairs(query: Option<&str>) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
}
