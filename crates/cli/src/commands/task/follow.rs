//! A subscription that outlives hiccups of the master.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use wire::scheduler::Event;
use wire::v1::{FrameworkInfo, TaskStatus};

use super::SILENCE;
use crate::api::Master;
use crate::exit::Failure;
use crate::scheduler::{EventStream, Scheduler, SchedulerError};

/// Pause between attempts to subscribe again.
const PAUSE: Duration = Duration::from_millis(500);

/// A framework that subscribes again when its stream breaks.
#[derive(Debug)]
pub(super) struct Subscription {
    master: Master,
    info: FrameworkInfo,
    pub(super) scheduler: Scheduler,
    events: EventStream,
    /// Since when there is no stream. Kept here, for waiting may be interrupted.
    broken_since: Option<Instant>,
}

impl Subscription {
    pub(super) async fn begin(master: &Master, info: FrameworkInfo) -> Result<Self, Failure> {
        let (scheduler, events) =
            Scheduler::subscribe(master.client().clone(), master.url(), info.clone()).await?;
        let info = FrameworkInfo { id: Some(scheduler.framework_id().clone()), ..info };
        Ok(Self { master: master.clone(), info, scheduler, events, broken_since: None })
    }

    /// The next event. After a broken stream tasks are reconciled, so that what was missed comes again.
    /// May be dropped while waiting.
    ///
    /// # Errors
    /// The master ended the framework, or was silent for too long.
    pub(super) async fn next(&mut self) -> Result<Event, Failure> {
        loop {
            match self.events.next().await {
                Ok(Some(event)) => {
                    if let Some(error) = event.error {
                        return Err(SchedulerError::Ended(error.message).into());
                    }
                    return Ok(event);
                }
                Ok(None) | Err(SchedulerError::Stream(_) | SchedulerError::Closed) => {
                    self.again().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Acknowledges an update. If the master can't be told now, the update will come again.
    pub(super) async fn acknowledge(&self, status: &TaskStatus) -> Result<(), Failure> {
        passing(self.scheduler.acknowledge(status).await).map(drop)
    }

    async fn again(&mut self) -> Result<(), Failure> {
        let begun = *self.broken_since.get_or_insert_with(Instant::now);
        loop {
            let client = self.master.client().clone();
            match Scheduler::subscribe(client, self.master.url(), self.info.clone()).await {
                Ok((scheduler, events)) => {
                    self.scheduler = scheduler;
                    self.events = events;
                    self.broken_since = None;
                    passing(self.scheduler.reconcile(Vec::new()).await)?;
                    return Ok(());
                }
                Err(error @ SchedulerError::Ended(_)) => return Err(error.into()),
                Err(error) if begun.elapsed() >= SILENCE => return Err(error.into()),
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

/// Whether a call arrived. One that did not, because the master or the stream is gone, is no error yet:
/// [`Subscription::next`] subscribes again or gives up.
///
/// # Errors
/// Anything that will not be better later.
pub(super) fn passing(outcome: Result<(), SchedulerError>) -> Result<bool, Failure> {
    match outcome {
        Ok(()) => Ok(true),
        Err(SchedulerError::Client(error))
            if error.status().is_none_or(|it| it.as_u16() != 401) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
