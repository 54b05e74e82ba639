//! Which role names are valid.

/// Why a role name is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    #[error("Empty role name is invalid")]
    Empty,
    #[error("Role name cannot start with a slash")]
    LeadingSlash,
    #[error("Role name cannot end with a slash")]
    TrailingSlash,
    #[error("Role name cannot contain two adjacent slashes")]
    AdjacentSlashes,
    #[error("Role name '.' is invalid")]
    Dot,
    #[error("Role name '..' is invalid")]
    DotDot,
    #[error("Role name '*' is invalid as part of a longer name")]
    StarInside,
    #[error("Role name cannot start with a '-'")]
    LeadingDash,
    #[error("Role name contains an invalid character")]
    InvalidCharacter,
}

/// Checks a role name. `*` is valid, it is the default role.
// Mesos: every component between slashes follows the rules for a whole name.
pub fn check(role: &str) -> Result<(), RoleError> {
    if role == "*" {
        return Ok(());
    }
    if role.is_empty() {
        return Err(RoleError::Empty);
    }
    if role.starts_with('/') {
        return Err(RoleError::LeadingSlash);
    }
    if role.ends_with('/') {
        return Err(RoleError::TrailingSlash);
    }
    for component in role.split('/') {
        match component {
            "" => return Err(RoleError::AdjacentSlashes),
            "." => return Err(RoleError::Dot),
            ".." => return Err(RoleError::DotDot),
            "*" => return Err(RoleError::StarInside),
            _ if component.starts_with('-') => return Err(RoleError::LeadingDash),
            _ => {}
        }
    }
    // Mesos: space, tab, line feed, vertical tab, form feed, carriage return and backspace. Other control
    // characters too here: they only ever come from a mistake and break every listing.
    if role.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(RoleError::InvalidCharacter);
    }
    Ok(())
}
