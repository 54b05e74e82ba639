//! Which role names are valid.

/// Why a role name is not valid.
// Mesos: one text per reason; operators and frameworks see them in 400 replies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    #[error("Empty role name is invalid")]
    Empty,
    #[error("Role '{0}' cannot start with a slash")]
    LeadingSlash(String),
    #[error("Role '{0}' cannot end with a slash")]
    TrailingSlash(String),
    #[error("Role '{0}' cannot contain two adjacent slashes")]
    AdjacentSlashes(String),
    #[error("Role '{role}' cannot include '{component}' as a component")]
    ReservedComponent { role: String, component: String },
    #[error("Role component '{0}' is invalid because it begins with a dash")]
    LeadingDash(String),
    #[error("Role component '{0}' is invalid because it contains backspace or whitespace")]
    InvalidCharacter(String),
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
        return Err(RoleError::LeadingSlash(role.to_owned()));
    }
    if role.ends_with('/') {
        return Err(RoleError::TrailingSlash(role.to_owned()));
    }
    role.split('/').try_for_each(|component| check_component(role, component))
}

fn check_component(role: &str, component: &str) -> Result<(), RoleError> {
    if component.is_empty() {
        return Err(RoleError::AdjacentSlashes(role.to_owned()));
    }
    if matches!(component, "." | ".." | "*") {
        return Err(RoleError::ReservedComponent {
            role: role.to_owned(),
            component: component.to_owned(),
        });
    }
    if component.starts_with('-') {
        return Err(RoleError::LeadingDash(component.to_owned()));
    }
    // Mesos: ASCII whitespace and DEL. All whitespace and control characters here: they only ever come from
    // a mistake and break every listing.
    if component.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(RoleError::InvalidCharacter(component.escape_debug().to_string()));
    }
    Ok(())
}
