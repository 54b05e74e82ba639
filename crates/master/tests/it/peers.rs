//! An agent as the link protocol demands it, without processes: what it was told and what it answers.

use std::collections::{BTreeMap, BTreeSet};

use wire::link;
use wire::link::call::Type as CallType;
use wire::link::event::Type as EventType;
use wire::v1::TaskState;

use crate::world::{hello, plain_call};

#[derive(Debug, Clone)]
pub(crate) struct PeerTask {
    pub(crate) info: wire::v1::Task,
    /// Updates not acknowledged yet, oldest first.
    pub(crate) pending: Vec<wire::v1::TaskStatus>,
}

/// Survives the loss of its connection, as what it holds is on disk.
#[derive(Debug)]
pub(crate) struct Peer {
    port: i32,
    pub(crate) id: Option<wire::v1::AgentId>,
    pub(crate) tasks: BTreeMap<(String, String), PeerTask>,
    frameworks: BTreeMap<String, wire::v1::FrameworkInfo>,
    pub(crate) drain: Option<link::Drain>,
    /// Told to end, for good.
    pub(crate) gone: bool,
    updates: u64,
    pub(crate) launches_refused: BTreeSet<String>,
}

impl Peer {
    pub(crate) fn new(port: i32) -> Self {
        Self {
            port,
            id: None,
            tasks: BTreeMap::new(),
            frameworks: BTreeMap::new(),
            drain: None,
            gone: false,
            updates: 0,
            launches_refused: BTreeSet::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(crate) fn hello(&self) -> link::Hello {
        let mut hello = hello(self.port);
        if let Some(info) = &mut hello.agent_info {
            info.id.clone_from(&self.id);
        }
        hello.tasks = self.tasks.values().map(|task| task.info.clone()).collect();
        hello.frameworks = self.frameworks.values().cloned().collect();
        hello.drain = self.progress().drain_progress;
        hello
    }

    /// What it sends once it has a new connection: everything nobody has acknowledged.
    pub(crate) fn resend(&self) -> Vec<link::Call> {
        let firsts = self.tasks.iter().filter_map(|((framework, _), task)| {
            let status = task.pending.first()?;
            Some(status_update(framework, status.clone(), task.info.state()))
        });
        firsts.chain(self.drain.is_some().then(|| self.progress())).collect()
    }

    fn progress(&self) -> link::Call {
        let drain_progress = self.drain.as_ref().map(|drain| link::AgentDrain {
            generation: drain.generation,
            config: drain.config,
            started_at: drain.started_at,
            executors_left: Some(u32::try_from(self.tasks.len()).unwrap()),
            empty: Some(self.is_empty()),
            ..Default::default()
        });
        link::Call { drain_progress, ..plain_call(CallType::DrainProgress) }
    }

    /// What it answers to an event.
    pub(crate) fn receive(&mut self, event: link::Event) -> Vec<link::Call> {
        let mut answers = Vec::new();
        let kind = event.r#type();
        match kind {
            EventType::Registered => {
                self.id = event.registered.unwrap().agent_id;
                return self.resend();
            }
            EventType::Ping => return vec![plain_call(CallType::Pong)],
            EventType::Drain => {
                let drain = event.drain.unwrap();
                if self.drain.as_ref().is_none_or(|own| own.generation <= drain.generation) {
                    self.drain = Some(drain);
                }
                let keys: Vec<_> = self.tasks.keys().cloned().collect();
                for key in keys {
                    answers.extend(self.move_task(&key, TaskState::TaskKilled));
                }
            }
            EventType::Reactivate => {
                let upto = event.reactivate.unwrap().generation;
                self.drain.take_if(|drain| drain.generation <= upto);
            }
            EventType::RunTask => answers.extend(self.run(*event.run_task.unwrap())),
            EventType::KillTask => {
                let kill = event.kill_task.unwrap();
                let key = (kill.framework_id.unwrap().value, kill.task_id.unwrap().value);
                answers.extend(self.move_task(&key, TaskState::TaskKilled));
            }
            EventType::ShutdownFramework => {
                let id = event.shutdown_framework.unwrap().framework_id.unwrap().value;
                self.tasks.retain(|(framework, _), _| *framework != id);
                self.frameworks.remove(&id);
            }
            EventType::AcknowledgeStatus => {
                answers.extend(self.acknowledged(event.acknowledge_status.unwrap()));
            }
            EventType::ReconcileTasks => {
                for task in event.reconcile_tasks.unwrap().tasks {
                    let (framework, id) = (task.framework_id.unwrap(), task.task_id.unwrap());
                    if !self.tasks.contains_key(&(framework.value.clone(), id.value.clone())) {
                        answers.push(self.unknown_task(&framework.value, &id));
                    }
                }
            }
            EventType::Shutdown => self.gone = event.shutdown.unwrap().gone(),
            EventType::Unknown
            | EventType::RunTaskGroup
            | EventType::ShutdownExecutor
            | EventType::AcknowledgeOperation
            | EventType::UpdateFramework
            | EventType::ApplyOperation
            | EventType::Message => {}
        }
        if self.drain.is_some() {
            answers.push(self.progress());
        }
        answers
    }

    fn run(&mut self, run: link::RunTask) -> Vec<link::Call> {
        let info = run.framework_info.unwrap();
        let task = run.task.unwrap();
        let framework = info.id.clone().unwrap();
        let state = if self.drain.is_some() { TaskState::TaskLost } else { TaskState::TaskRunning };
        if self.drain.is_some() {
            self.launches_refused.insert(task.task_id.value.clone());
        }
        self.frameworks.insert(framework.value.clone(), info);
        let key = (framework.value.clone(), task.task_id.value.clone());
        let entry = PeerTask {
            info: wire::v1::Task {
                name: task.name,
                task_id: task.task_id,
                framework_id: framework,
                agent_id: task.agent_id,
                state: TaskState::TaskStaging as i32,
                resources: task.resources,
                ..Default::default()
            },
            pending: Vec::new(),
        };
        self.tasks.insert(key.clone(), entry);
        self.move_task(&key, state)
    }

    /// Moves a task that has not ended, and reports it unless an earlier report waits.
    pub(crate) fn move_task(
        &mut self,
        key: &(String, String),
        state: TaskState,
    ) -> Vec<link::Call> {
        self.updates += 1;
        let (id, number) = (self.id.clone(), self.updates);
        let Some(task) = self.tasks.get_mut(key) else { return Vec::new() };
        if model::task::is_terminal(task.info.state()) {
            return Vec::new();
        }
        let status = status(&task.info.task_id, id, state, number);
        task.info.state = state as i32;
        task.pending.push(status.clone());
        if task.pending.len() > 1 {
            return Vec::new();
        }
        task.info.status_update_state = Some(state as i32);
        task.info.status_update_uuid.clone_from(&status.uuid);
        vec![status_update(&key.0, status, state)]
    }

    fn acknowledged(&mut self, ack: link::AcknowledgeStatus) -> Vec<link::Call> {
        let key = (ack.framework_id.unwrap().value, ack.task_id.unwrap().value);
        let Some(task) = self.tasks.get_mut(&key) else { return Vec::new() };
        if task.pending.first().and_then(|status| status.uuid.as_ref()) != ack.uuid.as_ref() {
            return Vec::new();
        }
        task.pending.remove(0);
        if let Some(next) = task.pending.first().cloned() {
            task.info.status_update_state = next.state.into();
            task.info.status_update_uuid.clone_from(&next.uuid);
            return vec![status_update(&key.0, next, task.info.state())];
        }
        if model::task::is_terminal(task.info.state()) {
            self.tasks.remove(&key);
        }
        Vec::new()
    }

    fn unknown_task(&mut self, framework: &str, task: &wire::v1::TaskId) -> link::Call {
        self.updates += 1;
        let status = status(task, self.id.clone(), TaskState::TaskGone, self.updates);
        status_update(framework, status, TaskState::TaskGone)
    }
}

fn status(
    task: &wire::v1::TaskId,
    agent: Option<wire::v1::AgentId>,
    state: TaskState,
    number: u64,
) -> wire::v1::TaskStatus {
    wire::v1::TaskStatus {
        task_id: task.clone(),
        state: state as i32,
        agent_id: agent,
        source: Some(wire::v1::task_status::Source::Agent as i32),
        uuid: Some(u128::from(number).to_be_bytes().to_vec().into()),
        ..Default::default()
    }
}

fn status_update(framework: &str, status: wire::v1::TaskStatus, latest: TaskState) -> link::Call {
    link::Call {
        status_update: Some(link::StatusUpdate {
            framework_id: Some(wire::v1::FrameworkId { value: framework.to_owned() }),
            executor_id: None,
            status: Some(status),
            latest_state: Some(latest as i32),
        }),
        ..plain_call(CallType::StatusUpdate)
    }
}
