//! Quota and weight of a role: what operators set for it.

use std::collections::BTreeMap;

use wire::v1::quota::QuotaConfig;
use wire::v1::{Resource, value};

use crate::resources::Thousandths;
use crate::validate::role::{self, RoleError};

/// Amounts by name of resource.
pub type Amounts = BTreeMap<String, Thousandths>;

/// What a role is to get in any case, and the most it may get. Of what is not named it is guaranteed nothing
/// and may have all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub guarantees: Amounts,
    pub limits: Amounts,
}

/// What is wrong with a quota or a weight. Operators read the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    #[error("Invalid role: {0}")]
    Role(#[from] RoleError),
    #[error("Invalid role '*': the default role can't have quota")]
    DefaultRole,
    #[error("Updating quota on nested role '{0}' is not supported yet")]
    Nested(String),
    #[error("Invalid amount of '{name}': expecting a number that is not negative, found {found}")]
    Amount { name: String, found: String },
    #[error("Invalid name of a resource: it is empty")]
    Name,
    #[error(
        "The limit of '{name}' ({limit}) is less than what is guaranteed of it ({guarantee}); it should be at \
         least that"
    )]
    LimitBelowGuarantee { name: String, limit: Thousandths, guarantee: Thousandths },
    #[error(
        "Invalid resource '{0}': expecting a scalar that is neither reserved, revocable nor a volume"
    )]
    NotPlain(String),
    #[error("'{0}' is there twice")]
    Twice(String),
    #[error("Invalid weight '{0}': Weights must be positive")]
    Weight(String),
}

impl Quota {
    /// Whether it says nothing.
    pub fn is_none(&self) -> bool {
        self.guarantees.is_empty() && self.limits.is_empty()
    }

    /// Reads and checks a config. Amounts of zero are no guarantees, but limits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_wire(config: &QuotaConfig) -> Result<Self, QuotaError> {
        check_role(&config.role)?;
        let read = |map: &BTreeMap<String, value::Scalar>| {
            let read = |(name, amount): (&String, &value::Scalar)| {
                Ok((name.clone(), amount_of(name, amount.value)?))
            };
            map.iter().map(read).collect::<Result<Amounts, QuotaError>>()
        };
        Self { guarantees: read(&config.guarantees)?, limits: read(&config.limits)? }.checked()
    }

    /// Reads the guarantee of an older request, which limits the role to the same.
    ///
    /// # Errors
    /// What is wrong with it.
    // Mesos: quota set in the older way is guarantee and limit at once.
    pub fn from_guarantee(role: &str, guarantee: &[Resource]) -> Result<Self, QuotaError> {
        check_role(role)?;
        let mut limits = Amounts::new();
        for resource in guarantee {
            let name = &resource.name;
            let is_plain = resource.r#type == value::Type::Scalar as i32
                && resource.role.as_deref().is_none_or(|role| role == "*")
                && resource.reservations.is_empty()
                && resource.reservation.is_none()
                && resource.disk.is_none()
                && resource.revocable.is_none();
            let amount = resource.scalar.as_ref().filter(|_| is_plain);
            let amount = amount.ok_or_else(|| QuotaError::NotPlain(name.clone()))?;
            if limits.insert(name.clone(), amount_of(name, amount.value)?).is_some() {
                return Err(QuotaError::Twice(name.clone()));
            }
        }
        Self { guarantees: limits.clone(), limits }.checked()
    }

    fn checked(mut self) -> Result<Self, QuotaError> {
        self.guarantees.retain(|_, amount| !amount.is_zero());
        for (name, guarantee) in &self.guarantees {
            if let Some(limit) = self.limits.get(name).filter(|limit| *limit < guarantee) {
                let (name, limit, guarantee) = (name.clone(), *limit, *guarantee);
                return Err(QuotaError::LimitBelowGuarantee { name, limit, guarantee });
            }
        }
        Ok(self)
    }

    pub fn to_wire(&self, role: &str) -> QuotaConfig {
        let write = |amounts: &Amounts| {
            let write = |(name, amount): (&String, &Thousandths)| {
                (name.clone(), value::Scalar { value: amount.as_f64() })
            };
            amounts.iter().map(write).collect()
        };
        QuotaConfig {
            role: role.to_owned(),
            guarantees: write(&self.guarantees),
            limits: write(&self.limits),
        }
    }
}

/// A weight as an operator sets it.
///
/// # Errors
/// The role is none, or the number is not positive.
pub fn check_weight(role: &str, weight: f64) -> Result<(), QuotaError> {
    role::check(role)?;
    if weight.is_finite() && weight > 0.0 {
        return Ok(());
    }
    Err(QuotaError::Weight(weight.to_string()))
}

fn check_role(role: &str) -> Result<(), QuotaError> {
    role::check(role)?;
    if role == "*" {
        return Err(QuotaError::DefaultRole);
    }
    // Mesos: nested roles share in the quota of the outermost.
    if role.contains('/') {
        return Err(QuotaError::Nested(role.to_owned()));
    }
    Ok(())
}

fn amount_of(name: &str, amount: f64) -> Result<Thousandths, QuotaError> {
    if name.is_empty() {
        return Err(QuotaError::Name);
    }
    let found = Thousandths::from_f64(amount).filter(|amount| amount.0 >= 0);
    found.ok_or_else(|| QuotaError::Amount { name: name.to_owned(), found: amount.to_string() })
}
