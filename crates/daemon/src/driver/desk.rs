//! Everything of the loop but the commit: what arrives, what is put aside, what leaves.

use std::collections::VecDeque;
use std::future::Future;
use std::time::Duration;

use model::Now;
use tokio::sync::mpsc;

use super::{BATCH, Batch, Core, Input, Look, Outbox, Undone};
use crate::clock::Clock;
use crate::registry::{Standing, Tenure};

/// Events put aside while nothing may be applied; beyond it, peers are sent away.
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
        Self { core, outbox, clock, inputs, aside, tenure }
    }

    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(super) fn may_act(&self) -> bool {
        let now = self.clock.now().at;
        self.tenure.as_ref().is_none_or(|tenure| tenure.standing(now) == Standing::Acting)
    }

    /// How much longer a commit may take before it counts as stuck: by its age, or because the lease is unsure.
    pub(super) fn patience(&self, begun: Now) -> Duration {
        let usual = self.clock.until(begun.at.plus(USUAL));
        let until = self.tenure.as_ref().map(|tenure| self.clock.until(tenure.acts_until()));
        until.map_or(usual, |until| until.min(usual))
    }

    /// Waits for something to do.
    pub(super) async fn receive(&mut self) -> Result<First<C>, Closed> {
        if let Some(input) = self.aside.pop_front() {
            return Ok(Some(input));
        }
        let wake = self.core.next_wake().map(|at| self.clock.until(at));
        let inputs = &mut self.inputs;
        let input = async {
            let input = inputs.recv();
            match wake {
                None => input.await.map(Some),
                Some(wake) => match tokio::time::timeout(wake, input).await {
                    Ok(input) => input.map(Some),
                    Err(_elapsed) => Some(None),
                },
            }
        };
        let first = match &self.tenure {
            None => input.await,
            Some(tenure) => tokio::select! {
                biased;
                first = input => first,
                // The end is no deadline of the core, but whoever looks sees it.
                _ = tenure.ended() => Some(None),
            },
        };
        first.ok_or(Closed)
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

    pub(super) fn deliver(&mut self, batch: Batch<C>) {
        self.outbox.note(batch.notes);
        self.outbox.deliver(batch.messages);
        self.look(batch.looks);
    }

    pub(super) fn look(&mut self, looks: Vec<Look<C>>) {
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
        tracing::warn!("the registry does not confirm the lease; nothing is changed until it does");
        self.refuse(&tenure, messages);
        let decided = self.serve_while(&tenure, tenure.decided(self.clock)).await;
        if let Ok(Standing::Acting) = &decided {
            tracing::info!("the registry confirms the lease again");
        }
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
        written
    }

    fn refuse(&mut self, tenure: &Tenure, messages: &[C::Message]) {
        let why = tenure.unavailable(
            self.clock.now().at,
            "Whether this call takes effect is not known: it will if this master goes on to lead.",
        );
        self.outbox.refuse(messages, &Undone::Unsure(&why));
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
            tokio::select! {
                biased;
                done = work.as_mut() => return Ok(done),
                input = self.inputs.recv() => self.put_aside(tenure, input.ok_or(Closed)?),
            }
        }
    }

    fn put_aside(&mut self, tenure: &Tenure, input: Input<C>) {
        match input {
            Input::Look(look) => look(&self.core, self.clock.now()),
            Input::Event(event) => {
                let why = tenure.unavailable(self.clock.now().at, crate::http::NOTHING_CHANGED);
                let mut kept = self.outbox.turn_away(event, &why);
                if self.aside.len() >= ASIDE {
                    kept = kept.and_then(|event| self.outbox.send_away(event));
                }
                self.aside.extend(kept.map(Input::Event));
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
