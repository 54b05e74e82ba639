//! A framework that keeps a number of tasks running and acknowledges everything at once.

use master::StreamId;
use model::task::is_terminal;
use model::{FrameworkId, TaskState};
use wire::scheduler::{self, call};
use wire::v1;

use super::scalar;

const FIRST_PORT: u64 = 31_000;
/// A framework outlives its scheduler's connection by this many seconds.
const FAILOVER_TIMEOUT: f64 = 7.0 * 24.0 * 3600.0;

/// What a scheduler does about an event, and what it saw that must not be.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) calls: Vec<scheduler::Call>,
    /// Wants [`Service::revive`] to be called in a while.
    pub(super) revive_later: bool,
    pub(super) wrong: Option<(&'static str, String)>,
}

/// A framework's scheduler.
#[derive(Debug)]
pub(super) struct Service {
    number: usize,
    pub(super) id: Option<FrameworkId>,
    pub(super) stream: Option<StreamId>,
    wanted: usize,
    /// Tasks per agent it aims at.
    per_offer: usize,
    pub(super) live: usize,
    pub(super) running: usize,
    takes_offers: bool,
    /// It will revive.
    will_revive: bool,
    /// The latest state of each task by its number.
    states: Vec<TaskState>,
}

impl Service {
    pub(super) fn new(number: usize, wanted: usize, per_offer: usize) -> Self {
        Self {
            number,
            id: None,
            stream: None,
            wanted,
            per_offer,
            live: 0,
            running: 0,
            takes_offers: true,
            will_revive: false,
            states: Vec::new(),
        }
    }

    /// Whether as many tasks run as are wanted.
    pub(super) fn is_content(&self) -> bool {
        self.running == self.wanted
    }

    fn role(&self) -> String {
        format!("team-{}", self.number)
    }

    pub(super) fn subscribe(&mut self, stream: StreamId) -> call::Subscribe {
        use v1::framework_info::capability::Type as Is;
        self.stream = Some(stream);
        self.takes_offers = true;
        let capability = |is: Is| v1::framework_info::Capability { r#type: Some(is.into()) };
        call::Subscribe {
            framework_info: v1::FrameworkInfo {
                id: self.id.as_ref().map(FrameworkId::to_wire),
                user: "web".to_owned(),
                name: format!("service-{}", self.number),
                failover_timeout: Some(FAILOVER_TIMEOUT),
                roles: vec![self.role()],
                capabilities: [Is::MultiRole, Is::PartitionAware, Is::TaskKillingState]
                    .map(capability)
                    .to_vec(),
                ..v1::FrameworkInfo::default()
            },
            ..call::Subscribe::default()
        }
    }

    pub(super) fn hear(&mut self, event: scheduler::Event) -> Answer {
        let mut answer = Answer::default();
        if let Some(subscribed) = event.subscribed {
            self.id = Some(FrameworkId::from(&subscribed.framework_id));
        }
        if let Some(offers) = event.offers {
            self.offered(offers.offers, &mut answer);
        }
        if let Some(update) = event.update {
            self.updated(update.status, &mut answer);
        }
        if let Some(error) = event.error {
            answer.wrong = Some(("no-error-for-frameworks", error.message));
        }
        answer
    }

    /// Asks for offers again, on behalf of all tasks that have ended meanwhile.
    pub(super) fn revive(&mut self) -> Option<(StreamId, scheduler::Call)> {
        self.will_revive = false;
        let stream = self.stream.filter(|_| !self.takes_offers)?;
        self.takes_offers = true;
        Some((stream, self.call(call::Type::Revive)))
    }

    fn call(&self, kind: call::Type) -> scheduler::Call {
        scheduler::Call {
            framework_id: self.id.as_ref().map(FrameworkId::to_wire),
            r#type: Some(kind.into()),
            ..scheduler::Call::default()
        }
    }

    fn offered(&mut self, offers: Vec<v1::Offer>, answer: &mut Answer) {
        let mut declined = Vec::new();
        for offer in offers {
            let count = self.per_offer.min(self.wanted - self.live).min(room(&offer));
            if count == 0 {
                declined.push(offer.id);
                continue;
            }
            let task_infos = (0..count).map(|index| self.make_task(&offer, index)).collect();
            let operation = v1::offer::Operation {
                r#type: Some(v1::offer::operation::Type::Launch.into()),
                launch: Some(v1::offer::operation::Launch { task_infos }),
                ..v1::offer::Operation::default()
            };
            let accept = call::Accept {
                offer_ids: vec![offer.id],
                operations: vec![operation],
                filters: None,
            };
            let call = self.call(call::Type::Accept);
            answer.calls.push(scheduler::Call { accept: Some(accept), ..call });
        }
        if self.live == self.wanted && self.takes_offers {
            self.takes_offers = false;
            answer.calls.push(self.call(call::Type::Suppress));
        }
        if !declined.is_empty() {
            let decline = call::Decline { offer_ids: declined, filters: None };
            let call = self.call(call::Type::Decline);
            answer.calls.push(scheduler::Call { decline: Some(decline), ..call });
        }
    }

    fn make_task(&mut self, offer: &v1::Offer, index: usize) -> v1::TaskInfo {
        let name = format!("service-{}.{}", self.number, self.states.len());
        self.states.push(TaskState::TaskStaging);
        self.live += 1;
        let allocated = |resource: v1::Resource| v1::Resource {
            allocation_info: offer.allocation_info.clone(),
            ..resource
        };
        let port = ports(offer).nth(index).unwrap_or(FIRST_PORT);
        let resources = [scalar("cpus", 1.0), scalar("mem", 512.0), super::ports(port, port)];
        v1::TaskInfo {
            task_id: v1::TaskId { value: name.clone() },
            name,
            agent_id: offer.agent_id.clone(),
            resources: resources.map(allocated).to_vec(),
            command: Some(v1::CommandInfo {
                value: Some("exec ./server --port $PORT".to_owned()),
                ..v1::CommandInfo::default()
            }),
            ..v1::TaskInfo::default()
        }
    }

    fn updated(&mut self, status: v1::TaskStatus, answer: &mut Answer) {
        let id = &status.task_id.value;
        let number = id.rsplit('.').next().and_then(|number| number.parse::<usize>().ok());
        let known = number.and_then(|number| self.states.get_mut(number));
        let (Some(known), Some(state)) = (known, model::task::state_from_wire(status.state)) else {
            answer.wrong = Some(("updates-are-of-known-tasks", id.clone()));
            return;
        };
        if is_terminal(*known) && *known != state {
            let what = format!("{id} was {known:?} and is {state:?}");
            answer.wrong = Some(("one-end-per-task", what));
        } else if *known != state {
            self.running -= usize::from(*known == TaskState::TaskRunning);
            self.running += usize::from(state == TaskState::TaskRunning);
            *known = state;
            if is_terminal(state) {
                self.live -= 1;
                answer.revive_later = !self.takes_offers && !self.will_revive;
                self.will_revive |= answer.revive_later;
            }
        }
        if let (Some(uuid), Some(agent_id)) = (status.uuid, status.agent_id) {
            let acknowledge = call::Acknowledge { agent_id, task_id: status.task_id, uuid };
            let call = self.call(call::Type::Acknowledge);
            answer.calls.push(scheduler::Call { acknowledge: Some(acknowledge), ..call });
        }
    }
}

/// How many tasks fit into an offer.
fn room(offer: &v1::Offer) -> usize {
    let cpus = offer.resources.iter().filter(|resource| resource.name == "cpus");
    let thousandths: i64 = cpus
        .filter_map(|resource| resource.scalar.as_ref())
        .filter_map(|scalar| model::resources::Thousandths::from_f64(scalar.value))
        .map(|amount| amount.0)
        .sum();
    usize::try_from(thousandths / 1000).unwrap_or(0)
}

fn ports(offer: &v1::Offer) -> impl Iterator<Item = u64> {
    let all = offer.resources.iter().filter_map(|resource| resource.ranges.as_ref());
    all.flat_map(|ranges| &ranges.range).flat_map(|range| range.begin..=range.end)
}
