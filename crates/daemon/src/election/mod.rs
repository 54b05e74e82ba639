//! Who leads: [`Leadership`] decides, this carries out its requests and tells the process what comes of them.

pub mod brief;
mod requests;
mod watching;

use std::time::Duration;

use master::leadership::{Deposed, Fence, Leader, LeaseId};
use master::{Leadership, LeadershipAction, LeadershipEvent};
use model::{Moment, Now, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use wire::v1::MasterInfo;

use crate::clock::Clock;
use crate::etcd::{Client, EtcdError, KeyValue};
use crate::registry::Tenure;

/// Answers that may wait for the loop.
const MAILBOX: usize = 64;

/// This process was elected.
#[derive(Debug)]
pub struct Elected {
    pub fence: Fence,
    pub tenure: Tenure,
    /// What it said of itself in the election.
    pub info: MasterInfo,
}

/// How the election is taken part in.
#[derive(Debug)]
pub struct Candidate {
    pub client: Client,
    pub clock: Clock,
    /// The lease asked for.
    pub lease: Duration,
    /// What followers are told of this process; its id is made anew for every candidacy.
    pub info: MasterInfo,
}

/// What an election tells of.
#[derive(Debug)]
pub struct Outlets {
    /// The leader as far as known.
    pub leader: watch::Sender<Option<MasterInfo>>,
    pub elected: mpsc::Sender<Elected>,
}

/// Takes part until `resign` is cancelled; then a lease that is held is given back.
///
/// # Errors
/// The registry refuses this process for a reason that does not pass.
pub async fn run(
    candidate: Candidate,
    outlets: Outlets,
    resign: CancellationToken,
) -> Result<(), EtcdError> {
    let (answers, events) = mpsc::channel(MAILBOX);
    let watching = tokio::spawn(watching::run(
        candidate.client.clone(),
        requests::patience(candidate.lease),
        answers.clone(),
    ));
    let leadership = Leadership::new(candidate.lease);
    let mut election = Election {
        candidate,
        outlets,
        leadership,
        answers,
        tenure: None,
        confirmed_at: Timestamp::default(),
        complaint: None,
        is_let_in: false,
    };
    let outcome = election.run(events, resign).await;
    watching.abort();
    if let Some((_, tenure)) = &election.tenure {
        tenure.end(Deposed::Resigned);
    }
    outcome
}

/// What a request came to.
#[derive(Debug)]
struct Answer {
    event: LeadershipEvent,
    /// Why it came to nothing.
    error: Option<EtcdError>,
}

impl From<LeadershipEvent> for Answer {
    fn from(event: LeadershipEvent) -> Self {
        Self { event, error: None }
    }
}

struct Election {
    candidate: Candidate,
    outlets: Outlets,
    leadership: Leadership,
    answers: mpsc::Sender<Answer>,
    tenure: Option<(Fence, Tenure)>,
    /// When the request was made that was confirmed last.
    confirmed_at: Timestamp,
    /// What was logged last, so that it is said once.
    complaint: Option<String>,
    /// The registry has answered once.
    is_let_in: bool,
}

enum Heard {
    Answer(Answer),
    Woke,
    Refused(Fence),
    Resign,
}

impl Election {
    async fn run(
        &mut self,
        mut events: mpsc::Receiver<Answer>,
        resign: CancellationToken,
    ) -> Result<(), EtcdError> {
        loop {
            match self.next(&mut events, &resign).await {
                Heard::Answer(answer) => {
                    self.complain(&answer)?;
                    self.apply(answer.event).await;
                }
                Heard::Woke => self.apply(LeadershipEvent::Woke).await,
                Heard::Refused(fence) => self.apply(LeadershipEvent::Refused { fence }).await,
                Heard::Resign => {
                    for action in self.decide(LeadershipEvent::Resign) {
                        if let LeadershipAction::Revoke { lease } = action {
                            // Awaited: this is what lets another master lead at once.
                            requests::revoke(&self.candidate.client, lease).await;
                        }
                    }
                    return Ok(());
                }
            }
        }
    }

    async fn next(&self, events: &mut mpsc::Receiver<Answer>, resign: &CancellationToken) -> Heard {
        let refused = async {
            match &self.tenure {
                Some((fence, tenure)) => {
                    tenure.ended().await;
                    *fence
                }
                None => std::future::pending().await,
            }
        };
        let wake = self.candidate.clock.until(self.leadership.next_wake());
        tokio::select! {
            biased;
            () = resign.cancelled() => Heard::Resign,
            fence = refused => Heard::Refused(fence),
            // The election keeps a sender itself: there is always an answer or none yet.
            Some(answer) = events.recv() => Heard::Answer(answer),
            () = tokio::time::sleep(wake) => Heard::Woke,
        }
    }

    async fn apply(&mut self, event: LeadershipEvent) {
        for action in self.decide(event) {
            match action {
                LeadershipAction::Grant => {
                    // A leader's id begins those of the agents that it admits: no two may have the same.
                    self.candidate.info.id = crate::random::uuid();
                    self.request(action);
                }
                LeadershipAction::Lead { fence } => self.lead(fence).await,
                // `decide` has ended the tenure.
                LeadershipAction::StepDown { .. } => {}
                LeadershipAction::Observe
                | LeadershipAction::Campaign { .. }
                | LeadershipAction::KeepAlive { .. }
                | LeadershipAction::Revoke { .. } => self.request(action),
            }
        }
    }

    /// Lets the state machine decide, and makes what it decided known to those who act.
    fn decide(&mut self, event: LeadershipEvent) -> Vec<LeadershipAction> {
        let now = self.candidate.clock.now();
        if let LeadershipEvent::Granted { asked_at, .. }
        | LeadershipEvent::Renewed { asked_at, .. } = &event
        {
            self.confirmed_at = wall_of(now, *asked_at);
        }
        let ttl = if let LeadershipEvent::Renewed { ttl, .. } = &event { Some(*ttl) } else { None };
        let actions = self.leadership.apply(now, event);
        for action in &actions {
            if let LeadershipAction::StepDown { why } = action
                && let Some((_, tenure)) = self.tenure.take()
            {
                tenure.end(why.clone());
                if *why == Deposed::Resigned {
                    tracing::info!("this master gives the leadership back");
                } else {
                    tracing::warn!(%why, "this master does not lead any more");
                }
            }
        }
        if let (Some((_, tenure)), Some(until), Some(ttl)) =
            (&self.tenure, self.leadership.acts_until(), ttl)
        {
            tenure.extend(until, ttl, self.confirmed_at);
        }
        self.tell_leader();
        actions
    }

    async fn lead(&mut self, fence: Fence) {
        let now = self.candidate.clock.now();
        let acts_until = self.leadership.acts_until().unwrap_or(now.at);
        let registry = self.candidate.client.target().to_string();
        let tenure = Tenure::new(&registry, acts_until, self.candidate.lease, self.confirmed_at);
        self.tenure = Some((fence, tenure.clone()));
        let info = self.candidate.info.clone();
        tracing::info!(fence = fence.0, "this master was elected");
        // Without a receiver the process is about to end.
        drop(self.outlets.elected.send(Elected { fence, tenure, info }).await);
    }

    /// Makes the request in a task of its own, which sends what it came to.
    fn request(&self, action: LeadershipAction) {
        let value = wire::json::to_string(&self.candidate.info).into_bytes();
        let request = requests::Request {
            client: self.candidate.client.clone(),
            clock: self.candidate.clock,
            lease: self.candidate.lease,
            value,
            action,
        };
        let answers = self.answers.clone();
        tokio::spawn(async move {
            if let Some(answer) = request.make().await {
                // Without a receiver the election is over.
                drop(answers.send(answer).await);
            }
        });
    }

    fn tell_leader(&self) {
        let leader = self
            .leadership
            .leader()
            .and_then(|leader| wire::json::from_slice::<MasterInfo>(&leader.value).ok());
        self.outlets.leader.send_if_modified(|known| {
            let is_news = *known != leader;
            *known = leader;
            is_news
        });
    }

    /// Logs when the registry falls silent and when it answers again.
    fn complain(&mut self, answer: &Answer) -> Result<(), EtcdError> {
        match &answer.error {
            // What is wrong from the beginning won't mend itself.
            Some(error) if !error.is_passing() && !self.is_let_in => return Err(error.clone()),
            Some(error) => {
                if self.complaint.is_none() {
                    let text = error.to_string();
                    tracing::warn!(error = text, "the registry does not answer; trying on");
                    self.complaint = Some(text);
                }
            }
            None => {
                self.is_let_in = true;
                if self.complaint.take().is_some() {
                    tracing::info!("the registry answers");
                }
            }
        }
        Ok(())
    }
}

/// When a moment in the past was by the wall clock of now.
fn wall_of(now: Now, moment: Moment) -> Timestamp {
    let ago = i64::try_from(now.at.since(moment).as_nanos()).unwrap_or(i64::MAX);
    Timestamp(now.wall.0.saturating_sub(ago))
}

/// The holder of the election key.
fn holder(key: KeyValue) -> Leader {
    let KeyValue { create_revision, lease, value, .. } = key;
    Leader { fence: Fence(create_revision), lease: LeaseId(lease), value: value.into() }
}
