//! Everything of the loop but the commit: what arrives, what is put aside, what leaves.

use std::collections::VecDeque;
use std::future::Future;
use std::time::Duration;

use model::{Moment, Now};
use tokio::sync::mpsc;

use super::{BATCH, Batch, Core, Input, Look, Outbox, Undone};
use crate::clock::Clock;
use crate::registry::{Standing, Tenure};

/// Events put aside while nothing may be applied; beyond it, senders wait.
const ASIDE: usize = 16_384;
/// How long a commit may take before its callers are told that the registry does not answer.
const USUAL: Duration = Duration::from_secs(3);

/// Every mailbox is gone.
#[derive(Debug)]
pub(super) struct Closed;

/// An input, or none where a deadline of the core has passed.
pub(super) type First<C> = Option<Input<C>>;

pub(super) struct Desk<C: Core, O: Outbox<C>> {
    core: C,
    pub(super) outbox: O,
    clock: Clock,
    inputs: mpsc::Receiver<Input<C>>,
    /// What came while nothing could be applied.
    aside: VecDeque<Input<C>>,
    pub(super) tenure: Option<Tenure>,
    /// How long the core has not been able to act, as far as it does not know yet.
    pause: Duration,
    /// The pause is counted up to here.
    counted: Moment,
}

impl<C: Core, O: Outbox<C>> Desk<C, O> {
    pub(super) fn new(
        core: C,
        outbox: O,
        clock: Clock,
        inputs: mpsc::Receiver<Input<C>>,
        tenure: Option<Tenure>,
    ) -> Self {
        let aside = VecDeque::new();
        let (pause, counted) = (Duration::ZERO, Moment::default());
        Self { core, outbox, clock, inputs, aside, tenure, pause, counted }
    }

    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(super) fn may_act(&self) -> bool {
        let now = self.clock.now().at;
        self.tenure.as_ref().is_none_or(|tenure| tenure.standing(now) == Standing::Acting)
    }

    /// How long a commit may take before it counts as stuck.
    pub(super) fn patience(&self) -> Duration {
        let until = self.tenure.as_ref().map(|tenure| self.clock.until(tenure.acts_until()));
        until.map_or(USUAL, |until| until.min(USUAL))
    }

    /// Waits for something to do.
    pub(super) async fn receive(&mut self) -> Result<First<C>, Closed> {
        if let Some(input) = self.aside.pop_front() {
            return Ok(Some(input));
        }
        let input = match self.core.next_wake() {
            None => self.inputs.recv().await,
            Some(at) => {
                match tokio::time::timeout(self.clock.until(at), self.inputs.recv()).await {
                    Ok(input) => input,
                    Err(_elapsed) => return Ok(None),
                }
            }
        };
        input.map(Some).ok_or(Closed)
    }

    pub(super) fn put_back(&mut self, first: First<C>) {
        if let Some(input) = first {
            self.aside.push_front(input);
        }
    }

    /// Applies `first` and whatever else has arrived.
    pub(super) fn apply(&mut self, first: First<C>, batch: &mut Batch<C>) {
        let now = self.clock.now();
        match first {
            Some(input) => self.take(now, input, batch),
            None => batch.add(self.core.apply(now, C::woke())),
        }
        while batch.inputs < BATCH {
            let next = self.aside.pop_front().or_else(|| self.inputs.try_recv().ok());
            let Some(input) = next else { break };
            self.take(now, input, batch);
        }
    }

    fn take(&mut self, now: Now, input: Input<C>, batch: &mut Batch<C>) {
        batch.inputs += 1;
        match input {
            Input::Event(event) => batch.add(self.core.apply(now, event)),
            Input::Look(look) => batch.looks.push(look),
        }
    }

    /// Tells the core of a pause, if there was one.
    pub(super) fn take_pause(&mut self, batch: &mut Batch<C>) -> bool {
        let pause = std::mem::take(&mut self.pause);
        let Some(event) = (!pause.is_zero()).then(|| C::paused(pause)).flatten() else {
            return false;
        };
        tracing::info!(?pause, "the registry answers again; deadlines move by the pause");
        batch.add(self.core.apply(self.clock.now(), event));
        true
    }

    pub(super) fn deliver(&mut self, batch: Batch<C>) {
        self.outbox.note(batch.notes);
        self.outbox.deliver(batch.messages);
        self.look(batch.looks);
    }

    fn look(&mut self, looks: Vec<Look<C>>) {
        let now = self.clock.now();
        for look in looks {
            look(&self.core, now);
        }
    }

    /// Returns at once if the core may act, and otherwise once that is so again or never will be. Callers,
    /// those who wait for `messages` among them, are turned away meanwhile.
    pub(super) async fn hold(&mut self, messages: &[C::Message]) -> Result<Standing, Closed> {
        let Some(tenure) = self.tenure.clone() else { return Ok(Standing::Acting) };
        let standing = tenure.standing(self.clock.now().at);
        if standing != Standing::Held {
            return Ok(standing);
        }
        let since = tenure.acts_until();
        tracing::warn!("the registry does not confirm the lease; nothing is changed until it does");
        self.refuse(&tenure, messages);
        let decided = self.serve_while(&tenure, tenure.decided(self.clock)).await;
        self.add_pause(since);
        decided
    }

    /// Waits for a commit that takes unusually long; callers are turned away and looks answered.
    pub(super) async fn stuck<T>(
        &mut self,
        begun: Now,
        messages: &[C::Message],
        looks: Vec<Look<C>>,
        writing: impl Future<Output = T>,
    ) -> Result<T, Closed> {
        let Some(tenure) = self.tenure.clone() else { return Ok(writing.await) };
        tracing::warn!("a write to the registry is not answered; it is made again until it is");
        tenure.set_stuck(Some(begun.wall));
        self.refuse(&tenure, messages);
        self.look(looks);
        let written = self.serve_while(&tenure, writing).await;
        tenure.set_stuck(None);
        self.add_pause(begun.at);
        written
    }

    fn refuse(&mut self, tenure: &Tenure, messages: &[C::Message]) {
        let why = tenure.unavailable(
            self.clock.now().at,
            "Whether this call takes effect is not known: it will if this master goes on to lead.",
        );
        self.outbox.refuse(messages, &Undone::Unsure(&why));
    }

    fn add_pause(&mut self, since: Moment) {
        let now = self.clock.now().at;
        self.pause += now.since(since.max(self.counted));
        self.counted = now;
    }

    async fn serve_while<T>(
        &mut self,
        tenure: &Tenure,
        work: impl Future<Output = T>,
    ) -> Result<T, Closed> {
        for input in std::mem::take(&mut self.aside) {
            self.put_aside(tenure, input);
        }
        tokio::pin!(work);
        loop {
            let has_room = self.aside.len() < ASIDE;
            tokio::select! {
                biased;
                done = work.as_mut() => return Ok(done),
                input = self.inputs.recv(), if has_room => {
                    self.put_aside(tenure, input.ok_or(Closed)?);
                }
            }
        }
    }

    fn put_aside(&mut self, tenure: &Tenure, input: Input<C>) {
        match input {
            Input::Look(look) => look(&self.core, self.clock.now()),
            Input::Event(event) => {
                let why =
                    tenure.unavailable(self.clock.now().at, "Nothing was changed by this call.");
                if let Some(event) = self.outbox.turn_away(event, &why) {
                    self.aside.push_back(Input::Event(event));
                }
            }
        }
    }

    /// Turns away everybody who still waits.
    pub(super) fn dismiss(&mut self, why: &str) {
        self.inputs.close();
        let mut rest = std::mem::take(&mut self.aside);
        while let Ok(input) = self.inputs.try_recv() {
            rest.push_back(input);
        }
        for input in rest {
            if let Input::Event(event) = input {
                // What nobody waits for is for the next leader to hear.
                drop(self.outbox.turn_away(event, why));
            }
        }
    }
}
