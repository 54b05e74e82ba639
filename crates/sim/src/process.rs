//! A core as its shell runs it: what arrived while the last batch was being committed is the next one.

use std::collections::VecDeque;

use model::{Moment, Now};

/// A production core, in the words both have in common.
pub(crate) trait Core {
    type Event;
    type Mutation;
    type Message;
    type Note;

    fn decide(&mut self, now: Now, event: Self::Event) -> Batch<Self>;
    fn wants_wake(&self) -> Option<Moment>;
}

/// What events led to, in order.
pub(crate) struct Batch<C: Core + ?Sized> {
    pub(crate) mutations: Vec<C::Mutation>,
    pub(crate) messages: Vec<C::Message>,
    pub(crate) notes: Vec<C::Note>,
    /// How many mutations there were after each event.
    ends: Vec<usize>,
}

impl<C: Core> Default for Batch<C> {
    fn default() -> Self {
        Self { mutations: Vec::new(), messages: Vec::new(), notes: Vec::new(), ends: Vec::new() }
    }
}

impl<C: Core> Batch<C> {
    pub(crate) fn append(&mut self, later: Self) {
        self.mutations.extend(later.mutations);
        self.messages.extend(later.messages);
        self.notes.extend(later.notes);
        self.ends.push(self.mutations.len());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.mutations.is_empty() && self.messages.is_empty() && self.notes.is_empty()
    }
}

impl<C: Core> Batch<C>
where
    C::Mutation: Clone,
{
    /// The mutations in commits of at most so many, never split within what one event led to.
    pub(crate) fn pieces(&self, most: usize) -> Vec<Vec<C::Mutation>> {
        let mut pieces: Vec<Vec<C::Mutation>> = Vec::new();
        let mut from = 0;
        for end in &self.ends {
            let part = &self.mutations[from..*end];
            from = *end;
            match pieces.last_mut().filter(|piece| piece.len() + part.len() <= most) {
                Some(piece) => piece.extend_from_slice(part),
                None if part.is_empty() => {}
                None => pieces.push(part.to_vec()),
            }
        }
        pieces
    }
}

/// A running process. Its number tells it from the one before a crash.
pub(crate) struct Process<C: Core> {
    pub(crate) core: C,
    pub(crate) number: u64,
    pub(crate) mailbox: VecDeque<C::Event>,
    /// On its way to the disk; its messages wait.
    pub(crate) committing: Option<Batch<C>>,
    /// When it will be woken.
    pub(crate) wakes_at: Option<Moment>,
}

impl<C: Core> Process<C> {
    pub(crate) fn new(core: C, number: u64) -> Self {
        Self { core, number, mailbox: VecDeque::new(), committing: None, wakes_at: None }
    }

    /// The moment for which a wake has to be arranged, unless one that is early enough is already.
    pub(crate) fn new_alarm(&mut self, now: Now) -> Option<Moment> {
        let wanted = self.core.wants_wake()?;
        if self.wakes_at.is_some_and(|due| due <= wanted) {
            return None;
        }
        self.wakes_at = Some(wanted.max(now.at));
        self.wakes_at
    }
}

impl Core for master::Master {
    type Event = master::Event;
    type Mutation = master::Mutation;
    type Message = master::Message;
    type Note = master::Note;

    fn decide(&mut self, now: Now, event: Self::Event) -> Batch<Self> {
        let master::Effects { mutations, messages, notes } = self.apply(now, event);
        Batch { mutations, messages, notes, ends: Vec::new() }
    }

    fn wants_wake(&self) -> Option<Moment> {
        self.next_wake()
    }
}

impl Core for agent::Agent {
    type Event = agent::Event;
    type Mutation = agent::Mutation;
    type Message = agent::Message;
    type Note = agent::Note;

    fn decide(&mut self, now: Now, event: Self::Event) -> Batch<Self> {
        self.apply(now, event).into()
    }

    fn wants_wake(&self) -> Option<Moment> {
        self.next_wake()
    }
}

impl From<agent::Effects> for Batch<agent::Agent> {
    fn from(effects: agent::Effects) -> Self {
        let agent::Effects { mutations, messages, notes } = effects;
        Self { mutations, messages, notes, ends: Vec::new() }
    }
}
