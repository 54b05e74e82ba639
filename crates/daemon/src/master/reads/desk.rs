//! Who asked what, who makes it, and what is kept of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use master::{Master, Snapshot};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::{AtSnapshot, Question, Render};
use crate::driver::{Mailbox, Stopped};
use crate::http::pieces::{Held, PieceWriter, Pieces};
use crate::http::{ApiError, answer};

/// Bytes of answers that are kept for those who ask again; a larger answer is made anew each time.
const KEPT_LIMIT_BYTES: usize = 256 << 20;
/// How long an answer is kept that nobody asks for again.
const KEPT_FOR: Duration = Duration::from_secs(10);

type Answer = Result<Pieces, ApiError>;

pub(super) struct Desk {
    mailbox: Mailbox<Master>,
    held: Held,
    held_limit: usize,
    /// Who may make a body now: with all cores at that, writes would wait for one.
    makers: Semaphore,
    slots: Mutex<Slots>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("held", &self.held).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Slots {
    of: BTreeMap<Question, Slot>,
    /// Whether somebody goes round and throws away what is kept for nothing.
    is_swept: bool,
}

#[derive(Default)]
struct Slot {
    /// Those for whom no snapshot has been taken yet.
    waiting: Vec<Asked>,
    /// Whether somebody is at work for this question, and will look at `waiting` again.
    is_served: bool,
    kept: Option<Kept>,
}

struct Asked {
    answer: oneshot::Sender<Answer>,
    render: Render,
    then: Option<AtSnapshot>,
}

struct Kept {
    snapshot: Snapshot,
    pieces: Pieces,
    used: Instant,
}

impl Desk {
    pub(super) fn new(mailbox: Mailbox<Master>, held_limit: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            mailbox,
            held: Held::default(),
            held_limit,
            makers: Semaphore::new((cores / 2).max(1)),
            slots: Mutex::default(),
        }
    }

    pub(super) fn held(&self) -> &Held {
        &self.held
    }

    /// How many wait for `question` whose snapshot has not been taken.
    #[cfg(test)]
    pub(super) fn waiting(&self, question: Question) -> usize {
        self.slots().of.get(&question).map_or(0, |slot| slot.waiting.len())
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        // Nothing panics while holding it; if it did, the slots would still be whole.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A body for `question` from a snapshot taken from now on.
    pub(super) async fn ask(
        self: &Arc<Self>,
        question: Question,
        render: Render,
        then: Option<AtSnapshot>,
    ) -> Answer {
        let (sender, answer) = oneshot::channel();
        let is_served = {
            let mut slots = self.slots();
            let slot = slots.of.entry(question).or_default();
            slot.waiting.push(Asked { answer: sender, render, then });
            std::mem::replace(&mut slot.is_served, true)
        };
        if !is_served {
            // On its own, since the caller may go away while others have joined.
            tokio::spawn(self.clone().serve(question));
        }
        answer.await.map_err(|_| ApiError::stopped())?
    }

    /// A body for one caller, kept for nobody.
    pub(super) async fn ask_once(&self, gzip: bool, render: Render) -> Answer {
        let _permit = self.permit().await?;
        let snapshot = self.mailbox.look(|core, _| core.snapshot()).await?;
        let (pieces, _) = self.make(gzip, render, snapshot).await?;
        Ok(pieces)
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, Stopped> {
        self.makers.acquire().await.map_err(|_closed| Stopped)
    }

    /// Serves whoever waits for `question`, until nobody does.
    async fn serve(self: Arc<Self>, question: Question) {
        while let Some(group) = self.group(question) {
            self.serve_group(question, group).await;
        }
    }

    /// All who wait and have not gone away. Without any, whoever asks next is served by somebody else.
    fn group(&self, question: Question) -> Option<Vec<Asked>> {
        let mut slots = self.slots();
        let slot = slots.of.get_mut(&question)?;
        let mut group = std::mem::take(&mut slot.waiting);
        group.retain(|asked| !asked.answer.is_closed());
        if group.is_empty() {
            slot.is_served = false;
            return None;
        }
        Some(group)
    }

    async fn serve_group(self: &Arc<Self>, question: Question, mut group: Vec<Asked>) {
        let mut permit = self.makers.try_acquire().ok();
        if permit.is_none() {
            // Others are being served, which takes a while. What is kept may serve at once.
            if group.iter().all(|asked| asked.then.is_none())
                && let Some(pieces) = self.kept_still(question).await
            {
                return reply(group, &Ok(pieces));
            }
            permit = self.permit().await.ok();
            // No snapshot has been taken yet, so whoever came meanwhile joins.
            if let Some(slot) = self.slots().of.get_mut(&question) {
                group.append(&mut slot.waiting);
            }
        }
        let answer = self.answer(question, &mut group).await;
        drop(permit);
        reply(group, &answer);
    }

    /// The kept answer if nothing has changed since.
    async fn kept_still(&self, question: Question) -> Option<Pieces> {
        self.slots().of.get(&question)?.kept.as_ref()?;
        let snapshot = self.mailbox.look(|core, _| core.snapshot()).await.ok()?;
        self.kept(question, &snapshot)
    }

    fn kept(&self, question: Question, snapshot: &Snapshot) -> Option<Pieces> {
        let mut slots = self.slots();
        let kept = slots.of.get_mut(&question)?.kept.as_mut()?;
        kept.snapshot.is_same(snapshot).then(|| {
            kept.used = Instant::now();
            kept.pieces.clone()
        })
    }

    async fn answer(self: &Arc<Self>, question: Question, group: &mut Vec<Asked>) -> Answer {
        group.retain(|asked| !asked.answer.is_closed());
        let thens: Vec<_> = group.iter_mut().filter_map(|asked| asked.then.take()).collect();
        let taken = self.mailbox.look(move |core, _| {
            for then in thens {
                then(core);
            }
            core.snapshot()
        });
        let snapshot = taken.await?;
        if let Some(pieces) = self.kept(question, &snapshot) {
            return Ok(pieces);
        }
        let Some(asked) = group.first_mut() else { return Err(ApiError::stopped()) };
        let render = std::mem::replace(&mut asked.render, Box::new(|_, _| {}));
        let (pieces, snapshot) = self.make(question.gzip, render, snapshot).await?;
        self.keep(question, &pieces, snapshot);
        Ok(pieces)
    }

    async fn make(
        &self,
        gzip: bool,
        render: Render,
        snapshot: Snapshot,
    ) -> Result<(Pieces, Snapshot), ApiError> {
        if self.held.bytes() > self.held_limit {
            self.forget_all().await;
        }
        if self.held.bytes() > self.held_limit {
            return Err(ApiError::busy(format!(
                "Answers of {} MiB are waiting to be fetched, and no more are made until some have been. Ask \
                 again later.",
                self.held.bytes() >> 20
            )));
        }
        let mut writer = PieceWriter::new(&self.held);
        let made = tokio::task::spawn_blocking(move || {
            render(&snapshot, &mut writer);
            let pieces = if gzip && writer.len() >= answer::GZIP_FROM_BYTES {
                writer.gzip()
            } else {
                Ok(writer.finish())
            };
            (pieces, snapshot)
        });
        let broken =
            |error: String| ApiError::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, error);
        let (pieces, snapshot) = made.await.map_err(|error| broken(error.to_string()))?;
        let pieces = pieces.map_err(|error| broken(error.to_string()))?;
        Ok((pieces, snapshot))
    }

    fn keep(self: &Arc<Self>, question: Question, pieces: &Pieces, snapshot: Snapshot) {
        let kept = Kept { snapshot, pieces: pieces.clone(), used: Instant::now() };
        let mut slots = self.slots();
        let slot = slots.of.entry(question).or_default();
        let mut old = Vec::from_iter(slot.kept.take());
        if kept.pieces.bytes() > KEPT_LIMIT_BYTES {
            old.push(kept);
        } else {
            slot.kept = Some(kept);
            slots.bound(KEPT_LIMIT_BYTES, &mut old);
        }
        throw_away(old);
        if !std::mem::replace(&mut slots.is_swept, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    async fn forget_all(&self) {
        let kept = |slot: &mut Slot| slot.kept.take();
        let old: Vec<Kept> = self.slots().of.values_mut().filter_map(kept).collect();
        if tokio::task::spawn_blocking(move || drop(old)).await.is_err() {
            tracing::debug!("answers that nobody needs could not be dropped");
        }
    }
}

impl Slots {
    /// Moves what was not used for longest to `old` until what is kept is within `limit`.
    fn bound(&mut self, limit: usize, old: &mut Vec<Kept>) {
        loop {
            let kept = self.of.values().filter_map(|slot| slot.kept.as_ref());
            if kept.map(|kept| kept.pieces.bytes()).sum::<usize>() <= limit {
                return;
            }
            let oldest = self.of.values_mut().filter(|slot| slot.kept.is_some());
            let oldest = oldest.min_by_key(|slot| slot.kept.as_ref().map(|kept| kept.used));
            let Some(slot) = oldest else { return };
            old.extend(slot.kept.take());
        }
    }

    /// Takes out what nobody has asked for since `since`, and forgets questions nobody asks.
    fn sweep(&mut self, since: Instant) -> Vec<Kept> {
        let slots = self.of.values_mut();
        let old = slots.filter_map(|slot| slot.kept.take_if(|kept| kept.used < since)).collect();
        self.of.retain(|_, slot| slot.is_served || slot.kept.is_some());
        old
    }
}

/// Giving back hundreds of megabytes takes a while, in which a thread that serves callers would serve none.
fn throw_away(old: Vec<Kept>) {
    if !old.is_empty() {
        tokio::task::spawn_blocking(move || drop(old));
    }
}

async fn sweep(desk: std::sync::Weak<Desk>) {
    loop {
        tokio::time::sleep(KEPT_FOR / 2).await;
        let Some(desk) = desk.upgrade() else { return };
        let mut slots = desk.slots();
        let Some(since) = Instant::now().checked_sub(KEPT_FOR) else { continue };
        throw_away(slots.sweep(since));
        if slots.of.values().all(|slot| slot.kept.is_none()) {
            slots.is_swept = false;
            return;
        }
    }
}

fn reply(group: Vec<Asked>, answer: &Answer) {
    for asked in group {
        // The caller may have gone.
        drop(asked.answer.send(answer.clone()));
    }
}
