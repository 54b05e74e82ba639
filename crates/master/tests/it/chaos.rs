//! Drains under loss, delay, reconnection and failover, in many orders chosen by a seed.
//!
//! Safety, at every step: a drained agent runs nothing and nothing is on its way there; no agent that was
//! reactivated refuses a launch. Liveness: once faults stop, every drain ends.

use std::collections::VecDeque;
use std::time::Duration;

use master::{DrainRequest, Event, LinkId, Message, RequestId, StreamHeader, StreamId};
use model::{AgentId, FrameworkId};
use wire::v1::{DrainState, TaskState};
use wire::{link, scheduler};

use crate::peers::Peer;
use crate::world::{World, acknowledge, framework, launch};

/// One line between two ends; what is on it is lost when it breaks.
struct Node {
    peer: Peer,
    link: Option<LinkId>,
    down: VecDeque<link::Event>,
    up: VecDeque<link::Call>,
}

#[derive(Default)]
struct Scheduler {
    id: Option<FrameworkId>,
    stream: Option<StreamId>,
    inbox: VecDeque<scheduler::Event>,
}

struct Chaos {
    world: World,
    nodes: Vec<Node>,
    scheduler: Scheduler,
    random: u64,
    tasks: u32,
    drained: u32,
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let nodes = (1..=2).map(|port| Node {
            peer: Peer::new(port),
            link: None,
            down: VecDeque::new(),
            up: VecDeque::new(),
        });
        Self {
            world: World::new(),
            nodes: nodes.collect(),
            scheduler: Scheduler::default(),
            random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            tasks: 0,
            drained: 0,
        }
    }

    fn random(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    fn step(&mut self) {
        let node = usize::from(self.random(2) == 1);
        match self.random(40) {
            0..=7 => self.deliver_down(node),
            8..=15 => self.deliver_up(node),
            16..=22 => self.deliver_to_scheduler(true),
            23..=25 => self.connect_node(node),
            26..=28 => self.connect_scheduler(),
            29 => self.break_link(node),
            30 => self.break_scheduler(),
            31 => {
                // The agent gives up a connection that the master takes for alive.
                self.nodes[node].link = None;
                self.nodes[node].up.clear();
                self.nodes[node].down.clear();
            }
            32 => self.failover(),
            33 => self.finish_a_task(node),
            34 => {
                let seconds = self.random(400);
                self.pass(Duration::from_secs(seconds));
            }
            35..=39 => self.operate(node),
            _ => unreachable!("numbers below 40"),
        }
        self.check();
    }

    fn operate(&mut self, node: usize) {
        let Some(id) = self.nodes[node].peer.id.as_ref().map(AgentId::from) else { return };
        // Refusals are part of it.
        let outcome = match self.random(8) {
            0 | 1 => self.world.deactivate(&id),
            2..=4 => self.world.reactivate(&id),
            number => {
                let drain = DrainRequest {
                    max_grace_period: (number == 5).then(|| Duration::from_secs(number)),
                    mark_gone: self.random(30) == 0,
                    ..DrainRequest::default()
                };
                self.world.drain_with(&id, drain)
            }
        };
        if let Err(refusal) = outcome {
            assert_eq!(refusal.status.code(), 400);
        }
        self.route();
    }

    fn connect_node(&mut self, node: usize) {
        if self.nodes[node].link.is_some() || self.nodes[node].peer.gone {
            return;
        }
        let hello = self.nodes[node].peer.hello();
        let link = self.world.hello(hello);
        self.nodes[node].link = Some(link);
        self.route();
    }

    fn break_link(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        node.up.clear();
        node.down.clear();
        if let Some(link) = node.link.take() {
            self.world.close(link);
            self.route();
        }
    }

    fn deliver_down(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        if let Some(event) = node.down.pop_front() {
            node.up.extend(node.peer.receive(event));
        }
    }

    fn deliver_up(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let (Some(link), Some(id)) = (node.link, node.peer.id.as_ref().map(AgentId::from)) else {
            return;
        };
        if let Some(call) = node.up.pop_front() {
            self.world.call(link, &id, call);
            self.route();
        }
    }

    fn finish_a_task(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let key = node.peer.tasks.keys().next().cloned();
        if let Some(key) = key {
            let updates = node.peer.move_task(&key, TaskState::TaskFinished);
            node.up.extend(updates);
        }
    }

    fn connect_scheduler(&mut self) {
        if self.scheduler.stream.is_some() {
            return;
        }
        let mut info = framework("chaos");
        info.failover_timeout = Some(900.0);
        info.id = self.scheduler.id.as_ref().map(FrameworkId::to_wire);
        let stream = StreamId(self.world.number());
        let request = RequestId(self.world.number());
        self.scheduler.stream = Some(stream);
        self.world.apply(Event::SchedulerSubscribe {
            request,
            stream,
            framework_id: self.scheduler.id.clone(),
            subscribe: Box::new(scheduler::call::Subscribe {
                framework_info: info,
                ..Default::default()
            }),
            principal: None,
        });
        self.route();
    }

    fn break_scheduler(&mut self) {
        self.scheduler.inbox.clear();
        if let Some(stream) = self.scheduler.stream.take() {
            self.world.apply(Event::SchedulerClosed { stream });
            self.route();
        }
    }

    fn deliver_to_scheduler(&mut self, may_launch: bool) {
        let Some(event) = self.scheduler.inbox.pop_front() else { return };
        if let Some(subscribed) = event.subscribed {
            self.scheduler.id = Some(FrameworkId::from(&subscribed.framework_id));
        }
        if event.error.is_some() {
            // Removed after its timeout: it starts anew.
            self.scheduler = Scheduler::default();
            return;
        }
        let (Some(id), Some(stream)) = (self.scheduler.id.clone(), self.scheduler.stream) else {
            return;
        };
        let mut calls = Vec::new();
        for offer in event.offers.into_iter().flat_map(|offers| offers.offers) {
            if may_launch && self.tasks < 60 {
                self.tasks += 1;
                calls.push(launch(&id, &offer, &format!("t{}", self.tasks)));
            }
        }
        calls.extend(event.update.and_then(|update| acknowledge(&id, &update.status)));
        for call in calls {
            let request = RequestId(self.world.number());
            let header = StreamHeader::Of(stream);
            let call = Box::new(call);
            self.world.apply(Event::SchedulerCall { request, header, call, principal: None });
            self.route();
        }
    }

    fn failover(&mut self) {
        self.world.failover();
        self.scheduler.stream = None;
        self.scheduler.inbox.clear();
        for node in &mut self.nodes {
            node.link = None;
            node.up.clear();
            node.down.clear();
        }
    }

    /// Puts what the master sent on the lines.
    fn route(&mut self) {
        let mut closed = Vec::new();
        for message in std::mem::take(&mut self.world.messages) {
            match message {
                Message::Agent { link, event } => {
                    let node = self.nodes.iter_mut().find(|node| node.link == Some(link));
                    if let Some(node) = node {
                        node.down.push_back(*event);
                    }
                }
                Message::CloseLink { link } => closed.push(link),
                Message::Scheduler { stream, event } => {
                    if self.scheduler.stream == Some(stream) {
                        self.scheduler.inbox.push_back(*event);
                    }
                }
                // Handled when the scheduler has read its last word.
                Message::CloseScheduler { .. }
                | Message::Operator { .. }
                | Message::Reply { .. } => {}
            }
        }
        for node in &mut self.nodes {
            if node.link.is_some_and(|link| closed.contains(&link)) {
                // What left before the end still arrives.
                while let Some(event) = node.down.pop_front() {
                    node.peer.receive(event);
                }
                node.link = None;
                node.up.clear();
            }
        }
        let drained = self.world.notes.iter();
        let drained = drained.filter(|note| matches!(note, master::Note::Drained { .. })).count();
        self.drained += u32::try_from(drained).unwrap();
        self.world.notes.clear();
    }

    fn check(&self) {
        for node in &self.nodes {
            assert!(node.peer.launches_refused.is_empty(), "a launch met an agent that refuses it");
            let Some(id) = node.peer.id.as_ref().map(AgentId::from) else { continue };
            if self.world.drain_state(&id) == Some(DrainState::Drained) {
                assert!(node.peer.is_empty(), "a drained agent runs nothing");
                let is_launch = |event: &link::Event| event.run_task.is_some();
                assert!(!node.down.iter().any(is_launch), "nothing is on its way there");
            }
        }
    }

    /// Faults stop. Everything is delivered, everybody reconnects.
    fn quieten(&mut self) {
        for _ in 0..30 {
            self.connect_scheduler();
            for node in 0..self.nodes.len() {
                self.connect_node(node);
            }
            loop {
                let before = self.scheduler.inbox.len();
                self.deliver_to_scheduler(false);
                let mut busy = before > 0;
                for node in 0..self.nodes.len() {
                    let waiting = self.nodes[node].up.len() + self.nodes[node].down.len();
                    busy |= waiting > 0;
                    self.deliver_down(node);
                    self.deliver_up(node);
                    self.check();
                }
                if !busy {
                    break;
                }
            }
            self.pass(Duration::from_secs(5));
        }
    }

    /// Agents repeat after a while what nobody has acknowledged.
    fn pass(&mut self, time: Duration) {
        self.world.after(time);
        self.route();
        for node in &mut self.nodes {
            if node.link.is_some() && node.peer.id.is_some() {
                node.up.extend(node.peer.resend());
            }
        }
    }
}

/// §8.5.9, §8.5.10, §8.5.15: whatever is lost, delayed, repeated or taken over, `DRAINED` is true when it
/// is said, and is said in the end.
#[test]
fn drains_are_true_and_end_whatever_happens_on_the_way() {
    let mut drained = 0;
    for seed in 1..=80 {
        let mut chaos = Chaos::new(seed);
        for _ in 0..400 {
            chaos.step();
        }
        chaos.quieten();
        for node in &chaos.nodes {
            let Some(id) = node.peer.id.as_ref().map(AgentId::from) else { continue };
            let state = chaos.world.drain_state(&id);
            let waits_for = chaos.world.master.why_not_drained(chaos.world.now, &id);
            assert_ne!(state, Some(DrainState::Draining), "seed {seed}, {id}: {waits_for:?}");
        }
        drained += chaos.drained;
    }
    assert!(drained > 100, "only {drained} drains came to an end");
}
