//! The requests of the election, each with what its answer means.

use std::time::Duration;

use bytes::Bytes;
use master::leadership::{Fence, LeaseId};
use master::{LeadershipAction, LeadershipEvent};

use super::{Answer, holder};
use crate::clock::Clock;
use crate::etcd::{Change, Client, Condition, EtcdError, Outcome, Patience};

/// Time for giving a lease back when the process ends.
const REVOKE: Patience = Patience { each: Duration::from_secs(1), all: Duration::from_secs(2) };

/// So short that several members can be asked before the lease ends.
pub(super) fn patience(lease: Duration) -> Patience {
    let each = (lease / 6).clamp(Duration::from_millis(300), Duration::from_secs(2));
    Patience { each, all: (lease / 2).max(each) }
}

pub(super) struct Request {
    pub(super) client: Client,
    pub(super) clock: Clock,
    /// The lease to ask for.
    pub(super) lease: Duration,
    /// What stands in the election key.
    pub(super) value: Vec<u8>,
    pub(super) action: LeadershipAction,
}

impl Request {
    /// Makes the request; some need no answer.
    pub(super) async fn make(self) -> Option<Answer> {
        let event = match self.action.clone() {
            LeadershipAction::Observe => {
                observe(&self.client, patience(self.lease)).await.map(|(event, _)| event)
            }
            LeadershipAction::Grant => self.grant().await,
            LeadershipAction::Campaign { lease } => self.campaign(lease).await,
            LeadershipAction::KeepAlive { lease } => self.keep_alive(lease).await,
            LeadershipAction::Revoke { lease } => {
                revoke(&self.client, lease).await;
                return None;
            }
            LeadershipAction::Lead { .. } | LeadershipAction::StepDown { .. } => return None,
        };
        Some(match event {
            Ok(event) => event.into(),
            Err(error) => Answer { event: LeadershipEvent::Failed, error: Some(error) },
        })
    }

    async fn grant(&self) -> Result<LeadershipEvent, EtcdError> {
        let asked_at = self.clock.now().at;
        let (lease, ttl) = self.client.grant(self.lease, patience(self.lease)).await?;
        Ok(LeadershipEvent::Granted { lease: LeaseId(lease), ttl, asked_at })
    }

    /// Made twice it is won twice: the second time the key under our own lease is found.
    pub(super) async fn campaign(&self, lease: LeaseId) -> Result<LeadershipEvent, EtcdError> {
        let key = self.client.target().leader_key();
        let absent = Condition::CreatedAt(key.clone(), 0);
        let value = Bytes::copy_from_slice(&self.value);
        let put = Change::Put { key: key.clone(), value, lease: lease.0 };
        let patience = patience(self.lease);
        let outcome = self.client.transact(&[absent], vec![put], &[&key], patience).await;
        let shown = match outcome {
            Ok(Outcome::Done { revision }) => {
                return Ok(LeadershipEvent::Won { lease, fence: Fence(revision) });
            }
            Ok(Outcome::Refused { shown }) => shown,
            Err(EtcdError::NoLease) => return Ok(LeadershipEvent::Expired { lease }),
            Err(error) => return Err(error),
        };
        Ok(match shown.into_iter().next().flatten().map(holder) {
            Some(leader) if leader.lease == lease => {
                LeadershipEvent::Won { lease, fence: leader.fence }
            }
            Some(leader) => LeadershipEvent::Beaten { leader },
            // It was there and is gone: the wake that is due looks again.
            None => LeadershipEvent::Failed,
        })
    }

    async fn keep_alive(&self, lease: LeaseId) -> Result<LeadershipEvent, EtcdError> {
        let asked_at = self.clock.now().at;
        match self.client.keep_alive(lease.0, patience(self.lease)).await {
            Ok(ttl) => Ok(LeadershipEvent::Renewed { lease, ttl, asked_at }),
            Err(EtcdError::NoLease) => Ok(LeadershipEvent::Expired { lease }),
            Err(error) => Err(error),
        }
    }
}

/// The election key as it is, and at which revision.
pub(super) async fn observe(
    client: &Client,
    patience: Patience,
) -> Result<(LeadershipEvent, i64), EtcdError> {
    let (key, revision) = client.get(&client.target().leader_key(), patience).await?;
    Ok((LeadershipEvent::Observed { leader: key.map(holder), revision }, revision))
}

pub(super) async fn revoke(client: &Client, lease: LeaseId) {
    if let Err(error) = client.revoke(lease.0, REVOKE).await {
        tracing::info!(%error, "the lease was not given back; it ends by itself");
    }
}
