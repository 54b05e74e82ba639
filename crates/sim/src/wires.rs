//! What lies between the processes: links of agents and event streams of schedulers.
//!
//! Each is like a TCP connection: what is sent one way arrives in order or not at all, two of them know
//! nothing of each other, and the two ends may learn of its end at very different times.

use std::time::Duration;

use master::{LinkId, Message, StreamId};
use model::{AgentId, FrameworkId, Moment};

use crate::world::{Happening, World};

/// Redirects a greeting follows.
const HOPS: usize = 3;

/// A link as the world sees it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) host: usize,
    /// The agent process at its one end.
    agent: u64,
    /// The candidate it leads to, and the core there that has taken it; none so far is 0.
    pub(crate) target: usize,
    pub(crate) master: u64,
    /// Redirects followed.
    hops: usize,
    /// The master's end is over.
    master_is_over: bool,
    /// As `REGISTERED` said; calls carry it.
    pub(crate) agent_id: Option<AgentId>,
    /// Nothing passes any more.
    broken: bool,
    /// When the last thing sent arrives; nothing overtakes it.
    down_until: Moment,
    up_until: Moment,
}

/// A scheduler's stream as the world sees it.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) service: usize,
    /// The core that serves it.
    pub(crate) master: u64,
    pub(crate) broken: bool,
    /// The master has taken SUBSCRIBE, and learns of the end; whichever comes first.
    is_taken: bool,
    is_ended: bool,
    until: Moment,
}

impl Line {
    /// Whether it holds, and what was sent on it has arrived.
    pub(crate) fn is_quiet(&self, now: Moment) -> bool {
        !self.broken && !self.master_is_over && self.down_until < now && self.up_until < now
    }
}

impl World {
    pub(crate) fn latency(&mut self) -> Duration {
        let most = self.plan.latency;
        self.dice.between(Duration::from_micros(50), most)
    }

    // Links.

    /// The agent opens a link to the next of the masters it knows; its last one ends.
    pub(crate) fn connect(&mut self, host: usize, hello: Box<wire::link::Hello>) {
        self.disconnect(host);
        let place = &mut self.hosts[host];
        let Some(agent) = place.process.as_ref().map(|process| process.number) else { return };
        let target = place.attempt % self.masters.len();
        place.attempt += 1;
        let link = LinkId(self.number());
        let line = Line {
            host,
            agent,
            target,
            master: 0,
            hops: 0,
            master_is_over: false,
            agent_id: None,
            broken: false,
            down_until: self.now.at,
            up_until: self.now.at,
        };
        self.hosts[host].line = Some(link);
        self.lines.insert(link, line);
        let wait = self.latency();
        self.after(wait, Happening::Hello { link, hello });
    }

    pub(crate) fn disconnect(&mut self, host: usize) {
        if let Some(link) = self.hosts[host].line.take() {
            self.break_line(link, false, true);
        }
    }

    /// Ends a link; each end that is to hear of it does after a while.
    pub(crate) fn break_line(&mut self, link: LinkId, tell_agent: bool, tell_master: bool) {
        let Some(line) = self.lines.get_mut(&link) else { return };
        if line.broken && !tell_agent && !tell_master {
            return;
        }
        line.broken = true;
        if tell_agent {
            self.soon(Duration::from_secs(2), Happening::LineEndsAtAgent { link });
        }
        if tell_master {
            self.soon(Duration::from_secs(2), Happening::LineEndsAtMaster { link });
        }
    }

    pub(crate) fn line_ends_at_agent(&mut self, link: LinkId) {
        let Some(line) = self.lines.get_mut(&link) else { return };
        line.broken = true;
        let (host, process) = (line.host, line.agent);
        if self.hosts[host].line == Some(link) {
            self.hosts[host].line = None;
            let event = agent::Event::LinkClosed { why: "the link broke".to_owned() };
            self.agent_event(host, process, event);
        }
        self.forget_line(link);
    }

    pub(crate) fn line_ends_at_master(&mut self, link: LinkId) {
        let Some(line) = self.lines.get_mut(&link) else { return };
        line.broken = true;
        line.master_is_over = true;
        let core = line.master;
        self.master_event(core, master::Event::LinkClosed { link });
        self.forget_line(link);
    }

    /// The core at the master's end is no more.
    pub(crate) fn master_forgets_line(&mut self, link: LinkId) {
        self.break_line(link, true, false);
        if let Some(line) = self.lines.get_mut(&link) {
            line.master_is_over = true;
        }
    }

    /// Nobody asks about a link any more of which both ends are over.
    fn forget_line(&mut self, link: LinkId) {
        let Some(line) = self.lines.get(&link) else { return };
        let agent_is_over = self.hosts[line.host].line != Some(link);
        let is_served = !line.master_is_over && self.candidate_of(line.master).is_some();
        if line.broken && agent_is_over && !is_served {
            self.lines.remove(&link);
        }
    }

    pub(crate) fn hello_arrives(&mut self, link: LinkId, hello: Box<wire::link::Hello>) {
        let Some(line) = self.lines.get(&link).filter(|line| !line.broken) else { return };
        let (host, target, hops) = (line.host, line.target, line.hops);
        if let Some(until) = self.hosts[host].cut_up.filter(|until| *until > self.now.at) {
            return self.at(until, Happening::Hello { link, hello });
        }
        if let Some(core) = self.masters[target].term().map(|term| term.process.number) {
            if let Some(line) = self.lines.get_mut(&link) {
                line.master = core;
            }
            let ip = self.hosts[host].ip();
            let event = master::Event::AgentHello { link, hello, ip, principal: None };
            return self.master_event(core, event);
        }
        match self.redirect(target).filter(|_| hops < HOPS) {
            Some(leader) => {
                self.coverage.count("world", "agent redirected");
                if let Some(line) = self.lines.get_mut(&link) {
                    line.target = leader;
                    line.hops += 1;
                }
                let wait = self.latency();
                self.after(wait, Happening::Hello { link, hello });
            }
            // Nobody is there, or nobody that knows the leader.
            None => self.soon(Duration::from_secs(1), Happening::LineEndsAtAgent { link }),
        }
    }

    fn send_down(&mut self, link: LinkId, event: Box<wire::link::Event>) {
        let latency = self.latency();
        let now = self.now.at;
        let Some(line) = self.lines.get_mut(&link).filter(|line| !line.broken) else { return };
        line.down_until = line.down_until.max(now.plus(latency));
        let at = line.down_until;
        self.at(at, Happening::Down { link, event });
    }

    pub(crate) fn down_arrives(&mut self, link: LinkId, event: Box<wire::link::Event>) {
        let Some(line) = self.lines.get_mut(&link).filter(|line| !line.broken) else { return };
        let (host, process) = (line.host, line.agent);
        if let Some(until) = self.hosts[host].cut_down.filter(|until| *until > self.now.at) {
            line.down_until = line.down_until.max(until);
            return self.at(until, Happening::Down { link, event });
        }
        if let Some(registered) = &event.registered {
            line.agent_id = registered.agent_id.as_ref().map(AgentId::from);
            self.hosts[host].id.clone_from(&line.agent_id);
        }
        if self.hosts[host].line == Some(link) {
            self.order_arrives(host, &event);
            let shutdown = event.shutdown.is_some();
            self.hosts[host].is_leaving |= shutdown;
            self.agent_event(host, process, agent::Event::Link(event));
        }
    }

    pub(crate) fn send_up(&mut self, host: usize, call: Box<wire::link::Call>) {
        let latency = self.latency();
        let now = self.now.at;
        let Some(link) = self.hosts[host].line else { return };
        let Some(line) = self.lines.get_mut(&link).filter(|line| !line.broken) else { return };
        line.up_until = line.up_until.max(now.plus(latency));
        let at = line.up_until;
        self.at(at, Happening::Up { link, call });
    }

    pub(crate) fn up_arrives(&mut self, link: LinkId, call: Box<wire::link::Call>) {
        let Some(line) = self.lines.get_mut(&link).filter(|line| !line.broken) else { return };
        let (host, core) = (line.host, line.master);
        if let Some(until) = self.hosts[host].cut_up.filter(|until| *until > self.now.at) {
            line.up_until = line.up_until.max(until);
            return self.at(until, Happening::Up { link, call });
        }
        let Some(agent) = line.agent_id.clone() else { return };
        let is_repeated = self.is_repeated();
        if is_repeated {
            // The answer was lost: the same batch comes again.
            self.coverage.count("fault", "calls delivered twice");
            let (agent, calls) = (agent.clone(), vec![(*call).clone()]);
            self.master_event(core, master::Event::AgentCalls { link, agent, calls });
        }
        let calls = vec![*call];
        self.master_event(core, master::Event::AgentCalls { link, agent, calls });
    }

    fn is_repeated(&mut self) -> bool {
        !self.is_at_rest() && self.dice.chance(self.plan.loss)
    }

    // What the master sends.

    pub(crate) fn master_sends(&mut self, message: Message) {
        match message {
            Message::Agent { link, event } => self.send_down(link, event),
            Message::CloseLink { link } => {
                // After what was sent.
                let Some(line) = self.lines.get_mut(&link) else { return };
                line.master_is_over = true;
                let at = line.down_until.plus(Duration::from_millis(1)).max(self.now.at);
                self.at(at, Happening::LineEndsAtAgent { link });
            }
            Message::Scheduler { stream, event } => self.send_to_service(stream, event),
            Message::CloseScheduler { stream } => {
                let Some(open) = self.streams.get(&stream) else { return };
                let at = open.until.plus(Duration::from_millis(1)).max(self.now.at);
                self.at(at, Happening::StreamEndsAtService { stream });
            }
            Message::Operator { .. } => {}
            Message::Reply { request, outcome } => self.master_replied(request, &outcome),
        }
    }

    // Streams of schedulers.

    pub(crate) fn open_stream(&mut self, service: usize) -> Option<StreamId> {
        let master = self.find_leader()?;
        let stream = StreamId(self.number());
        let until = self.now.at;
        self.streams.insert(
            stream,
            Stream { service, master, broken: false, is_taken: false, is_ended: false, until },
        );
        Some(stream)
    }

    fn send_to_service(&mut self, stream: StreamId, event: Box<wire::scheduler::Event>) {
        let latency = self.latency();
        let now = self.now.at;
        let Some(open) = self.streams.get_mut(&stream).filter(|open| !open.broken) else { return };
        open.until = open.until.max(now.plus(latency));
        let at = open.until;
        self.at(at, Happening::ToService { stream, event });
    }

    pub(crate) fn is_open(&self, stream: StreamId) -> bool {
        self.streams.get(&stream).is_some_and(|open| !open.broken)
    }

    pub(crate) fn break_stream(&mut self, stream: StreamId, tell_service: bool, tell_master: bool) {
        let Some(open) = self.streams.get_mut(&stream) else { return };
        open.broken = true;
        if tell_service {
            self.soon(Duration::from_secs(20), Happening::StreamEndsAtService { stream });
        }
        if tell_master {
            self.soon(Duration::from_secs(20), Happening::StreamEndsAtMaster { stream });
        }
    }

    pub(crate) fn stream_ends_at_service(&mut self, stream: StreamId) {
        let Some(open) = self.streams.get_mut(&stream) else { return };
        open.broken = true;
        let service = open.service;
        self.services[service].lost(stream);
        self.streams.remove(&stream);
    }

    pub(crate) fn stream_ends_at_master(&mut self, stream: StreamId) {
        let Some(open) = self.streams.get_mut(&stream) else { return };
        open.is_ended = true;
        let (core, service) = (open.master, open.service);
        // A connection is read from its start: that it has ended comes after what was sent on it.
        if !open.is_taken {
            return;
        }
        self.master_event(core, master::Event::SchedulerClosed { stream });
        if self.services[service].stream != Some(stream) {
            self.streams.remove(&stream);
        }
    }

    /// SUBSCRIBE is read by the master, and the end of its stream with it if that came first.
    pub(crate) fn subscribe_is_taken(&mut self, stream: StreamId) {
        let Some(open) = self.streams.get_mut(&stream) else { return };
        open.is_taken = true;
        if open.is_ended {
            self.coverage.count("world", "subscription is over before it is read");
            self.stream_ends_at_master(stream);
        }
    }

    /// A call of a service, after the way it has to go. Calls are requests of their own: they may
    /// overtake each other.
    pub(crate) fn call_master(&mut self, service: usize, call: wire::scheduler::Call) {
        let Some(stream) = self.services[service].stream else { return };
        let Some(core) = self.streams.get(&stream).filter(|it| !it.broken).map(|it| it.master)
        else {
            return;
        };
        let request = master::RequestId(self.number());
        let header = master::StreamHeader::Of(stream);
        let wait = self.latency();
        let call = Box::new(call);
        let event = master::Event::SchedulerCall { request, header, call, principal: None };
        self.tell_master(core, wait, event);
    }

    pub(crate) fn subscribe(&mut self, service: usize, info: wire::v1::FrameworkInfo) {
        let Some(stream) = self.open_stream(service) else { return };
        let core = self.streams[&stream].master;
        let request = master::RequestId(self.number());
        let framework_id = info.id.as_ref().map(FrameworkId::from);
        self.services[service].stream = Some(stream);
        let subscribe = Box::new(wire::scheduler::call::Subscribe {
            framework_info: info,
            ..wire::scheduler::call::Subscribe::default()
        });
        let event = master::Event::SchedulerSubscribe {
            request,
            stream,
            framework_id,
            subscribe,
            principal: None,
        };
        let wait = self.latency();
        self.tell_master(core, wait, event);
    }
}
