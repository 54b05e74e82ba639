//! Containers that callers of the agent's API nest in those of executors: which may be started, which have to
//! end, and what is told of those that have ended.
//!
//! ```text
//! starting ─▶ running ─▶ ended ─▶ removed, or forgotten with the container it was nested in
//!     └─ unwanted: ended as soon as it runs
//! ```
//!
//! A nested container never outlives the one it is in: before that one's end is believed, it is closed, and
//! nothing starts in it from then on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use model::{ContainerId, TaskState};

use crate::view::ContainerView;

/// Nested containers that run in one executor's container at a time.
const RUNNING_LIMIT: usize = 64;
/// Ended ones that are remembered of one executor's container.
const ENDED_LIMIT: usize = 256;
/// Containers that are remembered although that of their executor has ended: who was attached to one asks how
/// it ended only then.
const PAST_LIMIT: usize = 512;
/// How deep containers may be nested.
// Mesos: the same.
const DEPTH_LIMIT: usize = 32;

/// A container's id with those of all it is nested in, outermost first, joined by dots as Mesos writes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NestedId(Arc<str>);

impl NestedId {
    /// # Errors
    /// Why the id can't be one, as Mesos words it.
    pub fn from_wire(id: &wire::v1::ContainerId) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut next = Some(id);
        let mut prefix = String::new();
        while let Some(part) = next {
            let fault = model::validate::id::check(&part.value).err().map(|why| why.to_string());
            let fault = fault.or_else(|| {
                let text =
                    format!("'ContainerID.value' '{}' contains invalid characters", part.value);
                part.value.contains(['.', ' ']).then_some(text)
            });
            if let Some(fault) = fault {
                return Err(format!("{prefix}{fault}"));
            }
            parts.push(part.value.as_str());
            if parts.len() > DEPTH_LIMIT {
                return Err(format!("containers nest at most {DEPTH_LIMIT} deep"));
            }
            prefix.push_str("'ContainerID.parent' is invalid: ");
            next = part.parent.as_deref();
        }
        parts.reverse();
        Ok(Self(parts.join(".").into()))
    }

    pub fn to_wire(&self) -> wire::v1::ContainerId {
        let mut id: Option<wire::v1::ContainerId> = None;
        for part in self.0.split('.') {
            id = Some(wire::v1::ContainerId { value: part.to_owned(), parent: id.map(Box::new) });
        }
        id.unwrap_or_default()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The container of the executor.
    pub fn root(&self) -> ContainerId {
        ContainerId::new(self.0.split('.').next().unwrap_or_default())
    }

    /// What it is nested in; nothing for the container of an executor.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('.')?;
        Some(Self(parent.into()))
    }

    /// Its own part.
    pub fn leaf(&self) -> &str {
        self.0.rsplit('.').next().unwrap_or_default()
    }

    /// The parts without that of the executor's container.
    pub fn below_root(&self) -> impl Iterator<Item = &str> {
        self.0.split('.').skip(1)
    }

    /// Whether it is `other` or nested in it.
    pub fn is_in(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(other.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl From<&ContainerId> for NestedId {
    fn from(id: &ContainerId) -> Self {
        Self(id.as_str().into())
    }
}

impl fmt::Display for NestedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NestedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a container ended, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Termination {
    /// As wait(2) encodes it.
    pub wait_status: Option<i32>,
    pub state: Option<TaskState>,
    pub message: Option<String>,
}

/// What to do about a request to start a nested container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Start,
    /// There is one with this id.
    // Mesos: answered with 202.
    AlreadyThere,
}

/// Why a nested container is not started. The text is that of the answer.
// Mesos: the first two texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NestedRefusal {
    #[error("Parent container {0} does not exist")]
    NoParent(NestedId),
    #[error("Parent container {0} is in 'DESTROYING' state")]
    ParentEnding(NestedId),
    #[error("Container {0} has {RUNNING_LIMIT} nested containers already, and may not have more")]
    TooMany(ContainerId),
}

/// Why what is known of a nested container is not removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Nested container has not terminated yet")]
pub struct NotEnded;

/// How far a nested container is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Starting,
    /// As [`Self::Starting`], but it is to end.
    Unwanted,
    Running,
    Ended(Termination),
}

/// What there is to know of a container that a caller waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Unknown,
    Alive,
    Ended(Termination),
}

/// All nested containers of an agent.
#[derive(Debug, Default)]
pub struct Book {
    known: BTreeMap<NestedId, Stage>,
    /// Nothing starts in these any more; how they ended, where that is known already.
    closed: BTreeMap<NestedId, Option<Termination>>,
    /// Containers of executors that have ended and what was nested in them, the latest last.
    past: VecDeque<(NestedId, Termination)>,
}

impl Book {
    /// Decides about a request to start `id`; `root` is the executor's container it would be in, if that is
    /// there.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(
        &mut self,
        id: &NestedId,
        root: Option<&ContainerView>,
    ) -> Result<Admission, NestedRefusal> {
        if self.known.contains_key(id) {
            return Ok(Admission::AlreadyThere);
        }
        let parent = id.parent().unwrap_or_else(|| id.clone());
        let Some(root) = root else { return Err(NestedRefusal::NoParent(parent)) };
        if self.is_closed(&parent) || root.ending {
            return Err(NestedRefusal::ParentEnding(parent));
        }
        let is_there = parent.parent().is_none()
            || self.known.get(&parent) == Some(&Stage::Running)
            || root.members.iter().any(|member| {
                parent.as_str().strip_prefix(root.container.as_str()).is_some_and(|rest| {
                    rest.strip_prefix('.').is_some_and(|rest| *rest == *member.id)
                })
            });
        if !is_there {
            return Err(NestedRefusal::NoParent(parent));
        }
        let top = NestedId::from(&root.container);
        let (running, ended): (Vec<_>, Vec<_>) =
            self.below(&top).partition(|(_, stage)| !matches!(stage, Stage::Ended(_)));
        if running.len() >= RUNNING_LIMIT {
            return Err(NestedRefusal::TooMany(root.container.clone()));
        }
        let forgotten = (ended.len() >= ENDED_LIMIT).then(|| ended[0].0.clone());
        if let Some(forgotten) = forgotten {
            self.known.remove(&forgotten);
        }
        self.known.insert(id.clone(), Stage::Starting);
        Ok(Admission::Start)
    }

    /// Whether its parent was found gone after all: then it was never admitted.
    pub fn withdraw(&mut self, id: &NestedId) {
        self.known.remove(id);
    }

    /// One that a previous run of the agent had started.
    pub fn recover(&mut self, id: NestedId, ended: Option<Termination>) {
        self.known.insert(id, ended.map_or(Stage::Running, Stage::Ended));
    }

    /// It runs. Returns whether it may go on.
    #[must_use]
    pub fn started(&mut self, id: &NestedId) -> bool {
        let Some(stage) = self.known.get_mut(id) else { return false };
        let is_wanted = *stage != Stage::Unwanted;
        *stage = Stage::Running;
        is_wanted
    }

    /// None of its processes is left.
    pub fn ended(&mut self, id: &NestedId, termination: Termination) {
        if let Some(stage) = self.known.get_mut(id) {
            *stage = Stage::Ended(termination);
        }
    }

    /// Nothing starts in `container` any more. Returns what has to end before its own end may be believed,
    /// itself included if it is one of these.
    pub fn close(
        &mut self,
        container: &NestedId,
        termination: Option<Termination>,
    ) -> Vec<NestedId> {
        let known_end = self.closed.entry(container.clone()).or_default();
        if termination.is_some() {
            *known_end = termination;
        }
        let mut left = Vec::new();
        for (id, stage) in self.known.iter_mut().filter(|(id, _)| id.is_in(container)) {
            match stage {
                Stage::Ended(_) => continue,
                Stage::Starting => *stage = Stage::Unwanted,
                Stage::Unwanted | Stage::Running => {}
            }
            left.push(id.clone());
        }
        left
    }

    /// The container of an executor is gone, and with it all that was nested in it.
    pub fn forget(&mut self, root: &ContainerId, termination: Termination) {
        let top = NestedId::from(root);
        let past = &mut self.past;
        self.known.retain(|id, stage| {
            if let Stage::Ended(termination) = stage
                && id.is_in(&top)
            {
                past.push_back((id.clone(), std::mem::take(termination)));
            }
            !id.is_in(&top)
        });
        self.closed.retain(|id, _| !id.is_in(&top));
        self.past.push_back((top, termination));
        let excess = self.past.len().saturating_sub(PAST_LIMIT);
        self.past.drain(..excess);
    }

    /// Removes what is known of one that has ended. One that is not known is removed already.
    ///
    /// # Errors
    /// It has not ended.
    pub fn remove(&mut self, id: &NestedId) -> Result<(), NotEnded> {
        match self.known.get(id) {
            None => Ok(()),
            Some(Stage::Ended(_)) => {
                self.known.remove(id);
                Ok(())
            }
            Some(Stage::Starting | Stage::Unwanted | Stage::Running) => Err(NotEnded),
        }
    }

    /// `root` is the executor's container it is in, if that is there.
    pub fn fate(&self, id: &NestedId, root: Option<&ContainerView>) -> Fate {
        match self.known.get(id) {
            Some(Stage::Ended(termination)) => return Fate::Ended(termination.clone()),
            Some(Stage::Starting | Stage::Unwanted | Stage::Running) => return Fate::Alive,
            None => {}
        }
        if let Some(Some(termination)) = self.closed.get(id) {
            return Fate::Ended(termination.clone());
        }
        if let Some((_, termination)) = self.past.iter().rev().find(|(past, _)| past == id) {
            return Fate::Ended(termination.clone());
        }
        let top = id.root();
        let is_there = root.is_some_and(|root| {
            id.parent().is_none()
                || root.members.iter().any(|member| {
                    id.parent() == Some(NestedId::from(&top)) && *member.id == *id.leaf()
                })
        });
        if is_there { Fate::Alive } else { Fate::Unknown }
    }

    pub fn stage(&self, id: &NestedId) -> Option<&Stage> {
        self.known.get(id)
    }

    /// Those that have not ended, in `root`.
    pub fn running_in(&self, root: &ContainerId) -> BTreeSet<NestedId> {
        let top = NestedId::from(root);
        let running = self.below(&top).filter(|(_, stage)| !matches!(stage, Stage::Ended(_)));
        running.map(|(id, _)| id.clone()).collect()
    }

    fn below<'a>(&'a self, top: &'a NestedId) -> impl Iterator<Item = (&'a NestedId, &'a Stage)> {
        self.known.iter().filter(move |(id, _)| id.is_in(top))
    }

    fn is_closed(&self, container: &NestedId) -> bool {
        self.closed.keys().any(|closed| container.is_in(closed))
    }
}

#[cfg(test)]
mod tests;
