//! Records in etcd: read at one revision, written under the fence of one leader.
//!
//! Below the prefix: `leader`, held under the leader's lease; `registry/…`, one key per record; `writes`,
//! written with every transaction. A transaction goes through only while `leader` is the key that was made
//! at the fence and `writes` is as the transaction before left it: a write that was delayed on its way can
//! neither come after its leader's time nor after later writes of the same leader.

use std::time::Duration;

use bytes::Bytes;
use master::leadership::{Deposed, Fence};

use super::pieces::{last_of_each, pieces};
use super::tenure::{Standing, Tenure};
use crate::clock::Clock;
use crate::etcd::{Change, Client, Condition, EtcdError, Outcome, Patience, Target};
use crate::store::{StoreError, Write};

/// Records read with one call.
const PAGE: i64 = 500;
/// Pause before a write that nobody answered is made again.
const AGAIN: Duration = Duration::from_millis(100);
const WRITE_PATIENCE: Patience =
    Patience { each: Duration::from_secs(2), all: Duration::from_secs(6) };
pub(crate) const READ_PATIENCE: Patience =
    Patience { each: Duration::from_secs(5), all: Duration::from_secs(15) };

impl Target {
    pub(crate) fn leader_key(&self) -> String {
        format!("{}/leader", self.prefix)
    }

    fn writes_key(&self) -> String {
        format!("{}/writes", self.prefix)
    }

    fn records(&self) -> String {
        format!("{}/registry/", self.prefix)
    }

    /// Where etcd has the record with this key.
    pub(crate) fn record(&self, key: &str) -> String {
        format!("{}/registry/{key}", self.prefix)
    }
}

/// Every record in the order of the keys, as they were at one revision, which is returned too.
pub async fn load(client: &Client) -> Result<(Vec<(String, Vec<u8>)>, i64), EtcdError> {
    let prefix = client.target().records();
    let mut records = Vec::new();
    let mut after: Option<String> = None;
    let mut revision = 0;
    loop {
        let page = client.page(&prefix, after.as_deref(), revision, PAGE, READ_PATIENCE).await?;
        if revision == 0 {
            revision = page.revision;
        }
        after = page.keys.last().map(|kv| kv.key.clone());
        records.extend(
            page.keys.into_iter().filter_map(|kv| {
                Some((kv.key.strip_prefix(&prefix)?.to_owned(), kv.value.to_vec()))
            }),
        );
        if !page.more || after.is_none() {
            return Ok((records, revision));
        }
    }
}

/// Why a write was not made.
#[derive(Debug)]
pub enum WriteError {
    /// This master does not lead any more. Pieces before the refused one are written.
    Lost(Deposed),
    Broken(StoreError),
}

/// Writes for one leader.
#[derive(Debug)]
pub struct FencedWriter {
    client: Client,
    clock: Clock,
    fence: Fence,
    tenure: Tenure,
    /// Revision of the latest transaction.
    last: i64,
}

impl FencedWriter {
    /// For the leader of `tenure`. Reads where its writes begin; nobody else can write from its election on.
    pub async fn begin(
        client: Client,
        clock: Clock,
        fence: Fence,
        tenure: Tenure,
    ) -> Result<Self, EtcdError> {
        let (key, _) = client.get(&client.target().writes_key(), READ_PATIENCE).await?;
        let last = key.map_or(0, |key| key.mod_revision);
        Ok(Self { client, clock, fence, tenure, last })
    }

    pub fn tenure(&self) -> &Tenure {
        &self.tenure
    }

    /// Makes the batch durable, piece by piece, each whole or not at all. Tries until it is done or the
    /// leadership is over.
    pub async fn commit(&mut self, writes: &[Write], ends: &[usize]) -> Result<(), WriteError> {
        for piece in pieces(writes, ends) {
            self.commit_piece(&writes[piece]).await?;
        }
        Ok(())
    }

    async fn commit_piece(&mut self, writes: &[Write]) -> Result<(), WriteError> {
        let target = self.client.target().clone();
        let (leader, marker) = (target.leader_key(), target.writes_key());
        let records = target.records();
        let mut changes: Vec<Change> = last_of_each(writes)
            .map(|write| match write {
                Write::Put(key, value) => Change::Put {
                    key: format!("{records}{key}"),
                    value: Bytes::copy_from_slice(value),
                    lease: 0,
                },
                Write::Delete(key) => Change::Delete { key: format!("{records}{key}") },
            })
            .collect();
        // Tells this very transaction from others, should its answer be lost.
        let mark = Bytes::from(crate::random::uuid());
        changes.push(Change::Put { key: marker.clone(), value: mark.clone(), lease: 0 });
        let conditions = [
            Condition::CreatedAt(leader.clone(), self.fence.0),
            Condition::ModifiedAt(marker.clone(), self.last),
        ];
        loop {
            if let Standing::Over(why) = self.tenure.standing(self.clock.now().at) {
                return Err(WriteError::Lost(why));
            }
            let written = self
                .client
                .transact(&conditions, changes.clone(), &[&leader, &marker], WRITE_PATIENCE)
                .await;
            match written {
                Ok(Outcome::Done { revision }) => {
                    self.last = revision;
                    return Ok(());
                }
                Ok(Outcome::Refused { shown }) => {
                    let at = |index: usize| shown.get(index).and_then(Option::as_ref);
                    if at(0).map(|leader| leader.create_revision) != Some(self.fence.0) {
                        return Err(WriteError::Lost(Deposed::WriteRefused));
                    }
                    // Ours, made by an attempt whose answer was lost.
                    let Some(marker) = at(1).filter(|marker| marker.value == mark) else {
                        return Err(WriteError::Broken(StoreError::Write {
                            path: target.to_string().into(),
                            cause: "the key `writes` below its prefix was changed by others"
                                .to_owned(),
                        }));
                    };
                    self.last = marker.mod_revision;
                    return Ok(());
                }
                // Somebody may just be changing users or certificates: the lease decides how long to try.
                Err(error) if error.is_passing() || error.is_about_rights() => {
                    tracing::debug!(%error, "a write to the registry is made again");
                    tokio::time::sleep(AGAIN).await;
                }
                Err(error) => return Err(WriteError::Broken(error.into())),
            }
        }
    }
}
