//! Operators who reserve resources and make volumes by hand, at agents in any state.

use master::RequestId;
use model::AgentId;
use wire::v1;
use wire::v1::offer::Operation;

use crate::deeds::Kind;
use crate::operator::Act;
use crate::storage::{create, destroy, is_dynamic, reserve, reserved, unreserve, volume_on};
use crate::world::{Happening, World};

/// How an operator's reservation is sized, in megabytes.
const SHARE: f64 = 64.0;

impl World {
    /// `RESERVE_RESOURCES`, `CREATE_VOLUMES`, `DESTROY_VOLUMES` or `UNRESERVE_RESOURCES`.
    pub(crate) fn operator_orders(&mut self) {
        if self.is_at_rest() {
            return;
        }
        let every = self.plan.act_every;
        self.soon(every * 2, Happening::OperatorOrders);
        let Some((agent, resources)) = self.agent_to_operate() else { return };
        if self.is_left_out(Kind::Operator, 0) {
            return;
        }
        let Some(core) = self.find_leader() else {
            return self.it_is("finds no leader");
        };
        let operation = self.order(&resources);
        let kind = operation.r#type().as_str_name();
        self.it_is(format_args!("{kind} {agent}"));
        let request = RequestId(self.number());
        self.operator.asks(request, core, Act::Operate, agent.clone());
        let operation = Box::new(operation);
        let event = master::Event::Operate { request, agent, operation, principal: None };
        self.tell_master(core, std::time::Duration::from_millis(1), event);
    }

    /// An agent as its master shows it, one out of service as soon as any other.
    fn agent_to_operate(&mut self) -> Option<(AgentId, Vec<v1::Resource>)> {
        let agents = self.acting()?.core.view_agents().agents;
        let out = agents.iter().filter(|agent| agent.deactivated == Some(true));
        let out: Vec<_> = out.collect();
        let all: Vec<_> = agents.iter().collect();
        let from = if self.dice.chance(300) && !out.is_empty() { &out } else { &all };
        let one = self.dice.pick(from)?;
        let id = one.agent_info.id.as_ref().map(AgentId::from)?;
        Some((id, one.total_resources.clone()))
    }

    fn order(&mut self, resources: &[v1::Resource]) -> Operation {
        let dynamic = resources.iter().filter(|one| is_dynamic(one));
        let (volumes, reservations): (Vec<_>, Vec<_>) = dynamic.partition(|it| it.disk.is_some());
        let sites: Vec<_> = reservations.iter().filter(|one| one.name == "disk").collect();
        let act = self.dice.below(10);
        if act < 3 && !volumes.is_empty() {
            return destroy(self.dice.pick(&volumes).map(|one| (*one).clone()).unwrap_or_default());
        }
        if act < 5 && !reservations.is_empty() {
            let one = self.dice.pick(&reservations).map(|one| (*one).clone());
            return unreserve(one.unwrap_or_default());
        }
        if act < 7
            && let Some(site) = self.dice.pick(&sites)
        {
            return create(volume_on(site, self.dice.below(4)));
        }
        // For a service, or for nobody who asks for offers.
        let role = format!("role-{}", self.dice.below(4));
        let kind = *self.dice.pick(&["disk", "mem", "cpus"]).unwrap_or(&"disk");
        let value = if kind == "cpus" { 0.5 } else { SHARE };
        let plain = v1::Resource {
            name: kind.to_owned(),
            r#type: v1::value::Type::Scalar.into(),
            scalar: Some(v1::value::Scalar { value }),
            ..v1::Resource::default()
        };
        let refines = self.dice.chance(500);
        reserve(vec![reserved(plain, &role, refines)])
    }
}
