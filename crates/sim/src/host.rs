//! A host: the agent on it, its disk, and its containers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use agent::{
    Agent, ContainerFate, ExitStatus, LaunchSpec, Message, Note, Records, RequestId, Stop, StreamId,
};
use model::{AgentId, ContainerId, Moment};

use crate::clocks::Clock;
use crate::pauses::Pause;
use crate::process::{Batch, Core as _, Process};
use crate::quirks::Quirk;
use crate::tasks::{Asker, Container};
use crate::world::{Happening, World};

/// A machine with one agent.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a machine")]
pub(crate) struct Host {
    index: usize,
    pub(crate) clock: Clock,
    /// What of the agent's checkpoints is durable.
    pub(crate) disk: Records,
    pub(crate) process: Option<Process<Agent>>,
    /// The agent stands still.
    pub(crate) pause: Option<Pause>,
    /// Nothing can be written until then.
    pub(crate) disk_full: Option<Moment>,
    /// Up to then something was wrong here that keeps kills from being carried out in time.
    pub(crate) troubled_until: Moment,
    /// Something was wrong with its network up to then, or it had to come back.
    pub(crate) unheard_until: Moment,
    /// The agent or an executor stood still up to then.
    pub(crate) stood_still_until: Moment,
    /// The smallest bound the agent was told of since it was last reactivated.
    pub(crate) drain_bound: Option<Duration>,
    /// The agent is about to end for good and ends everything.
    pub(crate) is_leaving: bool,
    /// Which master is tried next.
    pub(crate) attempt: usize,
    /// Changes when the machine is booted.
    pub(crate) boot: u32,
    /// Containers with a living owner.
    pub(crate) containers: BTreeMap<ContainerId, Container>,
    /// How owners ended, as their exit files say; lost by nothing but a reboot.
    pub(crate) ended: BTreeMap<ContainerId, ExitStatus>,
    /// Folders of persistent volumes, and whether something was written there.
    pub(crate) volumes: BTreeMap<String, bool>,
    /// As the master last called it.
    pub(crate) id: Option<AgentId>,
    pub(crate) line: Option<master::LinkId>,
    /// Nothing arrives at the host, or at the master from it, until then.
    pub(crate) cut_down: Option<Moment>,
    pub(crate) cut_up: Option<Moment>,
    /// Containers whose start is under way.
    launching: BTreeSet<ContainerId>,
    /// Nobody will start its agent again.
    pub(crate) stays_down: bool,
    /// The agent has ended for good.
    pub(crate) is_gone: bool,
    /// The agent dies while it commits the next time.
    pub(crate) crash_at_commit: bool,
    /// It never starts in this run.
    pub(crate) is_left_out: bool,
    /// Requests of executors that the agent has not answered, and whether each is a SUBSCRIBE.
    pub(crate) requests: BTreeMap<RequestId, Asker>,
}

impl Host {
    pub(crate) fn new(index: usize, origin: Moment) -> Self {
        Self {
            index,
            clock: Clock::new(origin),
            disk: Records::default(),
            process: None,
            pause: None,
            disk_full: None,
            troubled_until: Moment(0),
            unheard_until: Moment(0),
            stood_still_until: Moment(0),
            drain_bound: None,
            is_leaving: false,
            attempt: index,
            boot: 1,
            containers: BTreeMap::new(),
            ended: BTreeMap::new(),
            volumes: BTreeMap::new(),
            id: None,
            line: None,
            cut_down: None,
            cut_up: None,
            launching: BTreeSet::new(),
            stays_down: false,
            is_gone: false,
            crash_at_commit: false,
            is_left_out: false,
            requests: BTreeMap::new(),
        }
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn has_full_disk(&self, now: Moment) -> bool {
        self.disk_full.is_some_and(|until| until > now)
    }

    pub(crate) fn ip(&self) -> String {
        format!("10.0.0.{}", self.index + 1)
    }

    fn config(&self, seed: [u8; 32]) -> agent::Config {
        let scalar = |name: &str, value: f64| wire::v1::Resource {
            name: name.to_owned(),
            r#type: wire::v1::value::Type::Scalar.into(),
            scalar: Some(wire::v1::value::Scalar { value }),
            ..wire::v1::Resource::default()
        };
        let info = wire::v1::AgentInfo {
            hostname: format!("h{}", self.index + 1),
            port: Some(5051),
            resources: vec![scalar("cpus", 8.0), scalar("mem", 8192.0), scalar("disk", 8192.0)],
            ..wire::v1::AgentInfo::default()
        };
        let endpoint = format!("{}:5051", self.ip());
        agent::Config {
            boot_id: format!("boot-{}-{}", self.index, self.boot),
            machine_id: format!("machine-{}", self.index),
            ..agent::Config::new(info, &endpoint, "/var/lib/ebb", seed)
        }
    }

    /// Processes of tasks that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = (&ContainerId, &model::TaskId)> {
        self.containers
            .iter()
            .flat_map(|(id, container)| container.running().map(move |task| (id, task)))
    }
}

impl World {
    pub(crate) fn start_agent(&mut self, host: usize) {
        let seed = self.dice.bytes();
        let number = self.number();
        let place = &mut self.hosts[host];
        let is_out =
            place.is_left_out || place.is_gone || place.stays_down || place.disk.gone().is_some();
        if place.process.is_some() || is_out {
            return;
        }
        // The shell ends what carries the mark of a container that no checkpoint knows.
        let known = &place.disk.executors;
        place.containers.retain(|id, _| known.contains_key(id));
        let fate = |id: &ContainerId| {
            let ended = place.ended.get(id).map(|status| ContainerFate::Exited(*status));
            ended.or_else(|| place.containers.contains_key(id).then_some(ContainerFate::Alive))
        };
        let fates = known.keys().filter_map(|id| Some((id.clone(), fate(id)?))).collect();
        let config = place.config(seed);
        let now = place.clock.now(self.now);
        let (core, effects) = Agent::recover(config, place.disk.clone(), fates, now);
        core.check_thoroughly();
        let mut process = Process::new(core, number);
        process.committing = Some(effects.into());
        place.process = Some(process);
        place.unheard_until = place.unheard_until.max(self.now.at.plus(Duration::from_mins(4)));
        self.coverage.count("world", "agent started");
        let most = self.plan.commit;
        self.soon(most, Happening::AgentCommitted { host, process: number });
        self.schedule_agent_wake(host);
    }

    /// Something for the agent process that runs now.
    pub(crate) fn tell_agent(&mut self, host: usize, wait: Duration, event: agent::Event) {
        if let Some(process) = self.hosts[host].process.as_ref().map(|process| process.number) {
            let event = Box::new(event);
            self.after(wait, Happening::AgentEvent { host, process, event });
        }
    }

    pub(crate) fn agent_event(&mut self, host: usize, process: u64, event: agent::Event) {
        let agent = self.hosts[host].process.as_mut();
        let Some(agent) = agent.filter(|agent| agent.number == process) else { return };
        agent.mailbox.push_back(event);
        self.run_agent(host);
    }

    pub(crate) fn agent_wakes(&mut self, host: usize, process: u64, at: Moment) {
        let agent = self.hosts[host].process.as_mut();
        let Some(agent) = agent.filter(|agent| agent.number == process) else { return };
        if agent.wakes_at == Some(at) {
            agent.wakes_at = None;
            agent.mailbox.push_back(agent::Event::Woke);
            self.run_agent(host);
        }
    }

    fn run_agent(&mut self, host: usize) {
        let now = self.hosts[host].clock.now(self.now);
        let agent = self.hosts[host].process.as_mut();
        let Some(agent) = agent.filter(|agent| agent.committing.is_none()) else { return };
        let mut batch = Batch::default();
        while let Some(event) = agent.mailbox.pop_front() {
            let effects = agent.core.decide(now, event);
            self.truth.agent_decided(&agent.core, &effects);
            batch.append(effects);
        }
        let process = agent.number;
        if batch.mutations.is_empty() {
            if !batch.notes.is_empty() {
                self.check_agent_records(host);
            }
            self.release_agent(host, batch);
        } else {
            let early =
                model::bug("agent_speaks_early").then(|| std::mem::take(&mut batch.messages));
            agent.committing = Some(batch);
            let most = self.plan.commit;
            self.soon(most, Happening::AgentCommitted { host, process });
            early.into_iter().flatten().for_each(|message| self.agent_sends(host, message));
            if std::mem::take(&mut self.hosts[host].crash_at_commit) && !self.is_at_rest() {
                self.crash_agent(host, true);
                self.soon(Duration::from_secs(20), Happening::AgentStarts { host });
            }
        }
        self.schedule_agent_wake(host);
    }

    pub(crate) fn agent_committed(&mut self, host: usize, process: u64) {
        let place = &mut self.hosts[host];
        if place.has_full_disk(self.now.at)
            && let Some(agent) = place.process.as_mut().filter(|agent| agent.number == process)
            && agent.committing.as_ref().is_some_and(|batch| !batch.mutations.is_empty())
        {
            // The agent ends: nothing of the batch is durable or said. Its executors run on.
            self.coverage.count("world", "agent cannot write");
            agent.committing = None;
            self.crash_agent(host, true);
            return self.soon(Duration::from_mins(1), Happening::AgentStarts { host });
        }
        let place = &mut self.hosts[host];
        let agent = place.process.as_mut().filter(|agent| agent.number == process);
        let Some(mut batch) = agent.and_then(|agent| agent.committing.take()) else { return };
        self.agent_writes(host, std::mem::take(&mut batch.mutations));
        self.check_agent_records(host);
        self.release_agent(host, batch);
        self.run_agent(host);
    }

    fn release_agent(&mut self, host: usize, batch: Batch<Agent>) {
        for note in &batch.notes {
            self.coverage.count_variant("agent", note);
            if let Note::Escalated { container, .. } = note {
                self.check_graces_of(host, container);
            }
        }
        for message in batch.messages {
            self.agent_sends(host, message);
        }
    }

    /// The agent is about to end a container because the graces of its tasks are over.
    fn check_graces_of(&mut self, host: usize, container: &ContainerId) {
        let one = self.hosts[host].containers.get(container);
        for (task, _) in one.map(Container::asked).unwrap_or_default() {
            self.check_grace(host, container, &task);
        }
    }

    fn schedule_agent_wake(&mut self, host: usize) {
        let Some(agent) = &mut self.hosts[host].process else { return };
        if let Some(at) = agent.new_alarm(self.now) {
            let process = agent.number;
            self.at(at, Happening::AgentWakes { host, process, at });
        }
    }

    fn agent_sends(&mut self, host: usize, message: Message) {
        match message {
            Message::Connect { hello } => self.connect(host, hello),
            Message::Disconnect => self.disconnect(host),
            Message::Call { call } => self.send_up(host, call),
            Message::Executor { stream, event } => self.send_to_executor(host, stream, event),
            Message::CloseExecutor { stream } => self.close_executor(host, stream),
            Message::Launch(spec) => {
                let place = &mut self.hosts[host];
                let Some(process) = place.process.as_ref().map(|process| process.number) else {
                    return;
                };
                place.launching.insert(spec.container.clone());
                let started = Happening::ContainerStarts { host, process, spec };
                // Mostly at once; what has to be fetched first takes its time.
                let most = if self.dice.chance(150) { 30_000 } else { 50 };
                self.soon(Duration::from_millis(most), started);
            }
            Message::Destroy { container } => {
                let boot = self.hosts[host].boot;
                // Mostly at once; what waits for a device takes its time.
                let waits = self.dice.chance(20);
                let most = if waits { 40_000 } else { 200 };
                let wait = self.dice.between(Duration::ZERO, Duration::from_millis(most));
                if waits {
                    self.trouble(host, self.now.at.plus(wait));
                }
                self.after(wait, Happening::Destroyed { host, boot, container });
            }
            Message::MakeVolumes(made) => self.make_volumes(host, &made),
            Message::LinkVolumes { volumes, .. } => self.link_volumes(host, &volumes),
            Message::RemoveVolumes { operation, volumes } => {
                self.remove_volumes(host, operation, volumes);
            }
            Message::Reply { request, outcome } => self.agent_replied(host, request, outcome),
            Message::Stop(stop) => self.agent_stops(host, &stop),
        }
    }

    fn agent_stops(&mut self, host: usize, stop: &Stop) {
        self.coverage.count_variant("agent stop", stop);
        self.truth.agent_stopped(&self.hosts[host], stop);
        self.crash_agent(host, true);
        match stop {
            Stop::Gone { .. } => self.hosts[host].is_gone = true,
            // Somebody starts it again.
            Stop::Refused { .. } | Stop::Incompatible { .. } | Stop::Unregistered => {
                self.soon(Duration::from_mins(5), Happening::AgentStarts { host });
            }
        }
    }

    /// The agent process ends without a word; its containers run on.
    pub(crate) fn crash_agent(&mut self, host: usize, master_hears: bool) {
        let is_durable = self.dice.chance(500);
        let place = &mut self.hosts[host];
        let Some(agent) = place.process.take() else { return };
        place.troubled_until = place.troubled_until.max(self.now.at);
        place.launching.clear();
        place.pause = None;
        if let Some(batch) = agent.committing
            && is_durable
        {
            self.agent_writes(host, batch.mutations);
        }
        if let Some(link) = self.hosts[host].line.take() {
            self.break_line(link, false, master_hears);
        }
        self.executors_lose_their_agent(host);
    }

    pub(crate) fn container_starts(&mut self, host: usize, process: u64, spec: LaunchSpec) {
        let place = &mut self.hosts[host];
        // The agent that wanted it may have died: then nobody starts it.
        if place.process.as_ref().is_none_or(|agent| agent.number != process) {
            return;
        }
        place.launching.remove(&spec.container);
        if self.dice.chance(10) || self.hosts[host].has_full_disk(self.now.at) {
            let container = spec.container;
            let error = "no space left on device".to_owned();
            return self.tell_agent(
                host,
                Duration::ZERO,
                agent::Event::ContainerLaunchFailed { container, error },
            );
        }
        self.link_volumes(host, &spec.volumes);
        let container = spec.container.clone();
        let pid = u32::try_from(self.number()).unwrap_or(u32::MAX);
        let seed = self.dice.bytes();
        let now = self.hosts[host].clock.now(self.now);
        let mut one = Container::new(&spec, seed, now);
        one.quirk = self.new_quirk(&spec.program);
        if one.quirk == Some(Quirk::ExitsEarly) {
            let most = self.dice.between(Duration::ZERO, Duration::from_mins(10));
            let end = Happening::Destroyed {
                host,
                boot: self.hosts[host].boot,
                container: container.clone(),
            };
            self.soon(most, end);
        }
        self.hosts[host].containers.insert(container.clone(), one);
        self.tell_agent(
            host,
            Duration::from_millis(1),
            agent::Event::ContainerLaunched { container: container.clone(), pid, pid_started: 7 },
        );
        self.schedule_executor(host, &container);
    }

    pub(crate) fn container_destroyed(&mut self, host: usize, boot: u32, container: &ContainerId) {
        if self.hosts[host].boot != boot {
            return;
        }
        if self.hosts[host].launching.contains(container) {
            // A destroy waits for the launch it has overtaken.
            let container = container.clone();
            let again = Happening::Destroyed { host, boot, container };
            return self.after(Duration::from_millis(60), again);
        }
        let one = self.hosts[host].containers.get(container);
        let is_stuck = one.is_some_and(Container::is_stuck);
        if is_stuck || (one.is_some() && !self.is_at_rest() && self.dice.chance(30)) {
            self.trouble(host, self.now.at.plus(Duration::from_secs(32)));
            let survivors = vec!["42 (state D, tar)".to_owned()];
            let container = container.clone();
            return self.tell_agent(
                host,
                Duration::ZERO,
                agent::Event::ContainerDestroyFailed { container, survivors },
            );
        }
        self.end_container(host, container, ExitStatus::Signalled(9));
    }

    /// Every process of the container ends; the agent hears of it if there is one.
    pub(crate) fn end_container(
        &mut self,
        host: usize,
        container: &ContainerId,
        status: ExitStatus,
    ) {
        let place = &mut self.hosts[host];
        let ended = place.containers.remove(container);
        for (task, asked) in ended.iter().flat_map(Container::asked) {
            self.check_overdue(host, &task, asked);
        }
        let stream = ended.and_then(|container| container.stream);
        let place = &mut self.hosts[host];
        let is_known = !place.has_full_disk(self.now.at);
        let status = match place.ended.get(container) {
            Some(first) => *first,
            // The exit file cannot be written: who comes later finds nothing.
            None if !is_known => status,
            None => *place.ended.entry(container.clone()).or_insert(status),
        };
        if let Some(stream) = stream {
            self.executor_stream_ends(host, stream);
        }
        let container = container.clone();
        self.tell_agent(
            host,
            Duration::from_millis(2),
            agent::Event::ContainerExited { container, status },
        );
    }

    fn executor_stream_ends(&mut self, host: usize, stream: StreamId) {
        let event = agent::Event::ExecutorClosed { stream };
        self.tell_agent(host, Duration::from_millis(1), event);
    }

    /// The machine goes down with everything on it and comes up again.
    pub(crate) fn reboot(&mut self, host: usize) {
        self.crash_agent(host, false);
        let place = &mut self.hosts[host];
        place.containers.clear();
        place.ended.clear();
        place.requests.clear();
        place.drain_bound = None;
        place.is_leaving = false;
        place.boot += 1;
        self.soon(Duration::from_mins(4), Happening::AgentStarts { host });
    }
}
