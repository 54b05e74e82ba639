//! The one loop around a core: take what arrived, apply, commit, then send.
//!
//! The core lives on a thread of its own. Everything that arrived while the last commit was on its
//! way is one batch, so a commit's cost is shared by the calls that wait for it.
//!
//! A core whose registry others may take over acts only while its [`Tenure`](crate::registry::Tenure) says
//! so. Between, it holds: nothing is applied, nothing leaves, looks are answered.

mod desk;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::Arc;

use master::leadership::Deposed;
use model::{Moment, Now};
use tokio::sync::mpsc;

use self::desk::{Closed, Desk};
use crate::clock::Clock;
use crate::exposition::{self, Histogram};
use crate::registry::etcd::WriteError;
use crate::registry::{FencedWriter, Registry, Standing};
use crate::store::{StoreError, Write};

/// Inputs that may wait for the core; beyond it, senders wait.
const MAILBOX: usize = 4096;
/// Inputs applied before their effects are committed together.
const BATCH: usize = 1024;

/// What a core did about an event, in the driver's terms.
#[derive(Debug)]
pub struct Outcome<C: Core> {
    pub writes: Vec<Write>,
    pub messages: Vec<C::Message>,
    pub notes: Vec<C::Note>,
}

/// A sans-IO state machine the driver can run.
pub trait Core: Send + Sized + 'static {
    type Event: Debug + Send + 'static;
    type Message: Debug + Send + 'static;
    type Note: Debug + Send + 'static;

    fn apply(&mut self, now: Now, event: Self::Event) -> Outcome<Self>;
    fn next_wake(&self) -> Option<Moment>;
    fn woke() -> Self::Event;
}

/// Where the messages of a core go. Called on the driver's thread and must not block.
pub trait Outbox<C: Core>: Send + 'static {
    /// Carries out messages whose batch is durable, in order.
    fn deliver(&mut self, messages: Vec<C::Message>);
    /// Renders notes to log and counters.
    fn note(&mut self, notes: Vec<C::Note>);
    /// The batch was not made durable, or nobody knows: whoever waits for an answer of it is told why.
    fn refuse(&mut self, messages: &[C::Message], why: &Undone<'_>);
    /// Answers whoever waits for the outcome of an event that is not carried out now; an event nobody waits
    /// for comes back, to be applied later.
    fn turn_away(&mut self, event: C::Event, _why: &str) -> Option<C::Event> {
        Some(event)
    }
    /// There is no room for this event: whoever it came from is cut off, to begin anew elsewhere. An event
    /// that would be missed comes back; there is no more than one of those for each peer.
    fn send_away(&mut self, event: C::Event) -> Option<C::Event> {
        Some(event)
    }
}

/// Why a batch is not durable.
#[derive(Debug)]
pub enum Undone<'a> {
    /// It could not be written.
    Broken(&'a StoreError),
    /// It is not known to be written; the text says the rest.
    Unsure(&'a str),
}

type Look<C> = Box<dyn FnOnce(&C, Now) + Send>;

enum Input<C: Core> {
    Event(C::Event),
    /// Sees only durable state: runs after the batch's commit.
    Look(Look<C>),
}

/// A handle to a running core.
#[derive(Debug)]
pub struct Mailbox<C: Core> {
    sender: mpsc::Sender<Input<C>>,
    commits: Arc<Histogram>,
}

impl<C: Core> Clone for Mailbox<C> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), commits: self.commits.clone() }
    }
}

/// The core's thread has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the process is shutting down")]
pub struct Stopped;

impl<C: Core> Mailbox<C> {
    /// Queues an event; waits while the queue is full.
    pub async fn send(&self, event: C::Event) -> Result<(), Stopped> {
        self.sender.send(Input::Event(event)).await.map_err(|_closed| Stopped)
    }

    /// Queues an event nobody waits for. A stopped core has no use for it.
    pub async fn tell(&self, event: C::Event) {
        if self.send(event).await.is_err() {
            tracing::debug!("an event came after the end of the core");
        }
    }

    /// Runs `look` on the core and returns what it saw: a state that is durable.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&C, Now) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let look: Look<C> = Box::new(move |core, now| {
            // The caller may have gone; then nobody wants the answer.
            drop(answer.send(look(core, now)));
        });
        self.sender.send(Input::Look(look)).await.map_err(|_closed| Stopped)?;
        answered.await.map_err(|_closed| Stopped)
    }

    /// Inputs that wait for the core, and how many may.
    pub fn queue(&self) -> (usize, usize) {
        (self.sender.max_capacity() - self.sender.capacity(), self.sender.max_capacity())
    }

    /// How long commits have taken.
    pub fn commits(&self) -> &Histogram {
        &self.commits
    }

    /// A mailbox for tests of its users, and the receiving end that keeps it open.
    fn new() -> (Self, mpsc::Receiver<Input<C>>) {
        let (sender, receiver) = mpsc::channel(MAILBOX);
        let commits = exposition::histogram(
            "ebb_commit_duration_seconds",
            "Time that commits of what the core decided have taken.",
        );
        (Self { sender, commits: Arc::new(commits) }, receiver)
    }
}

/// Why a core's thread ended without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every mailbox is gone.
    Closed,
    /// Its leadership is over; everybody who waited has been told.
    Deposed(Deposed),
}

/// A core, what it commits to and its outbox, ready to run.
pub struct Driver<C: Core, O: Outbox<C>> {
    desk: Desk<C, O>,
    registry: Registry,
    commits: Arc<Histogram>,
}

impl<C: Core, O: Outbox<C>> Debug for Driver<C, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl<C: Core, O: Outbox<C>> Driver<C, O> {
    /// Joins the parts. `outbox` is made from the mailbox, so that its workers can answer.
    pub fn new(
        core: C,
        registry: impl Into<Registry>,
        clock: Clock,
        outbox: impl FnOnce(Mailbox<C>) -> O,
    ) -> (Self, Mailbox<C>) {
        let registry = registry.into();
        let (mailbox, inputs) = Mailbox::new();
        let outbox = outbox(mailbox.clone());
        let tenure = registry.tenure().cloned();
        let commits = mailbox.commits.clone();
        let desk = Desk::new(core, outbox, clock, inputs, tenure);
        (Self { desk, registry, commits }, mailbox)
    }

    /// Carries out what the core wanted before its first event, such as at recovery. Only for a store of
    /// its own: what needs others' consent comes with events.
    pub fn begin(&mut self, first: Outcome<C>) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.add(first);
        if let Registry::Embedded(store) = &self.registry
            && !batch.writes.is_empty()
        {
            store.commit(&batch.writes)?;
        }
        self.desk.deliver(batch);
        Ok(())
    }

    /// Runs until every mailbox is gone, the leadership is over or a commit fails; the error is the reason to
    /// end the process.
    pub fn spawn(
        self,
        name: &str,
    ) -> std::io::Result<tokio::sync::oneshot::Receiver<Result<Ended, StoreError>>> {
        let (done, ended) = tokio::sync::oneshot::channel();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .expect("a runtime with only a timer needs no resources");
            drop(done.send(runtime.block_on(self.run())));
        })?;
        Ok(ended)
    }

    async fn run(mut self) -> Result<Ended, StoreError> {
        let outcome = self.serve().await;
        if let Ok(Ended::Deposed(why)) = &outcome {
            self.desk.dismiss(&format!(
                "This master has stopped leading ({why}), and nothing was changed by this call. Ask the new leader; \
                 any master redirects to it."
            ));
        }
        outcome
    }

    async fn serve(&mut self) -> Result<Ended, StoreError> {
        loop {
            match self.desk.hold(&[]).await {
                Ok(Standing::Acting | Standing::Held) => {}
                Ok(Standing::Over(why)) => return Ok(Ended::Deposed(why)),
                Err(Closed) => return Ok(Ended::Closed),
            }
            let first = match self.desk.receive().await {
                Ok(first) => first,
                Err(Closed) => return Ok(Ended::Closed),
            };
            if !self.desk.may_act() {
                self.desk.put_back(first);
                continue;
            }
            let mut batch = Batch::default();
            self.desk.apply(first, &mut batch);
            if let Some(ended) = self.finish(batch).await? {
                return Ok(ended);
            }
        }
    }

    /// Commits, then delivers.
    async fn finish(&mut self, mut batch: Batch<C>) -> Result<Option<Ended>, StoreError> {
        if !batch.writes.is_empty() {
            let begun = self.desk.now().at;
            match &mut self.registry {
                Registry::Embedded(store) => {
                    if let Err(error) = store.commit(&batch.writes) {
                        self.desk.outbox.refuse(&batch.messages, &Undone::Broken(&error));
                        return Err(error);
                    }
                }
                Registry::Etcd(writer) => {
                    if let Some(ended) = commit(writer, &mut self.desk, &mut batch).await? {
                        return Ok(Some(ended));
                    }
                }
            }
            self.commits.observe(self.desk.now().at.since(begun).as_secs_f64());
        }
        if !self.desk.may_act() {
            // What they see is durable, so they need not wait.
            let looks = std::mem::take(&mut batch.looks);
            self.desk.look(looks);
        }
        match self.desk.hold(&batch.messages).await {
            Ok(Standing::Acting | Standing::Held) => {}
            Ok(Standing::Over(why)) => {
                self.desk.outbox.refuse(&batch.messages, &Undone::Unsure(&unknown(&why)));
                return Ok(Some(Ended::Deposed(why)));
            }
            Err(Closed) => return Ok(Some(Ended::Closed)),
        }
        self.desk.deliver(batch);
        Ok(None)
    }
}

/// Commits to etcd. While it takes unusually long, callers are turned away and looks answered.
async fn commit<C: Core, O: Outbox<C>>(
    writer: &mut FencedWriter,
    desk: &mut Desk<C, O>,
    batch: &mut Batch<C>,
) -> Result<Option<Ended>, StoreError> {
    let begun = desk.now();
    let tenure = writer.tenure().clone();
    let writing = async {
        tokio::select! {
            biased;
            written = writer.commit(&batch.writes, &batch.ends) => written,
            // Nothing is won by waiting for an answer: whether it is written the next leader knows.
            why = tenure.ended() => Err(WriteError::Lost(why)),
        }
    };
    tokio::pin!(writing);
    let mut wait = desk.patience(begun);
    let written = loop {
        match tokio::time::timeout(wait, writing.as_mut()).await {
            Ok(written) => break written,
            Err(_elapsed) => wait = desk.patience(begun),
        }
        if wait.is_zero() {
            let looks = std::mem::take(&mut batch.looks);
            match desk.stuck(begun, &batch.messages, looks, writing).await {
                Ok(written) => break written,
                Err(Closed) => return Ok(Some(Ended::Closed)),
            }
        }
    };
    match written {
        Ok(()) => Ok(None),
        Err(WriteError::Lost(why)) => {
            desk.outbox.refuse(&batch.messages, &Undone::Unsure(&unknown(&why)));
            if let Some(tenure) = &desk.tenure {
                tenure.end(why.clone());
            }
            Ok(Some(Ended::Deposed(why)))
        }
        Err(WriteError::Broken(error)) => {
            desk.outbox.refuse(&batch.messages, &Undone::Broken(&error));
            Err(error)
        }
    }
}

fn unknown(why: &Deposed) -> String {
    format!(
        "This master has stopped leading ({why}) while it carried out this call: whether it took effect is not \
         known. Look at the state that the new leader shows; any master redirects to it."
    )
}

struct Batch<C: Core> {
    inputs: usize,
    writes: Vec<Write>,
    /// Where in `writes` those of each event end.
    ends: Vec<usize>,
    messages: Vec<C::Message>,
    notes: Vec<C::Note>,
    looks: Vec<Look<C>>,
}

impl<C: Core> Default for Batch<C> {
    fn default() -> Self {
        Self {
            inputs: 0,
            writes: Vec::new(),
            ends: Vec::new(),
            messages: Vec::new(),
            notes: Vec::new(),
            looks: Vec::new(),
        }
    }
}

impl<C: Core> Batch<C> {
    fn add(&mut self, outcome: Outcome<C>) {
        if !outcome.writes.is_empty() {
            self.writes.extend(outcome.writes);
            self.ends.push(self.writes.len());
        }
        self.messages.extend(outcome.messages);
        self.notes.extend(outcome.notes);
    }
}
