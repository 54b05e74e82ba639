//! What operators set for a role.

use model::quota::Quota;

/// Roles that can have settings of their own.
pub(crate) const MAX_ROLES: usize = 10_000;

/// Quota and weight of a role. One that has neither is not kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RoleSettings {
    pub(crate) quota: Quota,
    /// 1 unless it was set.
    pub(crate) weight: Option<f64>,
}

impl RoleSettings {
    pub(crate) fn is_none(&self) -> bool {
        self.quota.is_none() && self.weight.is_none()
    }

    /// What the registry keeps of it.
    pub(crate) fn to_record(&self, role: &str) -> wire::registry::RoleRecord {
        wire::registry::RoleRecord {
            role: Some(role.to_owned()),
            quota: (!self.quota.is_none()).then(|| self.quota.to_wire(role)),
            weight: self.weight,
        }
    }
}
