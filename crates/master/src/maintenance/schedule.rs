//! The maintenance schedule as a plain value: which machines are to be unavailable when, and which are down.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::Refusal;
use wire::maintenance::Schedule;
use wire::registry::MaintenanceRecord;
use wire::v1::Unavailability;

use crate::state::Agent;

/// What a schedule may take in the registry, where it is one record.
const MAX_BYTES: usize = 1 << 20;
/// What a machine or a window takes beside its texts.
const ENTRY_BYTES: usize = 32;

/// Names machines: all with this host name, with this address, or with both.
// Differs from Mesos: there an agent is only found by both, and a machine that is named by one is nobody's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MachineId {
    hostname: String,
    ip: String,
}

/// A machine of the schedule. It is draining in Mesos' words unless it is down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Machine {
    pub(crate) unavailability: Unavailability,
    pub(crate) down: bool,
}

/// Where an agent's machine stands in the schedule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AgentMaintenance {
    pub(crate) machine: MachineId,
    pub(crate) unavailability: Unavailability,
    pub(crate) down: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Maintenance {
    schedule: Schedule,
    machines: BTreeMap<MachineId, Machine>,
}

impl MachineId {
    fn new(id: &wire::v1::MachineId) -> Self {
        Self { hostname: id.hostname().to_owned(), ip: id.ip().to_owned() }
    }

    /// As Mesos has it in refusals.
    fn to_json(&self) -> String {
        wire::json::to_string(&self.to_wire())
    }

    pub(crate) fn to_wire(&self) -> wire::v1::MachineId {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        wire::v1::MachineId { hostname: some(&self.hostname), ip: some(&self.ip) }
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.hostname.is_empty() && self.ip.is_empty() {
            return Err(Refusal::bad_request("Both 'hostname' and 'ip' for a machine are empty"));
        }
        if !self.ip.is_empty() && self.ip.parse::<IpAddr>().is_err() {
            let ip = self.ip.escape_debug();
            return Err(Refusal::bad_request(format!("Failed to parse the IP '{ip}'")));
        }
        Ok(())
    }
}

impl std::fmt::Display for MachineId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.hostname, self.ip)
    }
}

/// The machines of a call, each once.
///
/// # Errors
/// There is none, one is named twice, or one has neither name nor address.
// Mesos: texts, of which two are about "the schedule" for every call.
pub(crate) fn machines(ids: &[wire::v1::MachineId]) -> Result<BTreeSet<MachineId>, Refusal> {
    if ids.is_empty() {
        return Err(Refusal::bad_request("List of machines is empty"));
    }
    let mut seen = BTreeSet::new();
    for id in ids.iter().map(MachineId::new) {
        id.check()?;
        if seen.contains(&id) {
            return Err(twice(&id));
        }
        seen.insert(id);
    }
    Ok(seen)
}

fn twice(id: &MachineId) -> Refusal {
    let json = id.to_json();
    Refusal::bad_request(format!("Machine '{json}' appears more than once in the schedule"))
}

impl Maintenance {
    pub(crate) fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(crate) fn machines(&self) -> &BTreeMap<MachineId, Machine> {
        &self.machines
    }

    /// Where the machine at this address stands, by the entry that names it most closely.
    pub(crate) fn of(&self, agent: &Agent) -> Option<AgentMaintenance> {
        if self.machines.is_empty() {
            return None;
        }
        let (hostname, ip) = (agent.info.hostname.clone(), agent.ip.clone());
        let by_name = MachineId { hostname: hostname.clone(), ip: String::new() };
        let by_ip = MachineId { hostname: String::new(), ip: ip.clone() };
        [MachineId { hostname, ip }, by_name, by_ip].into_iter().find_map(|id| {
            let machine = self.machines.get(&id)?;
            let Machine { unavailability, down } = *machine;
            Some(AgentMaintenance { machine: id, unavailability, down })
        })
    }

    /// This schedule in place of the present one. Machines that are down stay down.
    ///
    /// # Errors
    /// The schedule makes no sense, or leaves out a machine that is down.
    pub(crate) fn with_schedule(&self, schedule: Schedule) -> Result<Self, Refusal> {
        let mut machines = BTreeMap::new();
        let mut bytes = 0;
        for window in &schedule.windows {
            if window.machine_ids.is_empty() {
                let text = "List of machines in the maintenance window is empty";
                return Err(Refusal::bad_request(text));
            }
            if window.unavailability.duration.is_some_and(|it| it.nanoseconds < 0) {
                return Err(Refusal::bad_request("Unavailability 'duration' is negative"));
            }
            bytes += ENTRY_BYTES;
            for id in window.machine_ids.iter().map(MachineId::new) {
                id.check()?;
                bytes += ENTRY_BYTES + id.hostname.len() + id.ip.len();
                let down = self.machines.get(&id).is_some_and(|machine| machine.down);
                let machine = Machine { unavailability: window.unavailability, down };
                let name = id.clone();
                if machines.insert(id, machine).is_some() {
                    return Err(twice(&name));
                }
            }
        }
        if bytes > MAX_BYTES {
            return Err(Refusal::bad_request(format!(
                "The schedule takes {bytes} bytes, at most {MAX_BYTES} are kept; schedule fewer machines at a time"
            )));
        }
        let mut down = self.machines.iter().filter(|(_, machine)| machine.down);
        if let Some((id, _)) = down.find(|(id, _)| !machines.contains_key(*id)) {
            return Err(Refusal::bad_request(format!(
                "Machine '{}' is deactivated and cannot be removed from the schedule",
                id.to_json()
            )));
        }
        Ok(Self { schedule, machines })
    }

    /// With these machines down.
    ///
    /// # Errors
    /// One is not scheduled, or is down already.
    // Mesos: what is scheduled and not down is in the mode DRAINING, which is no drain.
    pub(crate) fn with_down(&self, ids: &BTreeSet<MachineId>) -> Result<Self, Refusal> {
        let mut after = self.clone();
        for id in ids {
            let machine = after.machines.get_mut(id).ok_or_else(|| not_scheduled(id))?;
            if machine.down {
                return Err(Refusal::bad_request(format!(
                    "Machine '{}' is not in DRAINING mode and cannot be brought down",
                    id.to_json()
                )));
            }
            machine.down = true;
        }
        Ok(after)
    }

    /// With these machines up again, which takes them out of the schedule.
    ///
    /// # Errors
    /// One is not scheduled, or is not down.
    pub(crate) fn with_up(&self, ids: &BTreeSet<MachineId>) -> Result<Self, Refusal> {
        let mut after = self.clone();
        for id in ids {
            let machine = after.machines.remove(id).ok_or_else(|| not_scheduled(id))?;
            if !machine.down {
                return Err(Refusal::bad_request(format!(
                    "Machine '{}' is not in DOWN mode and cannot be brought up",
                    id.to_json()
                )));
            }
        }
        for window in &mut after.schedule.windows {
            window.machine_ids.retain(|id| !ids.contains(&MachineId::new(id)));
        }
        after.schedule.windows.retain(|window| !window.machine_ids.is_empty());
        Ok(after)
    }

    pub(crate) fn to_record(&self) -> MaintenanceRecord {
        let down = self.machines.iter().filter(|(_, machine)| machine.down);
        MaintenanceRecord {
            schedule: Some(self.schedule.clone()),
            down: down.map(|(id, _)| id.to_wire()).collect(),
        }
    }

    /// What a record that [`Maintenance::to_record`] wrote says.
    ///
    /// # Errors
    /// It schedules nothing, or what it says is down is not scheduled.
    pub(crate) fn recover(record: MaintenanceRecord) -> Result<Self, Refusal> {
        let scheduled = Self::default().with_schedule(record.schedule.unwrap_or_default())?;
        if scheduled.is_empty() {
            return Err(Refusal::bad_request("No machine is scheduled, so nothing is to be kept"));
        }
        if record.down.is_empty() {
            return Ok(scheduled);
        }
        scheduled.with_down(&machines(&record.down)?)
    }
}

fn not_scheduled(id: &MachineId) -> Refusal {
    let json = id.to_json();
    Refusal::bad_request(format!("Machine '{json}' is not part of a maintenance schedule"))
}
