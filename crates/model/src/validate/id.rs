//! Which identifiers are valid. They become directory names.

/// The longest identifier in bytes: what a file name can hold.
pub const MAX_BYTES: usize = 255;

/// Why an identifier is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("ID must not be empty")]
    Empty,
    #[error("ID must not be greater than 255 characters")]
    TooLong,
    #[error("'{0}' is disallowed")]
    PathComponent(String),
    #[error("'{0}' contains invalid characters")]
    InvalidCharacter(String),
}

/// Checks a task, executor, agent or framework ID that came from outside.
pub fn check(id: &str) -> Result<(), IdError> {
    if id.is_empty() {
        return Err(IdError::Empty);
    }
    if id.len() > MAX_BYTES {
        return Err(IdError::TooLong);
    }
    if matches!(id, "." | "..") {
        return Err(IdError::PathComponent(id.to_owned()));
    }
    if id.contains(|c: char| c.is_control() || c == '/' || c == '\\') {
        return Err(IdError::InvalidCharacter(id.escape_debug().to_string()));
    }
    Ok(())
}
