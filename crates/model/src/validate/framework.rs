//! Whether a framework describes itself consistently.

use std::collections::BTreeSet;
use std::time::Duration;

use wire::v1::FrameworkInfo;
use wire::v1::framework_info::capability::Type as Capability;

use super::id::{self, IdError};
use super::role::{self, RoleError};
use crate::duration;

/// The role of who names none.
const DEFAULT_ROLE: &str = "*";

/// What is wrong with a `FrameworkInfo`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameworkError {
    #[error("'FrameworkInfo.name' contains a NUL byte")]
    NulInName,
    #[error("'FrameworkInfo.user' contains invalid characters")]
    InvalidUser,
    #[error("Invalid FrameworkID: {0}")]
    Id(#[source] IdError),
    #[error("'FrameworkInfo.failover_timeout' must be a finite, non-negative number of seconds")]
    FailoverTimeout,
    #[error("'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable")]
    RolesWithoutMultiRole,
    #[error("'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable")]
    RoleWithMultiRole,
    #[error("'FrameworkInfo.roles' contains duplicate items: {0}")]
    DuplicateRole(String),
    #[error("'FrameworkInfo.{field}' contains an invalid role: {reason}")]
    InvalidRole { field: &'static str, reason: RoleError },
    #[error("offer filters are given for role '{0}', which the framework is not in")]
    FilterForOtherRole(String),
}

/// Checks everything about a framework that can be checked without knowing others.
pub fn check(info: &FrameworkInfo) -> Result<(), FrameworkError> {
    if info.name.contains('\0') {
        return Err(FrameworkError::NulInName);
    }
    // Mesos: an empty user stands for the one the agent runs as.
    if info.user.contains(|c: char| c.is_control() || c == '/' || c == ':') {
        return Err(FrameworkError::InvalidUser);
    }
    // Mesos: an empty id is how some frameworks say that they have none yet.
    if let Some(id) = info.id.as_ref().filter(|id| !id.value.is_empty()) {
        id::check(&id.value).map_err(FrameworkError::Id)?;
    }
    failover_timeout(info)?;
    check_roles(info)?;
    let roles = roles(info);
    match info.offer_filters.keys().find(|role| !roles.contains(role.as_str())) {
        Some(role) => Err(FrameworkError::FilterForOtherRole(role.clone())),
        None => Ok(()),
    }
}

fn check_roles(info: &FrameworkInfo) -> Result<(), FrameworkError> {
    if !has_capability(info, Capability::MultiRole) {
        if !info.roles.is_empty() {
            return Err(FrameworkError::RolesWithoutMultiRole);
        }
        let role = info.role.as_deref().unwrap_or(DEFAULT_ROLE);
        return role::check(role)
            .map_err(|reason| FrameworkError::InvalidRole { field: "role", reason });
    }
    if info.role.is_some() {
        return Err(FrameworkError::RoleWithMultiRole);
    }
    let mut seen = BTreeSet::new();
    for role in &info.roles {
        role::check(role)
            .map_err(|reason| FrameworkError::InvalidRole { field: "roles", reason })?;
        if !seen.insert(role) {
            return Err(FrameworkError::DuplicateRole(role.clone()));
        }
    }
    Ok(())
}

/// The roles a framework is in: `roles` with `MULTI_ROLE` (none is allowed), else `role`, `*` by default.
pub fn roles(info: &FrameworkInfo) -> BTreeSet<String> {
    if has_capability(info, Capability::MultiRole) {
        return info.roles.iter().cloned().collect();
    }
    BTreeSet::from([info.role.clone().unwrap_or_else(|| DEFAULT_ROLE.to_owned())])
}

/// Writes down the role of a framework of one role that names none.
// Mesos: shows it, so that clients need not know what stands for nothing.
pub fn name_role(info: &mut FrameworkInfo) {
    if !has_capability(info, Capability::MultiRole) {
        info.role.get_or_insert_with(|| DEFAULT_ROLE.to_owned());
    }
}

/// Whether the framework has opted in to something. Unknown capabilities are ignored.
pub fn has_capability(info: &FrameworkInfo, wanted: Capability) -> bool {
    info.capabilities.iter().any(|capability| capability.r#type == Some(wanted as i32))
}

/// How long a disconnected framework is waited for; zero by default.
pub fn failover_timeout(info: &FrameworkInfo) -> Result<Duration, FrameworkError> {
    duration::from_secs_f64(info.failover_timeout.unwrap_or(0.0))
        .ok_or(FrameworkError::FailoverTimeout)
}
