//! A subscription that outlives hiccups and failovers of the master.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use wire::scheduler::Event;
use wire::v1::{FrameworkInfo, TaskStatus};

use crate::api::Master;
use crate::exit::Failure;
use crate::output;
use crate::scheduler::{EventStream, Scheduler, SchedulerError};

/// Pauses between attempts to subscribe again; they grow by half.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// A master sends heartbeats; without any for so long it is as good as gone.
// Mesos: every 15 s.
const QUIET: Duration = Duration::from_secs(45);

type Subscribed = Result<(Scheduler, EventStream), SchedulerError>;

/// A framework that subscribes again when its stream breaks, at whichever master leads then.
#[derive(Debug)]
pub(super) struct Subscription {
    master: Master,
    info: FrameworkInfo,
    silence: Duration,
    pub(super) scheduler: Scheduler,
    events: EventStream,
    /// When the master was last heard.
    heard: Instant,
    /// The next subscription on its way. A task of its own, for waiting here may be interrupted.
    coming: Option<AbortOnDropHandle<Subscribed>>,
}

impl Subscription {
    /// Subscribes. Later, time without any master is borne up to `silence`.
    pub(super) async fn begin(
        master: &Master,
        info: FrameworkInfo,
        silence: Duration,
    ) -> Result<Self, Failure> {
        let (scheduler, events) = Scheduler::subscribe_at(master, info.clone()).await?;
        let info = FrameworkInfo { id: Some(scheduler.framework_id().clone()), ..info };
        let (master, heard) = (master.clone(), Instant::now());
        Ok(Self { master, info, silence, scheduler, events, heard, coming: None })
    }

    /// The next event. After a broken stream tasks are reconciled, so that what was missed comes again.
    /// May be dropped while waiting.
    ///
    /// # Errors
    /// The master ended the framework, or there was none for too long.
    pub(super) async fn next(&mut self) -> Result<Event, Failure> {
        loop {
            if self.coming.is_some() {
                self.again().await?;
            }
            let why = match timeout_at(self.heard + QUIET, self.events.next()).await {
                Ok(Ok(Some(event))) => {
                    self.heard = Instant::now();
                    if let Some(error) = event.error {
                        return Err(SchedulerError::Ended(error.message).into());
                    }
                    return Ok(event);
                }
                Ok(Ok(None)) => SchedulerError::Closed.to_string(),
                Ok(Err(error @ (SchedulerError::Stream(_) | SchedulerError::Closed))) => {
                    error.to_string()
                }
                Ok(Err(error)) => return Err(error.into()),
                Err(_elapsed) => format!("nothing came from the master for {QUIET:?}"),
            };
            let why = output::table::one_line(&why);
            output::talk(&format!("{why}; looking for the one that leads"));
            let (master, info) = (self.master.without_patience(), self.info.clone());
            let again = subscribe_again(master, info, self.silence);
            self.coming = Some(AbortOnDropHandle::new(tokio::spawn(again)));
        }
    }

    async fn again(&mut self) -> Result<(), Failure> {
        let Some(coming) = &mut self.coming else { return Ok(()) };
        let outcome = coming.await;
        self.coming = None;
        // Only a runtime that ends cancels the task.
        let (scheduler, events) = outcome.unwrap_or(Err(SchedulerError::Closed))?;
        self.scheduler = scheduler;
        self.events = events;
        self.heard = Instant::now();
        passing(self.scheduler.reconcile(Vec::new()).await).map(drop)
    }

    /// Acknowledges an update. If the master can't be told now, the update will come again.
    pub(super) async fn acknowledge(&self, status: &TaskStatus) -> Result<(), Failure> {
        passing(self.scheduler.acknowledge(status).await).map(drop)
    }
}

async fn subscribe_again(master: Master, info: FrameworkInfo, silence: Duration) -> Subscribed {
    let begun = Instant::now();
    let mut pause = PAUSE;
    loop {
        match Scheduler::subscribe_at(&master, info.clone()).await {
            Ok(subscribed) => return Ok(subscribed),
            Err(error @ SchedulerError::Ended(_)) => return Err(error),
            Err(error) if begun.elapsed() >= silence => return Err(error),
            Err(_) => {}
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE_MAX);
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
