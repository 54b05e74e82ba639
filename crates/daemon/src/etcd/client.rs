//! The calls themselves.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::channel::Members;
use super::generated as pb;
use super::{EtcdError, Patience, Target, Watch};

/// A client of one etcd; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    members: Arc<Members>,
}

/// One key with what etcd knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValue {
    pub key: String,
    pub value: Bytes,
    pub create_revision: i64,
    pub mod_revision: i64,
    pub lease: i64,
}

impl From<pb::KeyValue> for KeyValue {
    fn from(kv: pb::KeyValue) -> Self {
        Self {
            key: String::from_utf8_lossy(&kv.key).into_owned(),
            value: kv.value,
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            lease: kv.lease,
        }
    }
}

/// A part of the keys as they were at one revision.
#[derive(Clone, Debug)]
pub struct Page {
    pub revision: i64,
    pub keys: Vec<KeyValue>,
    pub more: bool,
}

/// A condition of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The key was made at this revision; 0: it is not there.
    CreatedAt(String, i64),
    /// The key was last written at this revision; 0: it is not there.
    ModifiedAt(String, i64),
}

/// One change of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Put { key: String, value: Bytes, lease: i64 },
    Delete { key: String },
}

/// How a transaction ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// All conditions held and everything was done, at this revision.
    Done { revision: i64 },
    /// One condition did not hold; the keys that were to be shown then, in the order asked.
    Refused { shown: Vec<Option<KeyValue>> },
}

impl Client {
    /// Connects when first used. To be called within a runtime.
    ///
    /// # Errors
    /// The certificates can't be used.
    pub fn new(target: Target) -> Result<Self, EtcdError> {
        Ok(Self { members: Arc::new(Members::new(target)?) })
    }

    pub fn target(&self) -> &Target {
        self.members.target()
    }

    /// One key, read so that every write confirmed before is seen, and the revision of that moment.
    pub async fn get(
        &self,
        key: &str,
        patience: Patience,
    ) -> Result<(Option<KeyValue>, i64), EtcdError> {
        let request = pb::RangeRequest { key: bytes(key), ..pb::RangeRequest::default() };
        let page = self.range(&request, patience).await?;
        Ok((page.keys.into_iter().next(), page.revision))
    }

    /// Keys below `prefix` from `after` on, as they were at `revision`; 0 is now.
    pub async fn page(
        &self,
        prefix: &str,
        after: Option<&str>,
        revision: i64,
        limit: i64,
        patience: Patience,
    ) -> Result<Page, EtcdError> {
        let mut key = after.unwrap_or(prefix).as_bytes().to_vec();
        if after.is_some() {
            // The least key behind it.
            key.push(0);
        }
        let request = pb::RangeRequest {
            key: key.into(),
            range_end: end_of(prefix),
            limit,
            revision,
            ..pb::RangeRequest::default()
        };
        self.range(&request, patience).await
    }

    async fn range(
        &self,
        request: &pb::RangeRequest,
        patience: Patience,
    ) -> Result<Page, EtcdError> {
        let answer: pb::RangeResponse =
            self.members.call("/etcdserverpb.KV/Range", request, patience).await?;
        Ok(Page {
            revision: answer.header.map_or(0, |header| header.revision),
            keys: answer.kvs.into_iter().map(KeyValue::from).collect(),
            more: answer.more,
        })
    }

    /// Does all of `changes` if all of `conditions` hold, and else shows `show`.
    ///
    /// It may be done twice, so the conditions have to see to it that the second time changes nothing.
    pub async fn transact(
        &self,
        conditions: &[Condition],
        changes: Vec<Change>,
        show: &[&str],
        patience: Patience,
    ) -> Result<Outcome, EtcdError> {
        let request = pb::TxnRequest {
            compare: conditions.iter().map(compare).collect(),
            success: changes.into_iter().map(request_op).collect(),
            failure: show.iter().map(|key| show_op(key)).collect(),
        };
        let answer: pb::TxnResponse =
            self.members.call("/etcdserverpb.KV/Txn", &request, patience).await?;
        if answer.succeeded {
            return Ok(Outcome::Done {
                revision: answer.header.map_or(0, |header| header.revision),
            });
        }
        let shown = answer.responses.into_iter().map(|response| match response.response {
            Some(pb::response_op::Response::ResponseRange(range)) => {
                range.kvs.into_iter().next().map(KeyValue::from)
            }
            Some(
                pb::response_op::Response::ResponsePut(_)
                | pb::response_op::Response::ResponseDeleteRange(_),
            )
            | None => None,
        });
        let shown: Vec<_> = shown.collect();
        if shown.len() == show.len() {
            return Ok(Outcome::Refused { shown });
        }
        Err(EtcdError::Garbled {
            registry: self.target().to_string(),
            cause: "a refused transaction does not show what was asked for".to_owned(),
        })
    }

    /// A new lease and its time to live, which may be longer than asked for.
    pub async fn grant(
        &self,
        ttl: Duration,
        patience: Patience,
    ) -> Result<(i64, Duration), EtcdError> {
        let seconds = i64::try_from(ttl.as_secs() + u64::from(ttl.subsec_nanos() > 0));
        let request = pb::LeaseGrantRequest { ttl: seconds.unwrap_or(i64::MAX), id: 0 };
        let answer: pb::LeaseGrantResponse =
            self.members.call("/etcdserverpb.Lease/LeaseGrant", &request, patience).await?;
        Ok((answer.id, seconds_of(answer.ttl)))
    }

    /// Begins the lease's time anew.
    ///
    /// # Errors
    /// [`EtcdError::NoLease`] if it has ended.
    pub async fn keep_alive(&self, lease: i64, patience: Patience) -> Result<Duration, EtcdError> {
        let request = pb::LeaseKeepAliveRequest { id: lease };
        let answer: pb::LeaseKeepAliveResponse =
            self.members.exchange("/etcdserverpb.Lease/LeaseKeepAlive", &request, patience).await?;
        if answer.ttl > 0 { Ok(seconds_of(answer.ttl)) } else { Err(EtcdError::NoLease) }
    }

    /// Ends a lease, and with it the keys under it.
    pub async fn revoke(&self, lease: i64, patience: Patience) -> Result<(), EtcdError> {
        let request = pb::LeaseRevokeRequest { id: lease };
        let answer: Result<pb::LeaseRevokeResponse, EtcdError> =
            self.members.call("/etcdserverpb.Lease/LeaseRevoke", &request, patience).await;
        match answer {
            Ok(_) | Err(EtcdError::NoLease) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Opens a watch on one key for what happens from `revision` on.
    pub async fn watch(
        &self,
        key: &str,
        revision: i64,
        patience: Patience,
    ) -> Result<Watch, EtcdError> {
        let create = pb::WatchCreateRequest {
            key: bytes(key),
            start_revision: revision,
            ..pb::WatchCreateRequest::default()
        };
        let union = pb::watch_request::RequestUnion::CreateRequest(create);
        let request = pb::WatchRequest { request_union: Some(union) };
        let events = self.members.open("/etcdserverpb.Watch/Watch", &request, patience).await?;
        Ok(Watch::new(events))
    }
}

fn bytes(key: &str) -> Bytes {
    Bytes::copy_from_slice(key.as_bytes())
}

fn seconds_of(ttl: i64) -> Duration {
    Duration::from_secs(u64::try_from(ttl).unwrap_or(0))
}

/// The least key that is greater than all that begin with `prefix`.
fn end_of(prefix: &str) -> Bytes {
    let mut end = prefix.as_bytes().to_vec();
    // No UTF-8 text ends in 0xff, so there is always a next byte.
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    end.into()
}

fn compare(condition: &Condition) -> pb::Compare {
    use pb::compare::{CompareResult, CompareTarget, TargetUnion};
    let (key, target, union) = match condition {
        Condition::CreatedAt(key, at) => {
            (key, CompareTarget::Create, TargetUnion::CreateRevision(*at))
        }
        Condition::ModifiedAt(key, at) => (key, CompareTarget::Mod, TargetUnion::ModRevision(*at)),
    };
    pb::Compare {
        result: CompareResult::Equal.into(),
        target: target.into(),
        key: bytes(key),
        target_union: Some(union),
    }
}

fn request_op(change: Change) -> pb::RequestOp {
    use pb::request_op::Request;
    let request = match change {
        Change::Put { key, value, lease } => {
            Request::RequestPut(pb::PutRequest { key: key.into(), value, lease })
        }
        Change::Delete { key } => Request::RequestDeleteRange(pb::DeleteRangeRequest {
            key: key.into(),
            range_end: Bytes::new(),
        }),
    };
    pb::RequestOp { request: Some(request) }
}

fn show_op(key: &str) -> pb::RequestOp {
    let range = pb::RangeRequest { key: bytes(key), ..pb::RangeRequest::default() };
    pb::RequestOp { request: Some(pb::request_op::Request::RequestRange(range)) }
}
