//! What a seed chooses before the run begins.

use std::time::Duration;

use crate::dice::Dice;

/// What does not come to rest with the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stubborn {
    /// A host stays down, the first one.
    Host,
    /// A process that waits for a device for good.
    Task,
    /// The first service never acknowledges anything.
    Mute,
    /// The first service goes away and is waited for.
    Away,
}

/// The size of a world and how bad things get in it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent choices of a seed")]
pub(crate) struct Plan {
    pub(crate) hosts: usize,
    /// Candidates on one registry that elects; without election one master with an embedded store.
    pub(crate) masters: usize,
    pub(crate) has_election: bool,
    pub(crate) lease: Duration,
    /// Most mutations in one commit, unless one event leads to more.
    pub(crate) piece: usize,
    /// How many of a thousand requests or answers are lost.
    pub(crate) loss: u64,
    pub(crate) services: usize,
    /// Keeps drains from ending, which then have to say so.
    pub(crate) stubborn: Option<Stubborn>,
    /// Tasks each service wants to have.
    pub(crate) tasks: usize,
    /// How long faults go on, and how long the world then has to come to rest.
    pub(crate) trouble: Duration,
    pub(crate) rest: Duration,
    /// Between two faults, and between two acts of the operator, on average.
    pub(crate) fault_every: Duration,
    pub(crate) act_every: Duration,
    /// Operators reserve resources and make volumes by hand; they announce and make maintenance, and end it
    /// when the trouble is over.
    pub(crate) is_operated: bool,
    pub(crate) is_maintained: bool,
    pub(crate) ends_maintenance: bool,
    /// Longest way of a message when nothing is wrong.
    pub(crate) latency: Duration,
    /// Longest commit.
    pub(crate) commit: Duration,
}

impl Plan {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let seconds = |dice: &mut Dice, least, most| {
            dice.between(Duration::from_secs(least), Duration::from_secs(most))
        };
        let has_election = dice.chance(600);
        Self {
            hosts: 1 + dice.index(5),
            masters: if has_election { 1 + dice.index(3) } else { 1 },
            has_election,
            lease: seconds(dice, 6, 20),
            piece: 1 + dice.index(2),
            loss: dice.below(10),
            services: 1 + dice.index(3),
            stubborn: match dice.below(24) {
                0 => Some(Stubborn::Host),
                1 => Some(Stubborn::Task),
                2 => Some(Stubborn::Mute),
                3 => Some(Stubborn::Away),
                _ => None,
            },
            tasks: 1 + dice.index(8),
            trouble: seconds(dice, 600, 5400),
            rest: Duration::from_hours(2),
            // A calm world reaches states that a wild one never stays in for long enough.
            fault_every: seconds(dice, 5, 600),
            act_every: seconds(dice, 10, 300),
            latency: Duration::from_millis(1 + dice.below(400)),
            commit: Duration::from_millis(1 + dice.below(80)),
            is_operated: dice.chance(500),
            is_maintained: dice.chance(400),
            ends_maintenance: dice.chance(500),
        }
    }
}
