//! What can happen next in the small world, and what it leads to.

use std::fmt;
use std::time::Duration;

use master::{DrainRequest, Event, LinkId, Master, Message, RequestId, StreamHeader, StreamId};
use model::{AgentId, ContainerId, FrameworkId, Now, TaskId};
use wire::scheduler::{self, call};

use super::Act;
use super::host::Out;
use super::small::{Line, Small, WALL, config};
use crate::registry::Key;

/// How far the master's clock may run ahead: agents that are not there are given up.
const FAR: Duration = Duration::from_mins(11);
/// The operator's requests; others are the framework's.
const OPERATOR: u64 = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The next message of a link arrives.
    Down(usize, LinkId),
    Up(usize, LinkId),
    /// An end of a link learns that the other one is gone.
    AgentNotices(usize, LinkId),
    MasterNotices(usize, LinkId),
    FromService,
    ServiceNotices,
    /// The agent hears of something on its host.
    Local(usize),
    AgentWakes(usize),
    ExecutorWakes(usize, ContainerId),
    MasterWakes,
    /// A process heeds SIGTERM.
    Exits(usize, ContainerId, TaskId),
    // From here on what need not happen.
    /// A process ends by itself.
    Finishes(usize, ContainerId, TaskId),
    Operator(Act),
    Launch,
    AgentRunsAhead,
    MasterRunsAhead,
    MasterCrashes,
    AgentCrashes,
    LinkBreaks(LinkId),
    /// Whoever takes this step dies when it is durable and before a word is said.
    Dies(Box<Step>),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Step {
    /// Whether it happens by itself sooner or later.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Down(..)
            | Self::Up(..)
            | Self::AgentNotices(..)
            | Self::MasterNotices(..)
            | Self::FromService
            | Self::ServiceNotices
            | Self::Local(_)
            | Self::AgentWakes(_)
            | Self::ExecutorWakes(..)
            | Self::MasterWakes
            | Self::Exits(..) => true,
            Self::Finishes(..)
            | Self::Operator(_)
            | Self::Launch
            | Self::AgentRunsAhead
            | Self::MasterRunsAhead
            | Self::MasterCrashes
            | Self::AgentCrashes
            | Self::LinkBreaks(_)
            | Self::Dies(_) => false,
        }
    }

    fn is_of_agent(&self) -> bool {
        matches!(self, Self::Down(0, _) | Self::Local(0) | Self::AgentWakes(0))
    }

    /// Whether it is a step of the master, or of the agent that is drained, in which that may die.
    fn can_be_died_in(&self) -> bool {
        self.is_of_agent() || matches!(self, Self::Up(..) | Self::FromService | Self::Operator(_))
    }
}

fn is_heartbeat(event: &scheduler::Event) -> bool {
    event.r#type == Some(scheduler::event::Type::Heartbeat.into())
}

impl Small {
    /// Everything that can happen.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for host in 0..2 {
            self.add_link_steps(host, &mut steps);
            self.add_host_steps(host, &mut steps);
        }
        let service = self.service.get();
        if !service.calls.is_empty() {
            steps.push(Step::FromService);
        }
        if service.is_cut {
            steps.push(Step::ServiceNotices);
        }
        let leader = self.leader.get();
        if leader.core.next_wake().is_some_and(|at| at <= leader.at) {
            steps.push(Step::MasterWakes);
        }
        self.add_faults(&mut steps);
        if let Some(act) = self.operator.get().left.front() {
            steps.push(Step::Operator(*act));
        }
        if service.is_set_up && service.offer.is_some() {
            steps.push(Step::Launch);
        }
        if self.crashes > 0 {
            let deaths: Vec<Step> =
                steps.iter().filter(|step| step.can_be_died_in()).cloned().collect();
            steps.extend(deaths.into_iter().map(|step| Step::Dies(Box::new(step))));
        }
        steps
    }

    fn add_link_steps(&self, host: usize, steps: &mut Vec<Step>) {
        for line in self.lines[host].get() {
            let arrives = !line.is_broken;
            if line.agent_has && arrives && !line.down.is_empty() {
                steps.push(Step::Down(host, line.id));
            }
            if line.master_has && arrives && (line.hello.is_some() || !line.up.is_empty()) {
                steps.push(Step::Up(host, line.id));
            }
            let is_over = !line.master_has && (!line.is_closed || line.down.is_empty());
            if line.agent_has && (is_over || line.is_broken) {
                steps.push(Step::AgentNotices(host, line.id));
            }
            if line.master_has && (!line.agent_has || line.is_broken) {
                steps.push(Step::MasterNotices(host, line.id));
            }
        }
    }

    fn add_host_steps(&self, index: usize, steps: &mut Vec<Step>) {
        let host = self.hosts[index].get();
        if !host.inbox.is_empty() && host.core.is_some() {
            steps.push(Step::Local(index));
        }
        let has_line = self.lines[index].get().iter().any(|line| line.agent_has);
        if host.wait().is_some_and(|wait| wait.is_zero() || !has_line) {
            steps.push(Step::AgentWakes(index));
        }
        steps.extend(host.impatient().map(|id| Step::ExecutorWakes(index, id.clone())));
        for (id, container) in &host.containers {
            for (task, process) in container.tasks.iter().filter(|(_, process)| process.runs) {
                if process.got_sigterm && process.heeds {
                    steps.push(Step::Exits(index, id.clone(), task.clone()));
                } else if task.as_str() == "t2" && self.service.get().is_set_up {
                    steps.push(Step::Finishes(index, id.clone(), task.clone()));
                }
            }
        }
    }

    fn add_faults(&self, steps: &mut Vec<Step>) {
        if self.crashes > 0 {
            steps.push(Step::MasterCrashes);
            if self.hosts[0].get().core.is_some() {
                steps.push(Step::AgentCrashes);
            }
            let lines = self.lines[0].get().iter();
            let whole = lines.filter(|line| line.agent_has && line.master_has && !line.is_broken);
            steps.extend(whole.map(|line| Step::LinkBreaks(line.id)));
        }
        if self.early > 0 {
            steps.push(Step::MasterRunsAhead);
            if self.hosts[0].get().core.is_some() {
                steps.push(Step::AgentRunsAhead);
            }
        }
    }

    pub(super) fn take(&mut self, step: &Step) {
        if let Step::Dies(step) = step {
            self.crashes -= 1;
            self.perform(step, true);
            if step.is_of_agent() {
                self.crash_agent();
            } else {
                self.crash_master();
            }
        } else {
            self.perform(step, false);
        }
        // Heard at once: that it waits is the same as that its acknowledgement does.
        while !self.service.get().events.is_empty() {
            self.service_hears();
        }
        self.check_drained();
        self.check_bound();
    }

    fn perform(&mut self, step: &Step, dies: bool) {
        match step {
            Step::Down(host, link) => self.arrives_at_agent(*host, *link, dies),
            Step::Up(host, link) => self.arrives_at_master(*host, *link, dies),
            Step::AgentNotices(host, link) => {
                self.change_line(*host, *link, |line| {
                    line.agent_has = false;
                    line.down.clear();
                });
                let event = agent::Event::LinkClosed { why: "the link broke".to_owned() };
                self.host_does(*host, |host| host.agent_event(event, false));
            }
            Step::MasterNotices(host, link) => {
                self.change_line(*host, *link, |line| {
                    line.master_has = false;
                    line.hello = None;
                    line.up.clear();
                });
                self.leader_event(Event::LinkClosed { link: *link }, dies);
            }
            Step::FromService => {
                let call = self.service.change(|service| service.calls.pop_front());
                if let Some(call) = call {
                    self.service_calls(call, dies);
                }
            }
            Step::ServiceNotices => self.subscribe(),
            Step::Local(host) => self.host_does(*host, |host| host.hear(dies)),
            Step::AgentWakes(host) => self.host_does(*host, |host| host.wake_agent(dies)),
            Step::AgentRunsAhead => {
                self.early -= 1;
                self.host_does(0, |host| host.wake_agent(dies));
            }
            Step::ExecutorWakes(host, id) => {
                self.hosts[*host].change(|host| host.wake_executor(id));
            }
            Step::MasterWakes => self.leader_event(Event::Woke, dies),
            Step::MasterRunsAhead => {
                self.early -= 1;
                self.leader.change(|leader| leader.at = leader.at.plus(FAR));
                self.leader_event(Event::Woke, dies);
            }
            Step::Exits(host, id, task) => {
                self.hosts[*host].change(|it| it.task_ends(id, task, 15));
            }
            Step::Finishes(host, id, task) => {
                self.hosts[*host].change(|host| host.task_ends(id, task, 0));
            }
            Step::Operator(act) => self.operator_acts(*act, dies),
            Step::Launch => self.launch_more(),
            Step::MasterCrashes => {
                self.crashes -= 1;
                self.crash_master();
            }
            Step::AgentCrashes => {
                self.crashes -= 1;
                self.crash_agent();
            }
            Step::LinkBreaks(link) => {
                self.crashes -= 1;
                self.change_line(0, *link, |line| line.is_broken = true);
            }
            Step::Dies(_) => {}
        }
    }

    // Agents.

    pub(super) fn start_agent(&mut self, host: usize) {
        self.host_does(host, super::host::Host::start);
    }

    fn crash_agent(&mut self) {
        self.hosts[0].change(super::host::Host::crash);
        self.hang_up(0);
        self.start_agent(0);
    }

    /// Something happens on a host, and what leaves it is passed on.
    fn host_does(&mut self, index: usize, change: impl FnOnce(&mut super::host::Host) -> Vec<Out>) {
        let out = self.hosts[index].change(change);
        for out in out {
            match out {
                Out::Connect(hello) => self.connect(index, hello),
                Out::Disconnect => self.hang_up(index),
                Out::Call(call) => self.lines[index].change(|lines| {
                    if let Some(line) = lines.iter_mut().find(|line| line.agent_has)
                        && line.master_has
                    {
                        line.up.push_back(*call);
                    }
                }),
                Out::Stop(stop) => self.agent_stops(index, &stop),
                Out::Broken(rule, what) => self.breaks(rule, what),
            }
        }
    }

    fn agent_stops(&mut self, index: usize, stop: &agent::Stop) {
        if let agent::Stop::Gone { message } = stop
            && !message.contains("could not be ended in time")
            && !self.hosts[index].get().containers.is_empty()
        {
            self.breaks("gone-means-empty", "a container outlives its agent");
        }
        self.hosts[index].change(super::host::Host::crash);
        self.hang_up(index);
        if !matches!(stop, agent::Stop::Gone { .. }) {
            self.start_agent(index);
        }
    }

    fn connect(&mut self, host: usize, hello: Box<wire::link::Hello>) {
        self.hang_up(host);
        self.links[host] += 1;
        let id = LinkId(host as u64 * 1000 + self.links[host]);
        self.lines[host].change(|lines| lines.push(Line::new(id, hello)));
    }

    fn hang_up(&mut self, host: usize) {
        self.lines[host].change(|lines| {
            for line in lines.iter_mut() {
                line.agent_has = false;
                line.down.clear();
            }
            lines.retain(|line| line.master_has);
        });
    }

    fn change_line(&mut self, host: usize, link: LinkId, change: impl FnOnce(&mut Line)) {
        self.lines[host].change(|lines| {
            if let Some(line) = lines.iter_mut().find(|line| line.id == link) {
                change(line);
            }
            lines.retain(|line| line.agent_has || line.master_has);
        });
    }

    fn arrives_at_agent(&mut self, host: usize, link: LinkId, dies: bool) {
        let mut event = None;
        self.change_line(host, link, |line| {
            event = line.down.pop_front();
            if let Some(registered) = event.as_ref().and_then(|it| it.registered.as_ref()) {
                line.agent = registered.agent_id.as_ref().map(AgentId::from);
            }
        });
        if let Some(event) = event {
            let event = agent::Event::Link(Box::new(event));
            self.host_does(host, |host| host.agent_event(event, dies));
        }
    }

    fn arrives_at_master(&mut self, host: usize, link: LinkId, dies: bool) {
        let mut event = None;
        self.change_line(host, link, |line| {
            if let Some(hello) = line.hello.take() {
                let ip = format!("10.0.0.{}", host + 1);
                event = Some(Event::AgentHello { link, hello, ip, principal: None });
            } else if let (Some(call), Some(agent)) = (line.up.pop_front(), &line.agent) {
                event = Some(Event::AgentCalls { link, agent: agent.clone(), calls: vec![call] });
            }
        });
        if let Some(event) = event {
            self.leader_event(event, dies);
        }
    }

    // The master.

    fn leader_event(&mut self, event: Event, dies: bool) {
        let before = self.leader.get().registry.clone();
        let effects = self.leader.change(|leader| {
            let effects = leader.core.apply(Now { at: leader.at, wall: WALL }, event);
            for mutation in &effects.mutations {
                match Key::of(mutation) {
                    (key, true) => leader.registry.insert(key, mutation.clone()),
                    (key, false) => leader.registry.remove(&key),
                };
            }
            effects
        });
        self.check_leader(&before, &effects);
        if !dies {
            for message in effects.messages {
                self.master_says(message);
            }
        }
    }

    fn master_says(&mut self, message: Message) {
        match message {
            Message::Agent { link, event } => {
                for host in 0..2 {
                    self.change_line(host, link, |line| {
                        if line.agent_has && line.master_has {
                            line.down.push_back((*event).clone());
                        }
                    });
                }
            }
            Message::CloseLink { link } => {
                for host in 0..2 {
                    self.change_line(host, link, |line| {
                        (line.master_has, line.is_closed) = (false, true);
                        line.hello = None;
                        line.up.clear();
                    });
                }
            }
            Message::Scheduler { stream, event } => self.service.change(|service| {
                if service.stream == Some(stream) && !service.is_cut && !is_heartbeat(&event) {
                    service.events.push_back(*event);
                }
            }),
            Message::CloseScheduler { stream } => self.service.change(|service| {
                service.is_cut |= service.stream == Some(stream);
            }),
            Message::Operator { .. } => {}
            Message::Reply { request, outcome } => {
                if request.0 >= OPERATOR {
                    self.operator.change(|operator| operator.hears(outcome.is_ok()));
                }
            }
        }
    }

    fn crash_master(&mut self) {
        for host in 0..2 {
            self.lines[host].change(|lines| {
                for line in lines.iter_mut() {
                    (line.master_has, line.hello) = (false, None);
                    line.up.clear();
                }
                lines.retain(|line| line.agent_has);
            });
        }
        self.service.change(|service| {
            service.is_cut = true;
            service.calls.clear();
        });
        self.leader.change(|leader| {
            leader.number += 1;
            let records = leader.registry.values().cloned();
            let now = Now { at: leader.at, wall: WALL };
            leader.core =
                Master::recover(config(leader.number), records, now).expect("own records");
        });
        let registry = self.leader.get().registry.clone();
        self.check_leader(&registry, &master::Effects::default());
        self.check_promise();
    }

    // The operator.

    fn operator_acts(&mut self, act: Act, dies: bool) {
        let Some(agent) = self.agent_id(0) else { return };
        let request = RequestId(OPERATOR);
        let drain = |grace: Option<u64>, mark_gone| DrainRequest {
            max_grace_period: grace.map(Duration::from_secs),
            mark_gone,
            ..DrainRequest::default()
        };
        let event = match act {
            Act::Drain => Event::DrainAgent { request, agent, drain: drain(None, false) },
            Act::Tighten => Event::DrainAgent { request, agent, drain: drain(Some(0), true) },
            Act::Reactivate => Event::ReactivateAgent { request, agent },
        };
        if act == Act::Reactivate || dies {
            self.operator.change(|operator| operator.is_sure = false);
        }
        self.leader_event(event, dies);
        if dies {
            self.operator.change(|operator| operator.hears(false));
            self.operator.change(|operator| operator.is_sure = false);
        }
    }

    // The framework.

    /// It opens a stream; without one before, it is new.
    pub(super) fn subscribe(&mut self) {
        let (stream, info, suppressed) = self.service.change(|service| {
            service.streams += 1;
            let stream = StreamId(service.streams);
            service.stream = Some(stream);
            service.is_cut = false;
            service.events.clear();
            service.calls.clear();
            service.offer = None;
            (stream, service.info(), service.is_set_up)
        });
        let event = Event::SchedulerSubscribe {
            request: RequestId(1),
            stream,
            framework_id: info.id.as_ref().map(FrameworkId::from),
            subscribe: Box::new(call::Subscribe {
                suppressed_roles: if suppressed { info.roles.clone() } else { Vec::new() },
                framework_info: info,
                ..call::Subscribe::default()
            }),
            principal: None,
        };
        self.leader_event(event, false);
    }

    fn service_calls(&mut self, call: scheduler::Call, dies: bool) {
        let Some(stream) = self.service.get().stream else { return };
        let event = Event::SchedulerCall {
            request: RequestId(2),
            header: StreamHeader::Of(stream),
            call: Box::new(call),
            principal: None,
        };
        self.leader_event(event, dies);
    }

    fn service_hears(&mut self) {
        let heard = self.service.change(|service| {
            let event = service.events.pop_front()?;
            service.hears(event)
        });
        let Some((task, state, has_uuid, contradicts)) = heard else { return };
        if contradicts {
            self.breaks("one-terminal-state", format!("{task} is now {state:?}"));
        }
        if has_uuid && model::task::is_terminal(state) {
            self.check_news(&task);
        }
    }

    fn launch_more(&mut self) {
        self.service.change(|service| {
            if let Some(offer) = service.offer.take() {
                service.accept(&offer, &["t4"]);
            }
        });
    }
}
