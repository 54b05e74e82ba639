//! What operators set for roles: quota and weights.

use model::quota::{self, Amounts, Quota};
use model::resources::Thousandths;
use model::{Refusal, Status};
use wire::master::response::{GetQuota, GetWeights};
use wire::v1::WeightInfo;
use wire::v1::quota::{QuotaConfig, QuotaInfo, QuotaRequest, QuotaStatus};

use crate::effects::{Effects, Mutation};
use crate::event::RoleChange;
use crate::state::{MAX_ROLES, Master, RoleSettings};

impl Master {
    /// Carries out an operator's call, wholly or not at all.
    ///
    /// # Errors
    /// 400 if it makes no sense, 409 if the cluster is too small for what an older call guarantees.
    pub(crate) fn change_roles(
        &mut self,
        change: RoleChange,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let changed = match change {
            RoleChange::UpdateQuota { configs, force } => self.plan_quota(&configs, force)?,
            RoleChange::SetQuota(request) => self.plan_older_quota(&request)?,
            RoleChange::RemoveQuota(role) => {
                let settings = self.roles.get(&role).filter(|it| !it.quota.is_none());
                let settings = settings.ok_or_else(|| {
                    let text = format!("Failed to remove quota: Role '{role}' has no quota set");
                    Refusal::bad_request(text)
                })?;
                let weight = settings.weight;
                vec![(role, RoleSettings { weight, ..RoleSettings::default() })]
            }
            RoleChange::UpdateWeights(weights) => self.plan_weights(&weights)?,
        };
        let new = changed.iter().filter(|(role, _)| !self.roles.contains_key(role)).count();
        if self.roles.len() + new > MAX_ROLES {
            return Err(Refusal::bad_request(format!(
                "At most {MAX_ROLES} roles can have quota or weight"
            )));
        }
        for (role, settings) in changed {
            if settings.is_none() {
                if self.roles.remove(&role).is_some() {
                    fx.mutate(Mutation::RemoveRole(role.clone()));
                }
            } else if self.roles.get(&role) != Some(&settings) {
                fx.mutate(Mutation::SetRole(Box::new(settings.to_record(&role))));
                self.roles.insert(role.clone(), settings);
            }
            self.set_role(&role);
        }
        self.rescind_against_quota(fx);
        Ok(())
    }

    fn plan_quota(
        &self,
        configs: &[QuotaConfig],
        force: bool,
    ) -> Result<Vec<(String, RoleSettings)>, Refusal> {
        let mut changed: Vec<(String, RoleSettings)> = Vec::with_capacity(configs.len());
        for config in configs {
            let quota = Quota::from_wire(config).map_err(|why| {
                let is_nested = matches!(why, quota::QuotaError::Nested(_));
                let kind = if is_nested { "" } else { "Invalid QuotaConfig: " };
                Refusal::bad_request(format!("{kind}{why}"))
            })?;
            let settings = self.roles.get(&config.role).cloned().unwrap_or_default();
            // Of two for one role the later one counts.
            changed.retain(|(role, _)| *role != config.role);
            changed.push((config.role.clone(), RoleSettings { quota, ..settings }));
        }
        if !force && let Some(why) = self.why_overcommitted(&changed) {
            return Err(Refusal::bad_request(format!(
                "Invalid QuotaConfig: {why} (use 'force' flag to bypass this check)"
            )));
        }
        Ok(changed)
    }

    fn plan_older_quota(
        &self,
        request: &QuotaRequest,
    ) -> Result<Vec<(String, RoleSettings)>, Refusal> {
        let refuse = |why: String| {
            Refusal::bad_request(format!("Failed to validate set quota request: {why}"))
        };
        let role = request.role.clone().unwrap_or_default();
        let quota = Quota::from_guarantee(&role, &request.guarantee)
            .map_err(|why| refuse(why.to_string()))?;
        let settings = self.roles.get(&role).cloned().unwrap_or_default();
        if !settings.quota.is_none() {
            return Err(refuse(format!(
                "Cannot set quota for role '{role}' which already has quota"
            )));
        }
        let changed = vec![(role, RoleSettings { quota, ..settings })];
        if !request.force.unwrap_or(false)
            && let Some(why) = self.why_overcommitted(&changed)
        {
            return Err(Refusal::new(
                Status::Conflict,
                format!(
                    "Quota guarantees overcommit the cluster (use 'force' to bypass this check): {why}"
                ),
            ));
        }
        Ok(changed)
    }

    fn plan_weights(&self, weights: &[WeightInfo]) -> Result<Vec<(String, RoleSettings)>, Refusal> {
        let mut changed: Vec<(String, RoleSettings)> = Vec::with_capacity(weights.len());
        for info in weights {
            let role = info.role.clone().unwrap_or_default();
            // Mesos: texts.
            quota::check_weight(&role, info.weight).map_err(|why| {
                const INVALID: &str = "Failed to validate update weights request JSON";
                Refusal::bad_request(if let quota::QuotaError::Role(why) = why {
                    format!("{INVALID}: Invalid role '{role}': {why}")
                } else {
                    format!("{INVALID} for role '{role}': {why}")
                })
            })?;
            let settings = self.roles.get(&role).cloned().unwrap_or_default();
            changed.retain(|(other, _)| *other != role);
            changed.push((role, RoleSettings { weight: Some(info.weight), ..settings }));
        }
        Ok(changed)
    }

    /// Whether more would be guaranteed than there is.
    // Mesos: registered agents count, disconnected ones too.
    fn why_overcommitted(&self, changed: &[(String, RoleSettings)]) -> Option<String> {
        let kept =
            self.roles.iter().filter(|(role, _)| !changed.iter().any(|(other, _)| other == *role));
        let all = kept.map(|(_, it)| it).chain(changed.iter().map(|(_, it)| it));
        let mut guarantees = Amounts::new();
        for (name, amount) in all.flat_map(|settings| &settings.quota.guarantees) {
            let sum = guarantees.entry(name.clone()).or_default();
            *sum = sum.plus(*amount);
        }
        let capacity: Amounts = guarantees
            .keys()
            .map(|name| {
                let agents = self.agents.values().filter(|agent| agent.is_listed());
                let amounts = agents.filter_map(|agent| agent.total.nonrevocable().scalar(name));
                (name.clone(), amounts.fold(Thousandths::default(), Thousandths::plus))
            })
            .collect();
        let is_enough = guarantees.iter().all(|(name, amount)| capacity.get(name) >= Some(amount));
        (!is_enough).then(|| {
            format!(
                "total quota guarantees '{}' exceed cluster capacity '{}'",
                show(&guarantees),
                show(&capacity)
            )
        })
    }

    /// The answer to `GET_QUOTA`.
    pub fn view_quota(&self) -> GetQuota {
        let with_quota = || self.roles.iter().filter(|(_, settings)| !settings.quota.is_none());
        let info = |(role, settings): (&String, &RoleSettings)| QuotaInfo {
            role: Some(role.clone()),
            principal: None,
            guarantee: settings
                .quota
                .guarantees
                .iter()
                .map(|(name, amount)| scalar(name, *amount))
                .collect(),
        };
        let config = |(role, settings): (&String, &RoleSettings)| settings.quota.to_wire(role);
        let status = QuotaStatus {
            infos: with_quota().map(info).collect(),
            configs: with_quota().map(config).collect(),
        };
        GetQuota { status }
    }

    /// The answer to `GET_WEIGHTS`: those that were set.
    pub fn view_weights(&self) -> GetWeights {
        let weights = self.roles.iter().filter_map(|(role, settings)| {
            Some(WeightInfo { weight: settings.weight?, role: Some(role.clone()) })
        });
        GetWeights { weight_infos: weights.collect() }
    }

    /// The weight of a role, 1 unless it was set.
    pub(crate) fn weight_of(&self, role: &str) -> f64 {
        self.roles.get(role).and_then(|settings| settings.weight).unwrap_or(1.0)
    }
}

/// An amount of something, whoever it is of.
pub(crate) fn scalar(name: &str, amount: Thousandths) -> wire::v1::Resource {
    wire::v1::Resource {
        name: name.to_owned(),
        r#type: wire::v1::value::Type::Scalar as i32,
        scalar: Some(wire::v1::value::Scalar { value: amount.as_f64() }),
        ..Default::default()
    }
}

fn show(amounts: &Amounts) -> String {
    let parts: Vec<String> =
        amounts.iter().map(|(name, amount)| format!("{name}:{amount}")).collect();
    parts.join("; ")
}
