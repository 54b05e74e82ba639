//! The leadership for one piece of work, such as an import: no master can lead meanwhile.

use std::time::Duration;

use master::leadership::{Deposed, Fence, LeaseId};
use master::{LeadershipAction, LeadershipEvent};
use model::Moment;
use tokio::task::JoinHandle;
use wire::v1::MasterInfo;

use super::requests::{self, Request};
use crate::clock::Clock;
use crate::etcd::{Client, EtcdError};
use crate::registry::etcd::READ_PATIENCE;
use crate::registry::{FencedWriter, Tenure};

const LEASE: Duration = Duration::from_secs(10);

/// Why the leadership was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum Taken {
    /// By a master, as far as the holder's own words can be read.
    #[error("somebody else leads")]
    Led(Option<Box<MasterInfo>>),
    #[error(transparent)]
    Etcd(#[from] EtcdError),
}

/// Held until it is given back, or until the process ends and its lease after it.
#[derive(Debug)]
pub struct Brief {
    client: Client,
    clock: Clock,
    lease: LeaseId,
    fence: Fence,
    tenure: Tenure,
    keeping: JoinHandle<()>,
}

/// Whoever leads now.
pub async fn leader(client: &Client) -> Result<(), Taken> {
    match client.get(&client.target().leader_key(), READ_PATIENCE).await? {
        (Some(key), _) => Err(Taken::Led(name(&key.value))),
        (None, _) => Ok(()),
    }
}

fn name(value: &[u8]) -> Option<Box<MasterInfo>> {
    wire::json::from_slice(value).ok().map(Box::new)
}

impl Brief {
    /// Takes the leadership if nobody has it.
    pub async fn take(client: Client, clock: Clock) -> Result<Self, Taken> {
        let asked = clock.now();
        let (lease, ttl) = client.grant(LEASE, READ_PATIENCE).await?;
        let lease = LeaseId(lease);
        // No master: nobody is redirected to it.
        let value = br#"{"work":"registry import"}"#.to_vec();
        let action = LeadershipAction::Campaign { lease };
        let request = Request { client: client.clone(), clock, lease: ttl, value, action };
        #[expect(clippy::wildcard_enum_match_arm, reason = "a campaign has no other good end")]
        let fence = match request.campaign(lease).await? {
            LeadershipEvent::Won { fence, .. } => fence,
            other => {
                requests::revoke(&client, lease).await;
                let LeadershipEvent::Beaten { leader } = other else {
                    return Err(Taken::Led(None));
                };
                return Err(Taken::Led(name(&leader.value)));
            }
        };
        let until = acts_until(asked.at, ttl);
        let tenure = Tenure::new(&client.target().to_string(), until, ttl, asked.wall);
        let keeping = tokio::spawn(keep(client.clone(), clock, lease, ttl, tenure.clone()));
        Ok(Self { client, clock, lease, fence, tenure, keeping })
    }

    /// Writes as long as the leadership lasts.
    pub async fn writer(&self) -> Result<FencedWriter, EtcdError> {
        let tenure = self.tenure.clone();
        FencedWriter::begin(self.client.clone(), self.clock, self.fence, tenure).await
    }

    pub async fn give_back(self) {
        self.keeping.abort();
        self.tenure.end(Deposed::Resigned);
        requests::revoke(&self.client, self.lease).await;
    }
}

async fn keep(client: Client, clock: Clock, lease: LeaseId, ttl: Duration, tenure: Tenure) {
    loop {
        tokio::time::sleep(ttl / 4).await;
        let asked = clock.now();
        match client.keep_alive(lease.0, requests::patience(ttl)).await {
            Ok(ttl) => tenure.extend(acts_until(asked.at, ttl), ttl, asked.wall),
            Err(EtcdError::NoLease) => return tenure.end(Deposed::LeaseEnded),
            Err(error) => tracing::debug!(%error, "the lease is not confirmed"),
        }
    }
}

/// As masters reckon: less a sixth of the lease.
fn acts_until(asked_at: Moment, ttl: Duration) -> Moment {
    asked_at.plus(ttl.saturating_sub(ttl / 6))
}
