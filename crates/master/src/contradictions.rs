//! What records of a registry can't say, together or each by itself. A master that believed them would
//! break its own invariants sooner or later; one that corrected them could let a drained host back in.

use std::collections::BTreeMap;

use model::AgentId;
use model::drain::{DrainState, Reachability};

use crate::agents::MAX_LEAP;
use crate::recovery::RecoveryError;
use crate::state::Agent;

/// The last generation there can be: the numbers beyond are room for what agents make up.
pub(crate) const MAX_GENERATION: u64 = u64::MAX - MAX_LEAP;

/// How the record of one agent contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    #[error("its info is that of agent {named}")]
    OtherId { named: String },
    #[error("it is gone, and still deactivated or drained")]
    GoneWithOverlay,
    #[error(
        "it was removed, and is neither deactivated nor drained, so that nothing is to be kept"
    )]
    RemovedWithoutOverlay,
    #[error("it is drained and to be decommissioned, and not marked gone")]
    DrainedNotGone,
    #[error("its drain has generation {generation}, and its latest is {latest}")]
    LaterDrain { generation: u64, latest: u64 },
    #[error(
        "its latest drain has generation {latest}, and {MAX_GENERATION} is the last there can be"
    )]
    LastGeneration { latest: u64 },
}

impl Contradiction {
    pub(crate) fn of(agent: &Agent) -> Option<Self> {
        if let Some(named) = agent.info.id.as_ref().filter(|id| id.value != agent.id.as_str()) {
            return Some(Self::OtherId { named: named.value.clone() });
        }
        let latest = agent.last_generation;
        if latest > MAX_GENERATION {
            return Some(Self::LastGeneration { latest });
        }
        match agent.reachability {
            Reachability::Gone if !agent.overlay.is_none() => return Some(Self::GoneWithOverlay),
            Reachability::Removed if agent.overlay.is_none() => {
                return Some(Self::RemovedWithoutOverlay);
            }
            Reachability::Registered
            | Reachability::Disconnected
            | Reachability::Recovered
            | Reachability::Unreachable
            | Reachability::Gone
            | Reachability::Removed => {}
        }
        let drain = agent.overlay.drain.as_ref()?;
        let generation = drain.generation;
        if generation > latest {
            return Some(Self::LaterDrain { generation, latest });
        }
        let is_over = drain.state == DrainState::Drained && drain.config.mark_gone;
        is_over.then_some(Self::DrainedNotGone)
    }
}

/// Two agents under one admission key: by it an agent would be taken for the other one.
pub(crate) fn shared_key<'a>(agents: impl Iterator<Item = &'a Agent>) -> Option<RecoveryError> {
    let mut keys: BTreeMap<&str, &AgentId> = BTreeMap::new();
    for agent in agents {
        let Some(key) = &agent.admission_key else { continue };
        if let Some(first) = keys.insert(key, &agent.id) {
            let (first, second) = (first.clone(), agent.id.clone());
            return Some(RecoveryError::SharedKey { first, second });
        }
    }
    None
}
