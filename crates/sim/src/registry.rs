//! The registry: records, an election key under a lease, and fenced commits, as etcd keeps them.

use std::collections::BTreeMap;
use std::time::Duration;

use master::leadership::{Fence, Leader, LeaseId};
use master::{LeadershipEvent, Mutation};
use model::{AgentId, FrameworkId, Moment};

/// Key of a registry record: what a later mutation of the same thing replaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Agent(AgentId),
    Framework(FrameworkId),
    Role(String),
    Maintenance,
}

impl Key {
    /// The key of a mutation, and whether it sets the record.
    pub(crate) fn of(mutation: &Mutation) -> (Self, bool) {
        match mutation {
            Mutation::SetAgent(record) => {
                (Self::Agent(record.agent_id.as_ref().expect("agents have an id").into()), true)
            }
            Mutation::RemoveAgent(id) => (Self::Agent(id.clone()), false),
            Mutation::SetFramework(record) => {
                let id = record.info.as_ref().and_then(|info| info.id.as_ref());
                (Self::Framework(id.expect("frameworks have an id").into()), true)
            }
            Mutation::RemoveFramework(id) => (Self::Framework(id.clone()), false),
            Mutation::SetRole(record) => (Self::Role(record.role().to_owned()), true),
            Mutation::RemoveRole(role) => (Self::Role(role.clone()), false),
            Mutation::SetMaintenance(_) => (Self::Maintenance, true),
            Mutation::RemoveMaintenance => (Self::Maintenance, false),
        }
    }
}

/// What a candidate asks of the registry.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Observe,
    Grant {
        ttl: Duration,
    },
    Campaign {
        lease: LeaseId,
        value: Vec<u8>,
    },
    KeepAlive {
        lease: LeaseId,
    },
    Revoke {
        lease: LeaseId,
    },
    Load {
        fence: Fence,
    },
    /// The `piece`th commit of this leader. A registry that has seen it does not carry it out again,
    /// however late a repetition comes.
    Commit {
        fence: Fence,
        piece: u64,
        mutations: Vec<Mutation>,
    },
}

/// What it answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Leadership(LeadershipEvent),
    Loaded {
        fence: Fence,
        records: Vec<Mutation>,
    },
    Committed {
        fence: Fence,
        piece: u64,
    },
    /// No answer in time.
    Failed(Request),
    Nothing,
}

#[derive(Debug)]
struct Lease {
    ttl: Duration,
    ends_at: Moment,
}

/// One registry for all masters; for one with an embedded store it is that store.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// What is durable.
    pub(crate) records: BTreeMap<Key, Mutation>,
    revision: i64,
    leader: Option<Leader>,
    /// Of the present leader: the last commit that was carried out.
    last_piece: u64,
    leases: BTreeMap<LeaseId, Lease>,
    granted: i64,
    /// Without a quorum until then: it answers nobody.
    down_until: Option<Moment>,
}

impl Registry {
    /// Loses its quorum. Leases that have not ended by now don't end before it is back.
    pub(crate) fn go_down(&mut self, now: Moment, until: Moment) {
        self.expire(now);
        self.down_until = Some(until);
    }

    /// Until when nobody gets an answer.
    pub(crate) fn down_until(&self, now: Moment) -> Option<Moment> {
        self.down_until.filter(|until| *until > now)
    }

    /// Ends what is over. After an outage every lease runs anew, as etcd's leases do when one of its
    /// members becomes the leader.
    fn expire(&mut self, now: Moment) {
        if let Some(until) = self.down_until {
            if until > now {
                return;
            }
            self.down_until = None;
            for lease in self.leases.values_mut() {
                lease.ends_at = until.plus(lease.ttl);
            }
        }
        self.leases.retain(|_, lease| lease.ends_at > now);
        if self.leader.as_ref().is_some_and(|leader| !self.leases.contains_key(&leader.lease)) {
            self.leader = None;
            self.revision += 1;
        }
    }

    /// Who holds the election key at this moment.
    pub(crate) fn leader(&mut self, now: Moment) -> Option<&Leader> {
        self.expire(now);
        self.leader.as_ref()
    }

    /// Whether a commit of this leader would be taken.
    pub(crate) fn takes(&mut self, now: Moment, fence: Fence, piece: u64) -> bool {
        self.leader(now).is_some_and(|leader| leader.fence == fence) && piece == self.last_piece + 1
    }

    /// Carries out what is asked. `asked_at` is by the clock of who asks. Mutations of a commit are applied by
    /// the caller, which watches them.
    pub(crate) fn execute(&mut self, now: Moment, asked_at: Moment, request: Request) -> Answer {
        use LeadershipEvent as Is;
        self.expire(now);
        match request {
            Request::Observe => Answer::Leadership(Is::Observed {
                leader: self.leader.clone(),
                revision: self.revision,
            }),
            Request::Grant { ttl } => {
                self.granted += 1;
                let lease = LeaseId(self.granted);
                self.leases.insert(lease, Lease { ttl, ends_at: now.plus(ttl) });
                Answer::Leadership(Is::Granted { lease, ttl, asked_at })
            }
            Request::Campaign { lease, value } => Answer::Leadership(self.campaign(lease, value)),
            Request::KeepAlive { lease } => match self.leases.get_mut(&lease) {
                Some(held) => {
                    held.ends_at = now.plus(held.ttl);
                    Answer::Leadership(Is::Renewed { lease, ttl: held.ttl, asked_at })
                }
                None => Answer::Leadership(Is::Expired { lease }),
            },
            Request::Revoke { lease } => {
                self.leases.remove(&lease);
                self.expire(now);
                Answer::Nothing
            }
            Request::Load { fence } => {
                Answer::Loaded { fence, records: self.records.values().cloned().collect() }
            }
            Request::Commit { fence, piece, .. } => {
                let is_leader = self.leader.as_ref().is_some_and(|leader| leader.fence == fence);
                if !is_leader {
                    return Answer::Leadership(Is::Refused { fence });
                }
                self.revision += i64::from(piece > self.last_piece);
                self.last_piece = self.last_piece.max(piece);
                Answer::Committed { fence, piece }
            }
        }
    }

    fn campaign(&mut self, lease: LeaseId, value: Vec<u8>) -> LeadershipEvent {
        if !self.leases.contains_key(&lease) {
            return LeadershipEvent::Expired { lease };
        }
        if let Some(leader) = &self.leader {
            return LeadershipEvent::Beaten { leader: leader.clone() };
        }
        self.revision += 1;
        self.last_piece = 0;
        let fence = Fence(self.revision);
        self.leader = Some(Leader { fence, lease, value });
        LeadershipEvent::Won { lease, fence }
    }

    pub(crate) fn write(&mut self, mutation: &Mutation) {
        match Key::of(mutation) {
            (key, true) => self.records.insert(key, mutation.clone()),
            (key, false) => self.records.remove(&key),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Moment {
        Moment(1_000_000_000_000).plus(Duration::from_secs(seconds))
    }

    fn lead(registry: &mut Registry, seconds: u64) -> (LeaseId, Fence) {
        let now = at(seconds);
        let granted = registry.execute(now, now, Request::Grant { ttl: TTL });
        let Answer::Leadership(LeadershipEvent::Granted { lease, .. }) = granted else {
            panic!("{granted:?}");
        };
        let request = Request::Campaign { lease, value: Vec::new() };
        let won = registry.execute(now, now, request);
        let Answer::Leadership(LeadershipEvent::Won { fence, .. }) = won else {
            panic!("{won:?}");
        };
        (lease, fence)
    }

    /// A commit counts while its leader holds the key, and once; a later leader has a higher fence.
    #[test]
    fn commits_are_fenced_and_counted() {
        let mut registry = Registry::default();
        let (_, old) = lead(&mut registry, 0);
        assert!(registry.takes(at(9), old, 1));
        let commit = |fence| Request::Commit { fence, piece: 1, mutations: Vec::new() };
        assert!(matches!(
            registry.execute(at(9), at(9), commit(old)),
            Answer::Committed { piece: 1, .. }
        ));
        assert!(!registry.takes(at(9), old, 1));
        assert!(!registry.takes(at(10), old, 2));
        let (_, new) = lead(&mut registry, 10);
        assert!(new > old);
        assert!(matches!(
            registry.execute(at(11), at(11), commit(old)),
            Answer::Leadership(LeadershipEvent::Refused { .. })
        ));
        assert!(registry.takes(at(11), new, 1));
    }

    /// Without a quorum no lease ends; afterwards each runs its whole time.
    #[test]
    fn leases_outlive_an_outage() {
        let mut registry = Registry::default();
        let (_, fence) = lead(&mut registry, 0);
        registry.go_down(at(5), at(100));
        assert_eq!(registry.down_until(at(50)), Some(at(100)));
        assert!(registry.takes(at(109), fence, 1));
        assert!(!registry.takes(at(110), fence, 1));
    }
}
