//! Operators who plan maintenance, take machines down for it and up again; and the rules about that.

use std::collections::BTreeMap;
use std::time::Duration;

use master::{Mutation, RequestId};
use model::{AgentId, Refusal};
use wire::maintenance::{Schedule, Window};
use wire::registry::{Admission, AgentRecord, MaintenanceRecord};
use wire::v1::{DrainState, MachineId, Unavailability};

use crate::deeds::Kind;
use crate::registry::Key;
use crate::world::{Happening, World};

/// Machines of the schedule, by host, and whether each is down.
type Machines = BTreeMap<usize, bool>;

/// A call about maintenance. There is one at a time.
#[derive(Clone, Debug)]
struct Asked {
    request: RequestId,
    core: u64,
    what: &'static str,
    /// What holds if it is granted.
    then: Machines,
}

/// What an operator knows of maintenance.
#[derive(Debug)]
pub(crate) struct Upkeep {
    asked: Option<Asked>,
    /// None as long as a call has no answer and its master is no more.
    known: Option<Machines>,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self { asked: None, known: Some(Machines::new()) }
    }
}

impl Upkeep {
    /// Whether a host's machine is, or may be, in the schedule.
    pub(crate) fn may_plan(&self, host: usize) -> bool {
        let known = self.known.as_ref();
        self.asked.is_some() || known.is_none_or(|machines| machines.contains_key(&host))
    }

    /// A master is no more: nobody knows what has become of a call it did not answer.
    pub(crate) fn reply_lost(&mut self, core: u64) {
        if self.asked.take_if(|asked| asked.core == core).is_some() {
            self.known = None;
        }
    }
}

/// The machine of a host: by name, by address, or by both.
fn machine(host: usize) -> MachineId {
    let (hostname, ip) = (format!("h{}", host + 1), format!("10.0.0.{}", host + 1));
    match host % 3 {
        0 => MachineId { hostname: Some(hostname), ip: Some(ip) },
        1 => MachineId { hostname: Some(hostname), ip: None },
        _ => MachineId { hostname: None, ip: Some(ip) },
    }
}

fn is_machine_of(id: &MachineId, record: &AgentRecord) -> bool {
    let hostname = record.info.as_ref().map(|info| info.hostname.as_str());
    id.hostname.as_deref().is_none_or(|name| Some(name) == hostname)
        && id.ip.as_deref().is_none_or(|ip| ip == record.ip())
}

impl World {
    pub(crate) fn operator_maintains(&mut self) {
        let every = self.plan.act_every * 4;
        let again = if self.is_at_rest() { Duration::from_secs(20) } else { every };
        self.soon(again, Happening::OperatorMaintains);
        if self.is_at_rest() && !self.plan.ends_maintenance {
            return;
        }
        // One call at a time, and none before the last one is known to have had its effect or not.
        let Some(known) = self.operator.upkeep.known.clone() else { return };
        if self.operator.upkeep.asked.is_some() {
            return;
        }
        let down: Vec<usize> = known.iter().filter(|(_, down)| **down).map(|(it, _)| *it).collect();
        if self.is_at_rest() && down.is_empty() {
            return;
        }
        if self.is_left_out(Kind::Operator, 0) {
            return;
        }
        let Some(core) = self.find_leader() else {
            return self.it_is("finds no leader");
        };
        let request = RequestId(self.number());
        let step = if self.is_at_rest() { 9 } else { self.dice.below(10) };
        let any = self.dice.index(self.hosts.len());
        let (what, event, then) = match step {
            0..=3 => {
                let (event, then) = self.plan_maintenance(request, &known);
                ("UPDATE_MAINTENANCE_SCHEDULE", event, then)
            }
            4..=6 => {
                let planned: Vec<usize> = known.keys().copied().collect();
                let host = self.dice.pick(&planned).copied().unwrap_or(any);
                self.it_is(format_args!("START_MAINTENANCE h{}", host + 1));
                let event =
                    master::Event::StartMaintenance { request, machines: vec![machine(host)] };
                let mut then = known;
                then.insert(host, true);
                ("START_MAINTENANCE", event, then)
            }
            _ => {
                let host = self.dice.pick(&down).copied().unwrap_or(any);
                self.it_is(format_args!("STOP_MAINTENANCE h{}", host + 1));
                let event =
                    master::Event::StopMaintenance { request, machines: vec![machine(host)] };
                let mut then = known;
                then.remove(&host);
                ("STOP_MAINTENANCE", event, then)
            }
        };
        self.operator.upkeep.asked = Some(Asked { request, core, what, then });
        self.tell_master(core, Duration::from_millis(1), event);
    }

    /// `UPDATE_MAINTENANCE_SCHEDULE` with some of the hosts; one that is down is left out only by mistake.
    fn plan_maintenance(
        &mut self,
        request: RequestId,
        known: &Machines,
    ) -> (master::Event, Machines) {
        let mut then = Machines::new();
        for host in 0..self.hosts.len() {
            let is_down = known.get(&host).copied().unwrap_or(false);
            if self.dice.chance(if is_down { 950 } else { 400 }) {
                then.insert(host, is_down);
            }
        }
        let planned: Vec<String> = then.keys().map(|host| format!("h{}", host + 1)).collect();
        self.it_is(format_args!("UPDATE_MAINTENANCE_SCHEDULE {}", planned.join(" ")));
        let start = wire::v1::TimeInfo { nanoseconds: self.now.wall.0 };
        let window = Window {
            machine_ids: then.keys().copied().map(machine).collect(),
            unavailability: Unavailability { start, duration: None },
        };
        let windows = if then.is_empty() { Vec::new() } else { vec![window] };
        let schedule = Box::new(Schedule { windows });
        (master::Event::UpdateMaintenance { request, schedule }, then)
    }

    /// The master's answer to a call about maintenance. True if it is one.
    pub(crate) fn maintenance_replied(
        &mut self,
        request: RequestId,
        outcome: &Result<(), Refusal>,
    ) -> bool {
        let upkeep = &mut self.operator.upkeep;
        let Some(asked) = upkeep.asked.take_if(|asked| asked.request == request) else {
            return false;
        };
        let group = if outcome.is_ok() { "operator" } else { "operator refused" };
        self.coverage.count(group, asked.what);
        if outcome.is_ok() {
            upkeep.known = Some(asked.then);
            self.check_schedule("is told");
        }
        true
    }

    /// A master leads: what it has read is what the operator was told.
    pub(crate) fn maintenance_is_read(&mut self) {
        if self.operator.upkeep.known.is_none() && self.operator.upkeep.asked.is_none() {
            self.operator.upkeep.known = Some(self.machines_written());
        }
        self.check_schedule("holds after a failover");
    }

    fn machines_written(&self) -> Machines {
        let Some(record) = self.maintenance_record() else { return Machines::new() };
        let windows = record.schedule.iter().flat_map(|schedule| &schedule.windows);
        let planned: Vec<&MachineId> = windows.flat_map(|window| &window.machine_ids).collect();
        let hosts = 0..self.hosts.len();
        let planned = hosts.filter(|host| planned.contains(&&machine(*host)));
        planned.map(|host| (host, record.down.contains(&machine(host)))).collect()
    }

    fn maintenance_record(&self) -> Option<&MaintenanceRecord> {
        match self.registry.records.get(&Key::Maintenance) {
            Some(Mutation::SetMaintenance(record)) => Some(record),
            _ => None,
        }
    }

    fn check_schedule(&mut self, when: &str) {
        if self.operator.upkeep.asked.is_some() {
            return;
        }
        let written = self.machines_written();
        if let Some(known) = self.operator.upkeep.known.as_ref().filter(|it| **it != written) {
            let what = format!("maintenance of {known:?} {when}, and {written:?} is written");
            self.truth.broken("acknowledged-is-durable", what);
        }
    }

    /// After every commit: the agents of a machine that is down drain, and a drain for maintenance does not outlive it.
    pub(crate) fn check_maintenance(&mut self) {
        let down = self.maintenance_record().map(|record| &record.down[..]).unwrap_or_default();
        let mut broken = Vec::new();
        for record in self.registry.records.values() {
            let Mutation::SetAgent(record) = record else { continue };
            let is_down = down.iter().any(|id| is_machine_of(id, record));
            let id = record.agent_id.as_ref().map(AgentId::from);
            let drain = record.drain.as_ref();
            if is_down && drain.is_none() && record.admission() == Admission::Admitted {
                broken.push(("down-means-draining", format!("{id:?} is down and does not drain")));
            }
            let is_over =
                drain.is_some_and(|it| it.for_maintenance() && it.state() == DrainState::Drained);
            if is_over && !is_down {
                broken.push(("maintenance-ends", format!("{id:?} is up and out of service")));
            }
        }
        for (rule, what) in broken {
            self.truth.broken(rule, what);
        }
    }
}
