//! Resource operations: what frameworks make of their offers, and operators of agents.
//!
//! The master takes an operation into its books at once, and the agent follows: its link is in order, so both do
//! the same to the same. One that the agent turns down all the same makes the master start over from what the agent
//! says it has.

use model::drain::Reachability;
use model::resources::{Conversion, Volume};
use model::{AgentId, FrameworkId, Now, Refusal, Resources, Status};
use wire::v1::agent_info::capability;
use wire::v1::offer::Operation;
use wire::v1::offer::operation::Type;
use wire::v1::{OperationState, OperationStatus, Uuid};

use super::accept::Claim;
use crate::effects::Effects;
use crate::state::{self, Agent, Master};

/// Who asks for an operation.
#[derive(Clone, Copy)]
struct Asker<'a> {
    principal: Option<&'a str>,
    /// Of the framework; an operator can do all.
    framework: Option<Limits<'a>>,
}

/// What a framework is limited to.
#[derive(Clone, Copy)]
struct Limits<'a> {
    role: &'a str,
    refines: bool,
    shares: bool,
}

impl Master {
    /// Any operation of an `ACCEPT` that starts no task.
    pub(super) fn operate_on_offers(
        &mut self,
        now: Now,
        claim: &mut Claim,
        operation: Operation,
        fx: &mut Effects,
    ) {
        let conversion = match self.plan_on_offers(claim, &operation) {
            Ok(conversion) => conversion,
            Err(why) => {
                let (framework, agent) = (claim.framework.clone(), claim.agent.clone());
                return self.refuse_operation(&framework, Some(&agent), &operation, &why, fx);
            }
        };
        let allocated = conversion.allocated_to(&claim.role);
        claim.left.checked_sub(&allocated.consumed).expect("the plan checked that it is there");
        if conversion.is_usable {
            claim.left.add(&allocated.converted);
        }
        if matches!(operation.r#type(), Type::Destroy) {
            self.rescind_sharers(&claim.agent, &conversion.consumed.volumes(), fx);
        }
        let (agent, framework) = (claim.agent.clone(), claim.framework.clone());
        self.begin_operation(now, &agent, Some(&framework), &conversion, operation, fx);
    }

    fn plan_on_offers(&self, claim: &Claim, operation: &Operation) -> Result<Conversion, String> {
        let (Some(framework), Some(agent)) =
            (self.frameworks.get(&claim.framework), self.agents.get(&claim.agent))
        else {
            return Err("The framework or the agent is no more".to_owned());
        };
        let asker = Asker {
            principal: framework.principal.as_deref(),
            framework: Some(Limits {
                role: &claim.role,
                refines: framework.capabilities.reservation_refinement,
                shares: framework.capabilities.shared_resources,
            }),
        };
        let conversion = plan(agent, asker, operation)?;
        let consumed = claim.allocate(&conversion.consumed)?;
        claim.allocate(&conversion.converted)?;
        if !claim.left.contains(&consumed) {
            return Err(format!("{consumed} is not contained in {}", claim.left));
        }
        Ok(conversion.unallocated())
    }

    /// An operator's call.
    ///
    /// # Errors
    /// 400 if the call makes no sense here, 409 if the agent's state forbids it.
    pub(crate) fn operate_on_agent(
        &mut self,
        now: Now,
        id: &AgentId,
        operation: Operation,
        principal: Option<&str>,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let agent = self.agents.get(id).filter(|agent| agent.is_listed());
        let agent =
            agent.ok_or_else(|| Refusal::bad_request("No agent found with specified ID"))?;
        let conflict = |why: String| Refusal::new(Status::Conflict, why);
        let kind = operation.r#type().as_str_name();
        let conversion = plan(agent, Asker { principal, framework: None }, &operation)
            .map_err(|why| {
                Refusal::bad_request(format!("Invalid {kind} operation on agent {id}: {why}"))
            })?
            .unallocated();
        if agent.reachability != Reachability::Registered {
            return Err(conflict(format!("Agent {id} is disconnected")));
        }
        // Differs from Mesos (D30): it carries out operations on agents that are out of service.
        if !agent.overlay.is_none() {
            return Err(conflict(format!(
                "Agent {id} is out of service (deactivated, draining or drained) and takes no operations; \
                 reactivate it first"
            )));
        }
        if let Some(why) = self.why_over_limit(&conversion) {
            return Err(conflict(why));
        }
        self.make_free(id, &conversion.consumed, fx).map_err(conflict)?;
        if matches!(operation.r#type(), Type::Destroy) {
            self.rescind_sharers(id, &conversion.consumed.volumes(), fx);
        }
        self.begin_operation(now, id, None, &conversion, operation, fx);
        self.count_usage(id);
        self.rescind_against_quota(fx);
        Ok(())
    }

    /// Takes offers back until `wanted` is free. None if not even all of them would do.
    fn make_free(
        &mut self,
        id: &AgentId,
        wanted: &Resources,
        fx: &mut Effects,
    ) -> Result<(), String> {
        let Some(agent) = self.agents.get(id) else { return Ok(()) };
        let offers: Vec<_> = agent.offers.iter().cloned().collect();
        let mut attainable = self.free_on(agent);
        for offer in offers.iter().filter_map(|id| self.offers.get(id)) {
            attainable.add(&offer.resources.unallocated());
        }
        if !attainable.contains(wanted) {
            return Err(format!(
                "Agent {id} has {wanted} not at hand: {attainable} is neither used nor otherwise reserved"
            ));
        }
        for offer in offers {
            let is_free =
                self.agents.get(id).is_some_and(|agent| self.free_on(agent).contains(wanted));
            if is_free {
                break;
            }
            self.rescind(&offer, fx);
        }
        Ok(())
    }

    /// Takes back other offers of shared volumes that are destroyed.
    fn rescind_sharers(&mut self, agent: &AgentId, destroyed: &[Volume], fx: &mut Effects) {
        let Some(agent) = self.agents.get(agent) else { return };
        let holds = |id: &&model::OfferId| {
            let offered = self.offers.get(*id).map(|offer| offer.resources.volumes());
            offered.is_some_and(|offered| offered.iter().any(|one| destroyed.contains(one)))
        };
        let sharers: Vec<_> = agent.offers.iter().filter(holds).cloned().collect();
        for offer in sharers {
            self.rescind(&offer, fx);
        }
    }

    /// Books an operation that is good, and sends it.
    fn begin_operation(
        &mut self,
        now: Now,
        id: &AgentId,
        framework: Option<&FrameworkId>,
        conversion: &Conversion,
        info: Operation,
        fx: &mut Effects,
    ) {
        let uuid = self.new_operation_uuid();
        let Some(agent) = self.agent_mut(id) else { return };
        if agent.total.convert(conversion).is_err() {
            return fx.dropped(format!("agent {id}"), "an operation on more than there is");
        }
        let status = OperationStatus {
            operation_id: info.id.clone(),
            state: OperationState::OperationPending as i32,
            agent_id: Some(id.to_wire()),
            ..OperationStatus::default()
        };
        let operation = wire::v1::Operation {
            framework_id: framework.map(FrameworkId::to_wire),
            agent_id: Some(id.to_wire()),
            info: info.clone(),
            latest_status: status,
            statuses: Vec::new(),
            uuid: Uuid { value: uuid.to_vec().into() },
        };
        let known = state::Operation { wire: Box::new(operation), since: now.wall };
        agent.operations.insert(uuid.to_vec(), known);
        let apply = wire::link::ApplyOperation {
            framework_id: framework.map(FrameworkId::to_wire),
            info: Some(info),
            operation_uuid: Some(uuid.to_vec().into()),
        };
        let event = wire::link::Event {
            r#type: Some(wire::link::event::Type::ApplyOperation as i32),
            apply_operation: Some(apply),
            ..Default::default()
        };
        self.send_to_agent(id, event, fx);
    }

    /// Of this master's id, which no other has, and a number it has not used.
    fn new_operation_uuid(&mut self) -> [u8; 16] {
        let mut uuid = [0_u8; 16];
        for (at, byte) in self.config.master_id.bytes().enumerate() {
            let place = &mut uuid[at % 16];
            *place = place.rotate_left(3) ^ byte;
        }
        let number = self.next_operation.to_be_bytes();
        self.next_operation += 1;
        // The first of its bytes gives way to the variant: there are 2^56 numbers left.
        for (place, byte) in uuid[9..].iter_mut().zip(&number[1..]) {
            *place ^= byte;
        }
        uuid[6] = (uuid[6] & 0x0f) | 0x40;
        uuid[8] = (uuid[8] & 0x3f) | 0x80;
        uuid
    }
}

/// What an operation makes of what an agent has, if it may be done.
fn plan(agent: &Agent, asker: Asker<'_>, operation: &Operation) -> Result<Conversion, String> {
    let conversion = Conversion::of(operation).map_err(|why| why.to_string())?;
    let takes_operations = agent.capabilities.iter().any(|capability| {
        capability.r#type == Some(capability::Type::AgentOperationFeedback as i32)
    });
    if !takes_operations {
        return Err(format!("Agent {} takes no operations: it is of an older version", agent.id));
    }
    match operation.r#type() {
        Type::Reserve => check_reserve(asker, operation, &conversion)?,
        Type::Create => check_create(agent, asker, &conversion)?,
        Type::Destroy => {
            let destroyed = conversion.consumed.volumes();
            let used = agent.used.values().flat_map(Resources::volumes);
            if let Some(used) = used.into_iter().find(|volume| destroyed.contains(volume)) {
                return Err(format!("Persistent volumes in use: '{}'", used.id));
            }
        }
        Type::Unreserve
        | Type::GrowVolume
        | Type::ShrinkVolume
        | Type::CreateDisk
        | Type::DestroyDisk
        | Type::Launch
        | Type::LaunchGroup
        | Type::Unknown => {}
    }
    Ok(conversion)
}

// Mesos: a framework reserves to the role of its offers, and whoever has a principal reserves in its name.
fn check_reserve(
    asker: Asker<'_>,
    operation: &Operation,
    conversion: &Conversion,
) -> Result<(), String> {
    if let Some(principal) = asker.principal {
        for named in conversion.converted.reserving_principals() {
            if named != Some(principal) {
                return Err(format!(
                    "A reserve operation was attempted by principal '{principal}', but there is a reserved \
                     resource in the request with {}",
                    named.map_or("no principal set".to_owned(), |it| format!(
                        "principal '{it}' set"
                    ))
                ));
            }
        }
    }
    let Some(limits) = asker.framework else { return Ok(()) };
    if operation.reserve.as_ref().is_some_and(|reserve| !reserve.source.is_empty()) {
        return Err("A reserve operation on offers can't have a 'source'".to_owned());
    }
    if let Some(role) =
        conversion.converted.reservations().into_keys().find(|role| role != limits.role)
    {
        return Err(format!(
            "A reserve operation was attempted for a resource allocated to role '{}', but the resource in the \
             request is reserved to role '{role}'",
            limits.role
        ));
    }
    if !limits.refines && conversion.converted.unrefined() != conversion.converted {
        return Err(
            "A reserve operation on reserved resources needs the RESERVATION_REFINEMENT capability"
                .to_owned(),
        );
    }
    Ok(())
}

// Mesos: whoever has a principal makes volumes in its name; ids are unique within a role.
fn check_create(agent: &Agent, asker: Asker<'_>, conversion: &Conversion) -> Result<(), String> {
    if let Some(principal) = asker.principal {
        for named in conversion.converted.volume_principals() {
            if named.as_deref() != Some(principal) {
                return Err(format!(
                    "Create volume operation was attempted by principal '{principal}', but the volume in the \
                     request has {}",
                    named.map_or("no principal set".to_owned(), |it| format!(
                        "principal '{it}' set"
                    ))
                ));
            }
        }
    }
    if asker.framework.is_some_and(|limits| !limits.shares)
        && !conversion.converted.shared().is_empty()
    {
        return Err(
            "Create volume operation has been attempted by framework with no SHARED_RESOURCES capability"
                .to_owned(),
        );
    }
    let is_leaving = |volume: &Volume| {
        let pending = agent.operations.values().filter(|one| {
            one.wire.latest_status.state() == OperationState::OperationPending
                && one.wire.info.r#type() == Type::Destroy
        });
        let mut gone = pending.filter_map(|one| Conversion::of(&one.wire.info).ok());
        gone.any(|it| it.consumed.volumes().iter().any(|one| one.folder == volume.folder))
    };
    let present = agent.total.volumes();
    for volume in conversion.converted.volumes() {
        if present.iter().any(|one| one.role == volume.role && one.id == volume.id) {
            return Err(format!("Persistence ID '{}' already exists", volume.id));
        }
        if is_leaving(&volume) {
            return Err(format!("The data of a volume '{}' is still being removed", volume.id));
        }
    }
    Ok(())
}
