//! The JSON form of the resources flag: an array of `Resource` messages.

use super::{ResourceError, Resources};

pub(super) fn parse(_text: &str, _default_role: &str) -> Result<Resources, ResourceError> {
    Err(ResourceError::Text("JSON is not read yet".to_owned()))
}
