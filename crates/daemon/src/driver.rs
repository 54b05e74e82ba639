//! The one loop around a core: take what arrived, apply, commit, then send.
//!
//! The core lives on a thread of its own. Everything that arrived while the last commit was on its
//! way is one batch, so a commit's cost is shared by the calls that wait for it.

use std::fmt::Debug;
use std::time::Duration;

use model::{Moment, Now};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::store::{Store, StoreError, Write};

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
    /// The batch could not be made durable: whoever waits for an answer of it is told why.
    fn refuse(&mut self, messages: Vec<C::Message>, error: &StoreError);
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
}

impl<C: Core> Clone for Mailbox<C> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone() }
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

    /// A mailbox for tests of its users, and the receiving end that keeps it open.
    fn new() -> (Self, mpsc::Receiver<Input<C>>) {
        let (sender, receiver) = mpsc::channel(MAILBOX);
        (Self { sender }, receiver)
    }
}

/// A core, its store and its outbox, ready to run.
pub struct Driver<C: Core, O: Outbox<C>> {
    core: C,
    store: Store,
    outbox: O,
    clock: Clock,
    inputs: mpsc::Receiver<Input<C>>,
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
        store: Store,
        clock: Clock,
        outbox: impl FnOnce(Mailbox<C>) -> O,
    ) -> (Self, Mailbox<C>) {
        let (mailbox, inputs) = Mailbox::new();
        let outbox = outbox(mailbox.clone());
        (Self { core, store, outbox, clock, inputs }, mailbox)
    }

    /// Carries out what the core wanted before its first event, such as at recovery.
    pub fn begin(&mut self, first: Outcome<C>) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.add(first);
        self.finish(batch)
    }

    /// Runs until every mailbox is gone or a commit fails; the error is the reason to end the process.
    pub fn spawn(
        self,
        name: &str,
    ) -> std::io::Result<tokio::sync::oneshot::Receiver<Result<(), StoreError>>> {
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

    async fn run(mut self) -> Result<(), StoreError> {
        loop {
            let wait = self.core.next_wake().map(|at| self.clock.until(at));
            let first = match self.receive(wait).await {
                Received::Input(input) => Some(input),
                Received::Woke => None,
                Received::Closed => return Ok(()),
            };
            let mut batch = Batch::default();
            let now = self.clock.now();
            match first {
                Some(input) => self.take(now, input, &mut batch),
                None => batch.add(self.core.apply(now, C::woke())),
            }
            while batch.inputs < BATCH {
                let Ok(input) = self.inputs.try_recv() else { break };
                self.take(now, input, &mut batch);
            }
            self.finish(batch)?;
        }
    }

    async fn receive(&mut self, wait: Option<Duration>) -> Received<C> {
        let input = match wait {
            None => self.inputs.recv().await,
            Some(wait) => match tokio::time::timeout(wait, self.inputs.recv()).await {
                Ok(input) => input,
                Err(_elapsed) => return Received::Woke,
            },
        };
        input.map_or(Received::Closed, Received::Input)
    }

    fn take(&mut self, now: Now, input: Input<C>, batch: &mut Batch<C>) {
        batch.inputs += 1;
        match input {
            Input::Event(event) => batch.add(self.core.apply(now, event)),
            Input::Look(look) => batch.looks.push(look),
        }
    }

    fn finish(&mut self, batch: Batch<C>) -> Result<(), StoreError> {
        let Batch { writes, messages, notes, looks, inputs: _ } = batch;
        if !writes.is_empty()
            && let Err(error) = self.store.commit(&writes)
        {
            self.outbox.refuse(messages, &error);
            return Err(error);
        }
        self.outbox.note(notes);
        self.outbox.deliver(messages);
        let now = self.clock.now();
        for look in looks {
            look(&self.core, now);
        }
        Ok(())
    }
}

enum Received<C: Core> {
    Input(Input<C>),
    Woke,
    Closed,
}

struct Batch<C: Core> {
    inputs: usize,
    writes: Vec<Write>,
    messages: Vec<C::Message>,
    notes: Vec<C::Note>,
    looks: Vec<Look<C>>,
}

impl<C: Core> Default for Batch<C> {
    fn default() -> Self {
        Self {
            inputs: 0,
            writes: Vec::new(),
            messages: Vec::new(),
            notes: Vec::new(),
            looks: Vec::new(),
        }
    }
}

impl<C: Core> Batch<C> {
    fn add(&mut self, outcome: Outcome<C>) {
        self.writes.extend(outcome.writes);
        self.messages.extend(outcome.messages);
        self.notes.extend(outcome.notes);
    }
}
