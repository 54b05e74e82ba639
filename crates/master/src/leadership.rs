//! Who leads, as a state machine without IO: a key held under a lease, and a fence in every write.
//!
//! ```text
//!              key is free            granted              won
//!  following ──────────────▶ granting ───────▶ campaigning ────▶ leading ⇄ holding
//!      ▲                                           │ beaten         │ expired, refused, another leads
//!      └───────────────────────────────────────────┴────────────────┘
//! ```
//!
//! The registry deletes the election key when its lease ends; the revision at which the key was made is the
//! fence that every write of that leader carries. Invariants:
//! * a leader acts only until the last confirmed lease could end, less a margin: whoever may be elected
//!   then finds nobody acting;
//! * a leader whose lease is unsure *holds*: it neither acts nor gives up, because nobody else may be elected either;
//! * it steps down once it knows that its lease or its key is gone.
//!
//! The daemon drives it against etcd, the simulator against a model of it.

use std::time::Duration;

use model::{Moment, Now};

/// Part of the lease in which its holder no longer acts: clocks run differently, and what was decided
/// has to have left by the end.
const MARGIN: u32 = 6;
/// Confirmations asked for during one lease.
const RENEWALS: u32 = 4;

/// The revision at which the leader's key was made: higher for every later leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub i64);

/// A lease as the registry names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(pub i64);

/// Whoever holds the election key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leader {
    pub fence: Fence,
    pub lease: LeaseId,
    /// What the leader says of itself, for its followers.
    pub value: Vec<u8>,
}

/// What the registry answered or showed. `asked_at` is when the request was made: the earliest moment at
/// which the registry may have begun to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeadershipEvent {
    /// The election key as it was at `revision`.
    Observed {
        leader: Option<Leader>,
        revision: i64,
    },
    Granted {
        lease: LeaseId,
        ttl: Duration,
        asked_at: Moment,
    },
    /// The key was free and is ours now.
    Won {
        lease: LeaseId,
        fence: Fence,
    },
    /// Somebody else had the key.
    Beaten {
        leader: Leader,
    },
    Renewed {
        lease: LeaseId,
        ttl: Duration,
        asked_at: Moment,
    },
    /// The registry does not know the lease any more.
    Expired {
        lease: LeaseId,
    },
    /// A write was turned down because of its fence.
    Refused {
        fence: Fence,
    },
    /// A request of this machine came to nothing; it may still have had its effect.
    Failed,
    /// The process ends, or wants somebody else to lead.
    Resign,
    /// `next_wake` has passed.
    Woke,
}

/// What has to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeadershipAction {
    /// Read the election key.
    Observe,
    /// Ask for a lease.
    Grant,
    /// Make the election key under the lease if there is none.
    Campaign {
        lease: LeaseId,
    },
    KeepAlive {
        lease: LeaseId,
    },
    /// Give the lease back; needs no success.
    Revoke {
        lease: LeaseId,
    },
    /// Recover from the registry and lead, every write with this fence.
    Lead {
        fence: Fence,
    },
    /// Stop leading: whatever was not carried out is refused.
    StepDown {
        why: Deposed,
    },
}

/// Why a leader stopped leading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Deposed {
    #[error("its lease has ended")]
    LeaseEnded,
    #[error("a write was refused: another master leads or has led")]
    WriteRefused,
    #[error("another master leads")]
    AnotherLeads,
    #[error("its election key was removed")]
    KeyRemoved,
    #[error("it resigned")]
    Resigned,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Following,
    Granting,
    Campaigning { lease: Held },
    Leading { lease: Held, fence: Fence },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    id: LeaseId,
    ttl: Duration,
    /// When the last request was made that the registry has confirmed.
    confirmed_at: Moment,
}

impl Held {
    /// From here on its holder no longer acts.
    fn acts_until(&self) -> Moment {
        self.confirmed_at.plus(self.ttl.saturating_sub(self.ttl / MARGIN))
    }

    fn confirm(&mut self, ttl: Duration, asked_at: Moment) {
        if asked_at >= self.confirmed_at {
            self.confirmed_at = asked_at;
            self.ttl = ttl;
        }
    }
}

/// One candidate's view of the leadership.
#[derive(Clone, Debug)]
pub struct Leadership {
    /// The lease asked for; the registry may give a longer one.
    ttl: Duration,
    state: State,
    leader: Option<Leader>,
    /// What is known of the key was true at this revision.
    seen: i64,
    /// When the next request is due.
    ask_at: Moment,
}

impl Leadership {
    /// A candidate that knows nothing yet; its first wake is at once.
    pub fn new(ttl: Duration) -> Self {
        Self { ttl, state: State::Following, leader: None, seen: 0, ask_at: Moment::default() }
    }

    /// Whether this process leads and nobody else can.
    pub fn may_act(&self, now: Moment) -> bool {
        self.acts_until().is_some_and(|until| now < until)
    }

    /// Until when this process may act at the most, if it leads.
    pub fn acts_until(&self) -> Option<Moment> {
        match &self.state {
            State::Leading { lease, .. } => Some(lease.acts_until()),
            State::Following | State::Granting | State::Campaigning { .. } => None,
        }
    }

    /// The fence of every write, while this process leads or holds.
    pub fn fence(&self) -> Option<Fence> {
        match &self.state {
            State::Leading { fence, .. } => Some(*fence),
            State::Following | State::Granting | State::Campaigning { .. } => None,
        }
    }

    /// The leader as far as known, this process included. It may have changed since.
    pub fn leader(&self) -> Option<&Leader> {
        self.leader.as_ref()
    }

    /// When [`LeadershipEvent::Woke`] is due at the latest.
    pub fn next_wake(&self) -> Moment {
        self.ask_at
    }

    /// The only way in.
    pub fn apply(&mut self, now: Now, event: LeadershipEvent) -> Vec<LeadershipAction> {
        use LeadershipEvent as Is;
        match event {
            Is::Observed { leader, revision } => self.observed(now.at, leader, revision),
            Is::Granted { lease, ttl, asked_at } => self.granted(now.at, lease, ttl, asked_at),
            Is::Won { lease, fence } => self.won(now.at, lease, fence),
            Is::Beaten { leader } => self.beaten(now.at, leader),
            Is::Renewed { lease, ttl, asked_at } => {
                if let State::Leading { lease: held, .. } | State::Campaigning { lease: held } =
                    &mut self.state
                    && held.id == lease
                {
                    held.confirm(ttl, asked_at);
                }
                Vec::new()
            }
            Is::Expired { lease } => self.expired(now.at, lease),
            Is::Refused { fence } => {
                if self.fence() == Some(fence) {
                    self.step_down(now.at, Deposed::WriteRefused)
                } else {
                    Vec::new()
                }
            }
            Is::Failed => {
                // Whatever was asked is asked again after a pause, not only when it could not be answered
                // any more.
                self.ask_at = self.ask_at.min(now.at.plus(self.pace()));
                Vec::new()
            }
            Is::Resign => self.resign(now.at),
            Is::Woke => self.woke(now.at),
        }
    }

    /// Pause between two requests of the same kind.
    fn pace(&self) -> Duration {
        match &self.state {
            State::Leading { lease, .. } => lease.ttl / RENEWALS,
            State::Following | State::Granting | State::Campaigning { .. } => self.ttl / RENEWALS,
        }
    }

    fn woke(&mut self, now: Moment) -> Vec<LeadershipAction> {
        if now < self.ask_at {
            return Vec::new();
        }
        let action = match &self.state {
            State::Leading { lease, .. } => LeadershipAction::KeepAlive { lease: lease.id },
            State::Following => LeadershipAction::Observe,
            // No answer: whether the key is ours is seen by reading it.
            State::Granting | State::Campaigning { .. } => {
                return self.follow_anew(now);
            }
        };
        self.ask_at = now.plus(self.pace());
        vec![action]
    }

    /// Gives up what was begun and looks at the key again.
    fn follow_anew(&mut self, now: Moment) -> Vec<LeadershipAction> {
        let mut actions = Vec::new();
        if let State::Campaigning { lease } = &self.state {
            // Whatever became of the campaign, its key ends with the lease.
            actions.push(LeadershipAction::Revoke { lease: lease.id });
        }
        self.state = State::Following;
        self.ask_at = now.plus(self.pace());
        actions.push(LeadershipAction::Observe);
        actions
    }

    fn observed(
        &mut self,
        now: Moment,
        leader: Option<Leader>,
        revision: i64,
    ) -> Vec<LeadershipAction> {
        if revision < self.seen {
            return Vec::new();
        }
        self.seen = revision;
        self.leader.clone_from(&leader);
        match (&self.state, leader) {
            (State::Following, None) => {
                self.state = State::Granting;
                self.ask_at = now.plus(self.ttl);
                vec![LeadershipAction::Grant]
            }
            (State::Leading { fence, .. }, Some(leader)) if leader.fence == *fence => Vec::new(),
            (State::Leading { .. }, Some(_)) => self.step_down(now, Deposed::AnotherLeads),
            (State::Leading { .. }, None) => self.step_down(now, Deposed::KeyRemoved),
            (State::Campaigning { lease }, Some(leader)) if leader.lease == lease.id => {
                let (lease, fence) = (lease.id, leader.fence);
                self.won(now, lease, fence)
            }
            (State::Campaigning { .. }, Some(leader)) => self.beaten(now, leader),
            (State::Following | State::Granting | State::Campaigning { .. }, _) => Vec::new(),
        }
    }

    fn granted(
        &mut self,
        now: Moment,
        lease: LeaseId,
        ttl: Duration,
        asked_at: Moment,
    ) -> Vec<LeadershipAction> {
        if self.state != State::Granting {
            return vec![LeadershipAction::Revoke { lease }];
        }
        let held = Held { id: lease, ttl, confirmed_at: asked_at };
        self.state = State::Campaigning { lease: held };
        self.ask_at = now.plus(ttl);
        vec![LeadershipAction::Campaign { lease }]
    }

    fn won(&mut self, now: Moment, lease: LeaseId, fence: Fence) -> Vec<LeadershipAction> {
        match &self.state {
            State::Campaigning { lease: held } if held.id == lease => {
                self.state = State::Leading { lease: *held, fence };
                self.seen = self.seen.max(fence.0);
                self.ask_at = now;
                vec![LeadershipAction::Lead { fence }]
            }
            // The answer came after the campaign had been given up: its key must not stay.
            State::Following | State::Granting | State::Campaigning { .. } => {
                vec![LeadershipAction::Revoke { lease }]
            }
            State::Leading { lease: held, .. } if held.id == lease => Vec::new(),
            State::Leading { .. } => vec![LeadershipAction::Revoke { lease }],
        }
    }

    fn beaten(&mut self, now: Moment, leader: Leader) -> Vec<LeadershipAction> {
        let State::Campaigning { lease } = &self.state else { return Vec::new() };
        let lease = lease.id;
        self.state = State::Following;
        self.seen = self.seen.max(leader.fence.0);
        self.leader = Some(leader);
        self.ask_at = now.plus(self.pace());
        vec![LeadershipAction::Revoke { lease }]
    }

    fn expired(&mut self, now: Moment, lease: LeaseId) -> Vec<LeadershipAction> {
        match &self.state {
            State::Leading { lease: held, .. } if held.id == lease => {
                self.step_down(now, Deposed::LeaseEnded)
            }
            State::Campaigning { lease: held } if held.id == lease => self.follow_anew(now),
            State::Following
            | State::Granting
            | State::Campaigning { .. }
            | State::Leading { .. } => Vec::new(),
        }
    }

    fn step_down(&mut self, now: Moment, why: Deposed) -> Vec<LeadershipAction> {
        let State::Leading { lease, fence } = &self.state else { return Vec::new() };
        let (lease, fence) = (lease.id, *fence);
        if self.leader.as_ref().is_some_and(|leader| leader.fence == fence) {
            self.leader = None;
        }
        self.state = State::Following;
        self.ask_at = now;
        vec![LeadershipAction::StepDown { why }, LeadershipAction::Revoke { lease }]
    }

    fn resign(&mut self, now: Moment) -> Vec<LeadershipAction> {
        match &self.state {
            State::Leading { .. } => self.step_down(now, Deposed::Resigned),
            State::Campaigning { lease } => {
                let lease = lease.id;
                self.state = State::Following;
                vec![LeadershipAction::Revoke { lease }]
            }
            State::Granting => {
                self.state = State::Following;
                Vec::new()
            }
            State::Following => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::LeadershipAction as Do;
    use super::LeadershipEvent as Is;
    use super::*;

    const TTL: Duration = Duration::from_secs(6);

    fn at(millis: u64) -> Now {
        Now { at: moment(millis), wall: Timestamp(0) }
    }

    fn moment(millis: u64) -> Moment {
        Moment(1_000_000_000).plus(Duration::from_millis(millis))
    }

    fn other(fence: i64) -> Leader {
        Leader { fence: Fence(fence), lease: LeaseId(-fence), value: b"other".to_vec() }
    }

    /// A leader since 0 ms by a lease asked for at 0 ms, with fence 10.
    fn leading() -> Leadership {
        let mut it = Leadership::new(TTL);
        assert_eq!(it.apply(at(0), Is::Woke), [Do::Observe]);
        assert_eq!(it.apply(at(0), Is::Observed { leader: None, revision: 9 }), [Do::Grant]);
        let granted = Is::Granted { lease: LeaseId(1), ttl: TTL, asked_at: moment(0) };
        assert_eq!(it.apply(at(100), granted), [Do::Campaign { lease: LeaseId(1) }]);
        let won = Is::Won { lease: LeaseId(1), fence: Fence(10) };
        assert_eq!(it.apply(at(200), won), [Do::Lead { fence: Fence(10) }]);
        it
    }

    /// A leader acts until its lease could end less the margin, counted from when it asked, not from the answer.
    #[test]
    fn a_leader_acts_no_longer_than_its_confirmed_lease() {
        let mut it = leading();
        assert!(it.may_act(moment(4_999)));
        assert!(!it.may_act(moment(5_000)));
        let renewed = Is::Renewed { lease: LeaseId(1), ttl: TTL, asked_at: moment(1_000) };
        assert_eq!(it.apply(at(4_900), renewed), []);
        assert!(it.may_act(moment(5_999)));
        assert!(!it.may_act(moment(6_000)));
    }

    /// An older confirmation that arrives later takes nothing back.
    #[test]
    fn confirmations_out_of_order_do_not_shorten_the_lease() {
        let mut it = leading();
        for asked in [3_000, 1_000] {
            it.apply(
                at(4_000),
                Is::Renewed { lease: LeaseId(1), ttl: TTL, asked_at: moment(asked) },
            );
        }
        assert_eq!(it.acts_until(), Some(moment(8_000)));
    }

    /// Without answers a leader asks on and holds; a late answer lets it go on.
    #[test]
    fn an_unsure_leader_holds_and_goes_on() {
        let mut it = leading();
        for millis in [200, 1_700, 3_200, 4_700, 6_200, 60_000] {
            let asked = it.apply(at(millis), Is::Woke);
            assert_eq!(asked, [Do::KeepAlive { lease: LeaseId(1) }], "{millis}");
            assert_eq!(it.apply(at(millis), Is::Failed), []);
        }
        assert!(!it.may_act(moment(60_000)));
        assert_eq!(it.fence(), Some(Fence(10)));
        let renewed = Is::Renewed { lease: LeaseId(1), ttl: TTL, asked_at: moment(60_000) };
        assert_eq!(it.apply(at(60_100), renewed), []);
        assert!(it.may_act(moment(60_200)));
    }

    /// Whatever shows that the leadership is gone ends it, once.
    #[test]
    fn a_leader_steps_down_when_its_lease_or_key_is_gone() {
        let cases = [
            (Is::Expired { lease: LeaseId(1) }, Deposed::LeaseEnded),
            (Is::Refused { fence: Fence(10) }, Deposed::WriteRefused),
            (Is::Observed { leader: Some(other(20)), revision: 20 }, Deposed::AnotherLeads),
            (Is::Observed { leader: None, revision: 20 }, Deposed::KeyRemoved),
            (Is::Resign, Deposed::Resigned),
        ];
        for (event, why) in cases {
            let mut it = leading();
            let actions = it.apply(at(1_000), event.clone());
            assert_eq!(actions, [Do::StepDown { why }, Do::Revoke { lease: LeaseId(1) }]);
            assert!(!it.may_act(moment(1_000)));
            assert_eq!(it.fence(), None);
            assert!(!it.apply(at(1_000), event).contains(&Do::StepDown { why: Deposed::Resigned }));
        }
    }

    /// What was true before the election, of another lease or another fence says nothing about this leader.
    #[test]
    fn a_leader_ignores_what_is_old_or_not_its_own() {
        let mut it = leading();
        for event in [
            Is::Observed { leader: None, revision: 9 },
            Is::Observed { leader: Some(other(8)), revision: 9 },
            Is::Expired { lease: LeaseId(2) },
            Is::Refused { fence: Fence(3) },
            Is::Renewed { lease: LeaseId(2), ttl: TTL, asked_at: moment(4_000) },
        ] {
            assert_eq!(it.apply(at(300), event), []);
        }
        assert_eq!(it.acts_until(), Some(moment(5_000)));
    }

    /// A campaign whose answer was lost is won when the key turns out to be ours, and given back when it is late.
    #[test]
    fn a_lost_answer_of_a_campaign_leaves_no_orphaned_key() {
        let campaigning = || {
            let mut it = Leadership::new(TTL);
            it.apply(at(0), Is::Observed { leader: None, revision: 9 });
            it.apply(at(0), Is::Granted { lease: LeaseId(1), ttl: TTL, asked_at: moment(0) });
            it
        };
        let mine = Leader { fence: Fence(10), lease: LeaseId(1), value: Vec::new() };
        let mut it = campaigning();
        let seen = Is::Observed { leader: Some(mine), revision: 10 };
        assert_eq!(it.apply(at(50), seen), [Do::Lead { fence: Fence(10) }]);

        let mut it = campaigning();
        let given_up = it.apply(at(6_000), Is::Woke);
        assert_eq!(given_up, [Do::Revoke { lease: LeaseId(1) }, Do::Observe]);
        let late = Is::Won { lease: LeaseId(1), fence: Fence(10) };
        assert_eq!(it.apply(at(6_100), late), [Do::Revoke { lease: LeaseId(1) }]);
        assert_eq!(it.fence(), None);
    }

    /// Who loses the election gives the lease back and knows the leader.
    #[test]
    fn the_beaten_follow_the_leader() {
        let mut it = Leadership::new(TTL);
        it.apply(at(0), Is::Observed { leader: None, revision: 9 });
        it.apply(at(0), Is::Granted { lease: LeaseId(1), ttl: TTL, asked_at: moment(0) });
        let beaten = it.apply(at(50), Is::Beaten { leader: other(10) });
        assert_eq!(beaten, [Do::Revoke { lease: LeaseId(1) }]);
        assert_eq!(it.leader(), Some(&other(10)));
        // A read from before the election changes nothing.
        assert_eq!(it.apply(at(60), Is::Observed { leader: None, revision: 9 }), []);
        assert_eq!(it.apply(at(70), Is::Observed { leader: None, revision: 11 }), [Do::Grant]);
    }

    /// A request that failed is made again after a pause, without waiting for the time of a whole lease.
    #[test]
    fn what_failed_is_asked_again_soon() {
        let mut it = Leadership::new(TTL);
        assert_eq!(it.apply(at(0), Is::Observed { leader: None, revision: 9 }), [Do::Grant]);
        assert_eq!(it.apply(at(100), Is::Failed), []);
        assert_eq!(it.next_wake(), moment(1_600));
        assert_eq!(it.apply(at(1_600), Is::Woke), [Do::Observe]);
        assert_eq!(it.apply(at(1_700), Is::Observed { leader: None, revision: 9 }), [Do::Grant]);
    }

    /// A grant that nobody waits for any more is given back.
    #[test]
    fn a_late_lease_is_returned() {
        let mut it = Leadership::new(TTL);
        it.apply(at(0), Is::Observed { leader: None, revision: 9 });
        assert_eq!(it.apply(at(6_000), Is::Woke), [Do::Observe]);
        let late = Is::Granted { lease: LeaseId(1), ttl: TTL, asked_at: moment(0) };
        assert_eq!(it.apply(at(6_100), late), [Do::Revoke { lease: LeaseId(1) }]);
    }
}
