//! Drains of agents that run tasks: what they wait for, and how each wait ends.

use std::time::Duration;

use master::{Event, LinkId, StreamId};
use model::drain::{Blocker, BlockerKind};
use model::{AgentId, FrameworkId, TaskState};
use wire::link;
use wire::v1::DrainState;

use crate::peers::Peer;
use crate::world::{
    World, acknowledge, decommission, framework, grace, launch, progress, report, with_id,
};

/// One agent with one running task of one framework.
struct Running {
    world: World,
    peer: Peer,
    agent: AgentId,
    link: LinkId,
    framework: FrameworkId,
    stream: StreamId,
    /// Updates the scheduler has got and not acknowledged.
    updates: Vec<wire::v1::TaskStatus>,
    /// Every offer it has got.
    offers: Vec<wire::v1::Offer>,
}

impl Running {
    fn new() -> Self {
        let mut world = World::new();
        let (framework, stream) = world.subscribe(framework("marathon"));
        let peer = Peer::new(1);
        let link = world.hello(peer.hello());
        let agent = world.registered(link);
        let offers = world.offers(stream);
        let events = world.to_agent(link);
        let updates = Vec::new();
        let mut running = Self { world, peer, agent, link, framework, stream, updates, offers };
        running.exchange(events);
        let call = launch(&running.framework, &running.offers[0], "t1");
        running.world.scheduler_call(running.stream, call);
        running.exchange_last();
        assert_eq!(running.states(), [TaskState::TaskRunning]);
        running.acknowledge();
        running
    }

    /// Lets the agent answer what the last step sent it, until both have nothing more to say.
    fn exchange_last(&mut self) {
        let events = self.world.to_agent(self.link);
        self.updates.extend(self.world.updates(self.stream));
        self.offers.extend(self.world.offers(self.stream));
        self.exchange(events);
    }

    fn exchange(&mut self, events: Vec<link::Event>) {
        let mut calls: Vec<link::Call> = Vec::new();
        for event in events {
            calls.extend(self.peer.receive(event));
        }
        for call in calls {
            self.world.call(self.link, &self.agent, call);
            self.exchange_last();
        }
    }

    fn states(&self) -> Vec<TaskState> {
        self.updates.iter().map(wire::v1::TaskStatus::state).collect()
    }

    fn acknowledge(&mut self) {
        for status in std::mem::take(&mut self.updates) {
            if let Some(call) = acknowledge(&self.framework, &status) {
                self.world.scheduler_call(self.stream, call);
                self.exchange_last();
            }
        }
    }

    fn drain(&mut self) {
        self.world.drain_with(&self.agent, grace(0)).unwrap();
        self.exchange_last();
    }

    fn come_back(&mut self) {
        self.link = self.world.hello(self.peer.hello());
        self.exchange_last();
    }

    fn state(&self) -> Option<DrainState> {
        self.world.drain_state(&self.agent)
    }

    fn blockers(&self) -> Vec<Blocker> {
        self.world.master.why_not_drained(self.world.now, &self.agent)
    }

    fn only_blocker(&self) -> BlockerKind {
        let mut blockers = self.blockers();
        assert_eq!(blockers.len(), 1, "{blockers:?}");
        blockers.remove(0).kind
    }
}

const DRAINING: Option<DrainState> = Some(DrainState::Draining);
const DRAINED: Option<DrainState> = Some(DrainState::Drained);

/// §8.1 M6: a task is killed, its end acknowledged, the agent drained, reactivated and offered again.
#[test]
fn m6_a_drain_ends_with_the_acknowledgement_and_reactivation_brings_offers() {
    let mut it = Running::new();
    it.drain();
    assert_eq!(it.states(), [TaskState::TaskKilled]);
    assert_eq!(it.state(), DRAINING);
    assert!(matches!(it.only_blocker(), BlockerKind::UpdateNotAcknowledged { .. }));
    it.acknowledge();
    assert_eq!(it.state(), DRAINED);
    assert!(it.blockers().is_empty());

    it.world.after(Duration::from_secs(10));
    assert!(it.world.offers(it.stream).is_empty(), "a drained agent is not offered");
    it.world.reactivate(&it.agent).unwrap();
    assert_eq!(it.world.mutations.len(), 1);
    let mut offers = it.world.offers(it.stream);
    it.world.after(Duration::from_secs(10));
    offers.extend(it.world.offers(it.stream));
    assert_eq!(offers.len(), 1);
}

/// §8.1 M2: reactivating a drained agent that is away makes no offers until it is back.
#[test]
fn m2_a_reactivated_agent_is_offered_only_when_it_is_back() {
    let mut it = Running::new();
    it.drain();
    it.acknowledge();
    it.world.close(it.link);
    it.world.reactivate(&it.agent).unwrap();
    assert!(it.world.offers(it.stream).is_empty());
    it.world.after(Duration::from_secs(30));
    assert!(it.world.offers(it.stream).is_empty());
    it.link = it.world.hello(it.peer.hello());
    assert_eq!(it.world.offers(it.stream).len(), 1);
}

/// §8.1 M7: with `mark_gone` the agent is told to end, but not before the end is acknowledged.
#[test]
fn m7_a_decommission_waits_for_the_acknowledgement() {
    let mut it = Running::new();
    it.world.drain_with(&it.agent, decommission()).unwrap();
    it.exchange_last();
    assert_eq!(it.state(), DRAINING);
    assert!(!it.peer.gone);
    it.acknowledge();
    assert!(it.peer.gone);
    assert!(it.world.listed(&it.agent).is_none());
}

/// §8.1 M8: a drain of an agent that is away begins when it comes back with its task.
#[test]
fn m8_an_agent_that_is_away_drains_when_it_comes_back() {
    let mut it = Running::new();
    it.world.close(it.link);
    it.drain();
    let kinds: Vec<BlockerKind> = it.blockers().into_iter().map(|it| it.kind).collect();
    assert!(matches!(
        kinds[..],
        [BlockerKind::AgentNotReachable { .. }, BlockerKind::TaskRunning { .. }]
    ));
    it.come_back();
    assert_eq!(it.states(), [TaskState::TaskKilled]);
    it.acknowledge();
    assert_eq!(it.state(), DRAINED);
}

/// §8.1 M9: the scheduler of an unreachable agent hears that the task runs, then that it was killed.
#[test]
fn m9_an_unreachable_agent_drains_when_it_comes_back() {
    let mut it = Running::new();
    it.world.close(it.link).after(Duration::from_mins(10));
    assert_eq!(it.world.update_states(it.stream), [TaskState::TaskUnreachable]);
    it.drain();
    it.come_back();
    assert_eq!(it.states(), [TaskState::TaskRunning, TaskState::TaskKilled]);
    it.acknowledge();
    assert_eq!(it.state(), DRAINED);
}

/// D1: a teardown of the framework everybody waits for ends the drain, as soon as the agent is empty.
#[test]
fn d01_a_teardown_ends_the_drain() {
    let mut it = Running::new();
    it.drain();
    it.world.teardown(&it.framework).unwrap();
    assert_eq!(it.state(), DRAINING, "the agent has not said that nothing is left");
    assert!(matches!(it.only_blocker(), BlockerKind::AgentNotConfirmed { .. }));
    it.exchange_last();
    assert_eq!(it.state(), DRAINED);
}

/// D1, §8.5.6: a scheduler that never comes back keeps a drain waiting no longer than its failover timeout,
/// and the wait says whose it is and until when.
#[test]
fn d01_a_framework_that_never_comes_back_stops_blocking() {
    let mut it = Running::new();
    let stream = it.stream;
    it.world.apply(Event::SchedulerClosed { stream });
    it.drain();
    let BlockerKind::FrameworkDisconnected { framework_name, tasks, removed_at, .. } =
        it.only_blocker()
    else {
        panic!("{:?}", it.blockers());
    };
    assert_eq!((framework_name.as_str(), tasks), ("marathon", 1));
    assert_eq!(removed_at, Some(it.world.now.wall.plus(Duration::from_hours(1))));

    // The agent stays in touch meanwhile.
    for _ in 0..239 {
        it.world.after(Duration::from_secs(15));
        it.exchange_last();
    }
    assert_eq!(it.state(), DRAINING);
    it.world.after(Duration::from_secs(15));
    it.exchange_last();
    assert_eq!(it.state(), DRAINED);
}

/// An agent that said it is empty and then tells of a task is not: acknowledging that update does not end
/// the drain before the agent has said so again.
#[test]
fn an_update_after_the_confirmation_voids_it() {
    let mut it = Running::new();
    it.world.drain_with(&it.agent, grace(0)).unwrap();
    let confirm = |it: &mut Running| {
        let call = progress(1, true);
        it.world.call(it.link, &it.agent, call);
    };
    confirm(&mut it);
    assert!(matches!(it.only_blocker(), BlockerKind::KillInProgress { .. }));
    let lost =
        it.peer.move_task(&it.peer.tasks.keys().next().unwrap().clone(), TaskState::TaskLost);
    for call in lost {
        it.world.call(it.link, &it.agent, call);
        it.updates.extend(it.world.updates(it.stream));
    }
    for status in std::mem::take(&mut it.updates) {
        let call = acknowledge(&it.framework, &status).unwrap();
        it.world.scheduler_call(it.stream, call);
    }
    assert_eq!(it.state(), DRAINING);
    assert!(matches!(it.only_blocker(), BlockerKind::AgentNotConfirmed { .. }));
    confirm(&mut it);
    assert_eq!(it.state(), DRAINED);
}

/// A task without a kill policy gets SIGKILL after the agent's default grace, and is shown so, however
/// long another task of the same agent may take; a bound of the drain counts for both.
#[test]
fn the_time_of_sigkill_is_that_of_the_task_itself() {
    for (bound, expected) in [(None, 3), (Some(2), 2)] {
        let mut it = Running::new();
        let request = master::DrainRequest {
            max_grace_period: bound.map(Duration::from_secs),
            ..master::DrainRequest::default()
        };
        it.world.drain_with(&it.agent, request).unwrap();
        let began = it.world.now.wall;
        let report = link::AgentDrain {
            last_kill_at: Some(began.plus(Duration::from_mins(5)).to_wire()),
            default_grace: Some(model::duration::to_wire_info(Duration::from_secs(3))),
            ..report(1, false)
        };
        let call = link::Call {
            r#type: Some(link::call::Type::DrainProgress as i32),
            drain_progress: Some(report),
            ..link::Call::default()
        };
        it.world.call(it.link, &it.agent, call);
        let BlockerKind::KillInProgress { until, .. } = it.only_blocker() else {
            panic!("{:?}", it.blockers());
        };
        assert_eq!(until, Some(began.plus(Duration::from_secs(expected))));
    }
}

/// A negative grace of a task is none: it is shown to get what its agent gives it, the agent's default.
#[test]
fn a_negative_grace_is_shown_as_the_default() {
    let mut it = Running::new();
    it.world.drain(&it.agent).unwrap();
    let default = Duration::from_secs(3);
    let mut back = with_id(it.peer.hello(), &it.agent);
    let grace_period = Some(wire::v1::DurationInfo { nanoseconds: -1 });
    back.tasks[0].kill_policy = Some(wire::v1::KillPolicy { grace_period });
    back.drain = Some(link::AgentDrain {
        generation: Some(1),
        default_grace: Some(model::duration::to_wire_info(default)),
        ..link::AgentDrain::default()
    });
    it.link = it.world.hello(back);
    let BlockerKind::KillInProgress { until, .. } = it.only_blocker() else {
        panic!("{:?}", it.blockers());
    };
    assert_eq!(until, Some(it.world.now.wall.plus(default)));
}

/// D27: what ends in the master's books while the agent is away does not end its drain.
#[test]
fn d27_books_that_get_empty_while_the_agent_is_away_do_not_end_the_drain() {
    let mut it = Running::new();
    let offer = it.offers.pop().expect("the rest of the agent is offered after the launch");
    // This launch gets lost on the way, what comes after it does too.
    let call = launch(&it.framework, &offer, "t2");
    it.world.scheduler_call(it.stream, call);
    it.drain();
    it.acknowledge();
    assert_eq!(it.state(), DRAINING);
    assert!(matches!(it.only_blocker(), BlockerKind::KillInProgress { .. }));
    it.world.close(it.link);
    it.world.teardown(&it.framework).unwrap();
    assert_eq!(it.state(), DRAINING);
    it.come_back();
    assert_eq!(it.state(), DRAINED);
}

/// §8.5.6: a scheduler that comes back and acknowledges ends the drain.
#[test]
fn a_scheduler_that_comes_back_and_acknowledges_ends_the_drain() {
    let mut it = Running::new();
    let stream = it.stream;
    it.world.apply(Event::SchedulerClosed { stream });
    it.drain();
    it.world.after(Duration::from_mins(1));
    let mut info = framework("marathon");
    info.id = Some(it.framework.to_wire());
    (_, it.stream) = it.world.subscribe(info);
    it.updates.clear();
    // Agents repeat what is not acknowledged.
    for call in it.peer.resend() {
        it.world.call(it.link, &it.agent, call);
        it.exchange_last();
    }
    it.acknowledge();
    assert_eq!(it.state(), DRAINED);
}

/// A failover while updates wait loses nothing: the next master finds the drain and ends it.
#[test]
fn a_failover_while_updates_wait_loses_nothing() {
    let mut it = Running::new();
    it.drain();
    it.world.failover();
    it.updates.clear();
    let mut info = framework("marathon");
    info.id = Some(it.framework.to_wire());
    (_, it.stream) = it.world.subscribe(info);
    it.come_back();
    assert_eq!(it.state(), DRAINING);
    assert_eq!(it.states().last(), Some(&TaskState::TaskKilled));
    it.acknowledge();
    assert_eq!(it.state(), DRAINED);
}

/// D16: what became of the tasks of a recovered agent that was marked gone can be asked for.
#[test]
fn d16_tasks_of_a_recovered_agent_marked_gone_are_answered_for() {
    let mut it = Running::new();
    it.world.failover();
    let mut info = framework("marathon");
    info.id = Some(it.framework.to_wire());
    let (id, stream) = it.world.subscribe(info);
    it.world.mark_gone(&it.agent).unwrap();
    let ask = |world: &mut World, agent: Option<&AgentId>| {
        use wire::scheduler::{Call, call};
        let task = call::reconcile::Task {
            task_id: wire::v1::TaskId { value: "t1".to_owned() },
            agent_id: agent.map(AgentId::to_wire),
        };
        world.scheduler_call(
            stream,
            Call {
                framework_id: Some(id.to_wire()),
                r#type: Some(call::Type::Reconcile as i32),
                reconcile: Some(call::Reconcile { tasks: vec![task] }),
                ..Default::default()
            },
        );
        world.update_states(stream)
    };
    let states = ask(&mut it.world, Some(&it.agent));
    assert_eq!(states, [TaskState::TaskGoneByOperator]);
}

/// D22: tasks lost with an agent marked gone are filed as completed, not as unreachable.
#[test]
fn d22_tasks_of_a_gone_agent_are_completed() {
    for unreachable_first in [false, true] {
        let mut it = Running::new();
        if unreachable_first {
            it.world.close(it.link).after(Duration::from_mins(10));
        }
        it.world.mark_gone(&it.agent).unwrap();
        assert_eq!(it.world.update_states(it.stream), [TaskState::TaskGoneByOperator]);
        let tasks = it.world.master.view_tasks();
        assert!(tasks.tasks.is_empty() && tasks.unreachable_tasks.is_empty());
        assert_eq!(tasks.completed_tasks.len(), 1);
    }
}

/// Progress names every service with what is left of it, and whether the agent has confirmed.
#[test]
fn progress_counts_what_is_left_by_service() {
    let mut it = Running::new();
    it.drain();
    let status = it.world.listed(&it.agent).unwrap().drain_status.unwrap();
    assert_eq!(status.blockers_total, Some(1));
    assert_eq!(status.blockers[0].owner(), "marathon");
    let progress = status.progress.unwrap();
    assert_eq!((progress.tasks_left(), progress.updates_unacknowledged()), (0, 1));
    assert!(!progress.confirmed_by_agent());
    assert_eq!(progress.services.len(), 1);
    assert_eq!(progress.services[0].name(), "marathon");

    it.acknowledge();
    let status = it.world.listed(&it.agent).unwrap().drain_status.unwrap();
    assert!(status.finished_at.is_some() && status.blockers.is_empty());
    assert!(status.progress.unwrap().confirmed_by_agent());
}
