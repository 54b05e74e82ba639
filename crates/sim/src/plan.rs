//! What a seed chooses before the run begins.

use std::time::Duration;

use crate::dice::Dice;

/// The size of a world and how bad things get in it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) hosts: usize,
    pub(crate) services: usize,
    /// Tasks each service wants to have.
    pub(crate) tasks: usize,
    /// How long faults go on, and how long the world then has to come to rest.
    pub(crate) trouble: Duration,
    pub(crate) rest: Duration,
    /// Between two faults, and between two acts of the operator, on average.
    pub(crate) fault_every: Duration,
    pub(crate) act_every: Duration,
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
        Self {
            hosts: 1 + dice.index(5),
            services: 1 + dice.index(3),
            tasks: 1 + dice.index(8),
            trouble: seconds(dice, 600, 5400),
            rest: Duration::from_hours(2),
            // A calm world reaches states that a wild one never stays in for long enough.
            fault_every: seconds(dice, 5, 600),
            act_every: seconds(dice, 10, 300),
            latency: Duration::from_millis(1 + dice.below(400)),
            commit: Duration::from_millis(1 + dice.below(80)),
        }
    }
}
