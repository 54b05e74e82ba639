//! Blockers in words: who has to act, what it waits for, what an operator can do.

use std::fmt::Write as _;

use wire::ebb::BlockerKind as Kind;

use super::{Blocker, BlockerKind, Reachability};

impl Blocker {
    /// Who has to act: a framework by name, a resource provider, or the agent.
    pub fn owner(&self) -> String {
        match &self.kind {
            BlockerKind::TaskRunning { .. }
            | BlockerKind::KillInProgress { .. }
            | BlockerKind::AgentNotReachable { .. }
            | BlockerKind::AgentNotConfirmed { .. } => "agent".to_owned(),
            BlockerKind::UpdateNotAcknowledged { framework_name, .. }
            | BlockerKind::FrameworkDisconnected { framework_name, .. } => framework_name.clone(),
            BlockerKind::OperationPending { provider, .. } => match provider {
                Some(provider) => format!("resource provider {provider}"),
                None => "agent".to_owned(),
            },
        }
    }

    /// What is waited for, in one sentence.
    pub fn message(&self) -> String {
        match &self.kind {
            BlockerKind::TaskRunning { framework_name, task, .. } => {
                format!("Task '{task}' of '{framework_name}' is still running")
            }
            BlockerKind::KillInProgress { framework_name, task, .. } => {
                format!("Task '{task}' of '{framework_name}' has been asked to stop")
            }
            BlockerKind::UpdateNotAcknowledged { framework_name, task, .. } => {
                format!("'{framework_name}' has not acknowledged the end of task '{task}'")
            }
            BlockerKind::FrameworkDisconnected { framework_name, tasks: 1, .. } => format!(
                "'{framework_name}' is disconnected and has not acknowledged the end of 1 task"
            ),
            BlockerKind::FrameworkDisconnected { framework_name, tasks, .. } => format!(
                "'{framework_name}' is disconnected and has not acknowledged the end of {tasks} \
                 tasks"
            ),
            BlockerKind::OperationPending { uuid, .. } => {
                format!("Operation {} is not finished or not acknowledged", hex(uuid))
            }
            BlockerKind::AgentNotReachable { agent, reachability } => {
                format!("Agent {agent} {}", absence(*reachability))
            }
            BlockerKind::AgentNotConfirmed { agent, executors_left: 0, .. } => {
                format!("Agent {agent} has not confirmed that nothing is left on it")
            }
            BlockerKind::AgentNotConfirmed { agent, executors_left, .. } => {
                format!("Agent {agent} still has {executors_left} executors")
            }
        }
    }

    /// What an operator can do about it.
    pub fn remedy(&self) -> String {
        match &self.kind {
            BlockerKind::TaskRunning { .. } => {
                "Wait for the agent to stop it; if it doesn't, look at the agent's log".to_owned()
            }
            BlockerKind::KillInProgress { .. } => "Wait for the grace period to end, or drain \
                again with a shorter maximum grace period"
                .to_owned(),
            BlockerKind::UpdateNotAcknowledged { framework, .. } => format!(
                "See why the service does not acknowledge; if it is not needed any more, tear \
                 down framework {framework}"
            ),
            BlockerKind::FrameworkDisconnected { framework, .. } => format!(
                "Start the service's scheduler again; if it is not needed any more, tear down \
                 framework {framework}"
            ),
            BlockerKind::OperationPending { .. } => {
                "Wait for it to finish; if it doesn't, look at the resource provider".to_owned()
            }
            BlockerKind::AgentNotReachable { .. } => "Start the agent or repair its connection; \
                if the host is lost for good, mark the agent gone"
                .to_owned(),
            BlockerKind::AgentNotConfirmed { .. } => {
                "Wait for the agent; if nothing changes, look at its log".to_owned()
            }
        }
    }

    pub fn to_wire(&self) -> wire::ebb::Blocker {
        let mut blocker = wire::ebb::Blocker {
            owner: Some(self.owner()),
            since: Some(self.since.to_wire()),
            message: Some(self.message()),
            remedy: Some(self.remedy()),
            ..wire::ebb::Blocker::default()
        };
        let kind = match &self.kind {
            BlockerKind::TaskRunning { framework, task, .. } => {
                blocker.framework_id = Some(framework.to_wire());
                blocker.task_id = Some(task.to_wire());
                Kind::TaskStillRunning
            }
            BlockerKind::KillInProgress { framework, task, until, .. } => {
                blocker.framework_id = Some(framework.to_wire());
                blocker.task_id = Some(task.to_wire());
                blocker.until = until.map(crate::Timestamp::to_wire);
                Kind::KillInProgress
            }
            BlockerKind::UpdateNotAcknowledged { framework, task, .. } => {
                blocker.framework_id = Some(framework.to_wire());
                blocker.task_id = Some(task.to_wire());
                Kind::UpdateNotAcknowledged
            }
            BlockerKind::FrameworkDisconnected { framework, removed_at, .. } => {
                blocker.framework_id = Some(framework.to_wire());
                blocker.until = removed_at.map(crate::Timestamp::to_wire);
                Kind::FrameworkDisconnected
            }
            BlockerKind::OperationPending { uuid, provider, framework } => {
                blocker.framework_id = framework.as_ref().map(crate::FrameworkId::to_wire);
                blocker.operation_uuid = Some(uuid.clone().into());
                blocker.resource_provider_id = provider
                    .as_ref()
                    .map(|value| wire::v1::ResourceProviderId { value: value.clone() });
                Kind::OperationPending
            }
            BlockerKind::AgentNotReachable { .. } => Kind::AgentNotReachable,
            BlockerKind::AgentNotConfirmed { .. } => Kind::AgentNotConfirmed,
        };
        blocker.kind = Some(kind as i32);
        blocker
    }
}

fn absence(reachability: Reachability) -> &'static str {
    match reachability {
        Reachability::Registered => "is connected",
        Reachability::Disconnected => "has lost its connection to the master",
        Reachability::Recovered => "is not back since the master started",
        Reachability::Unreachable => "is unreachable",
        Reachability::Gone => "is gone",
        Reachability::Removed => "has left the cluster",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string can't fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AgentId, FrameworkId, TaskId, Timestamp};

    /// Whatever a drain waits for, people get an owner, a sentence and something to do.
    #[test]
    fn every_blocker_has_an_owner_a_sentence_and_a_remedy() {
        let framework = FrameworkId::new("F");
        let framework_name = "marathon".to_owned();
        let (task, agent) = (TaskId::new("web.1"), AgentId::new("S1"));
        let kinds = [
            BlockerKind::TaskRunning {
                framework: framework.clone(),
                framework_name: framework_name.clone(),
                task: task.clone(),
            },
            BlockerKind::KillInProgress {
                framework: framework.clone(),
                framework_name: framework_name.clone(),
                task: task.clone(),
                until: Some(Timestamp(9)),
            },
            BlockerKind::UpdateNotAcknowledged {
                framework: framework.clone(),
                framework_name: framework_name.clone(),
                task,
            },
            BlockerKind::FrameworkDisconnected {
                framework,
                framework_name,
                tasks: 2,
                removed_at: None,
            },
            BlockerKind::OperationPending { uuid: vec![0xab, 1], provider: None, framework: None },
            BlockerKind::AgentNotReachable {
                agent: agent.clone(),
                reachability: Reachability::Unreachable,
            },
            BlockerKind::AgentNotConfirmed { agent, generation: 1, executors_left: 0 },
        ];
        let mut messages = Vec::new();
        for kind in kinds {
            let blocker = Blocker { since: Timestamp(5), kind }.to_wire();
            assert!(blocker.owner.is_some_and(|owner| !owner.is_empty()));
            assert!(blocker.remedy.is_some_and(|remedy| !remedy.is_empty()));
            assert_ne!(blocker.kind, Some(0));
            messages.push(blocker.message.unwrap());
        }
        assert_eq!(
            messages,
            [
                "Task 'web.1' of 'marathon' is still running",
                "Task 'web.1' of 'marathon' has been asked to stop",
                "'marathon' has not acknowledged the end of task 'web.1'",
                "'marathon' is disconnected and has not acknowledged the end of 2 tasks",
                "Operation ab01 is not finished or not acknowledged",
                "Agent S1 is unreachable",
                "Agent S1 has not confirmed that nothing is left on it",
            ]
        );
    }
}
