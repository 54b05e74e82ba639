//! What goes wrong when, and what operators do when: all of it from the seed, before anything starts.

use std::time::Duration;

use crate::dice::Dice;
use crate::ledger::Act;

/// Trouble comes in waves; between them things can settle, or a run would see nothing end.
const WAVE: Duration = Duration::from_secs(30);
const TROUBLE: Duration = Duration::from_secs(22);

/// Which way a link fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    To,
    From,
    Both,
}

/// What is torn after a kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tear {
    /// Pages beyond the end of the store, as of a growth that was not committed.
    Beyond { pages: usize },
    /// The last bytes of a copy of the store, synced ones.
    Store(u64),
    /// The last bytes of what tasks printed.
    Output(u64),
}

/// Something that goes wrong with a host, for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Kill,
    Stop,
    LosePower,
    FillDisk,
    Tear(Tear),
    /// SIGKILL to one executor.
    KillExecutor,
    /// SIGSTOP to it and to a peer at the same time.
    StopWith {
        peer: usize,
    },
    /// No packets between the host and a peer.
    Cut {
        peer: usize,
        way: Way,
    },
    Slow {
        kbit: u64,
    },
    Lose {
        percent: u64,
    },
}

impl Fault {
    /// Whether it concerns the link; else it concerns the processes.
    pub(crate) fn is_of_the_link(self) -> bool {
        matches!(self, Self::Cut { .. } | Self::Slow { .. } | Self::Lose { .. })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// On a host, by its index.
    Fault { host: usize, fault: Fault, lasts: Duration },
    /// On an agent, by its host's index; the other act if it is in service and cannot be reactivated.
    Operate { host: usize, act: Act, else_act: Act },
}

/// An entry of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at: Duration,
    pub(crate) what: What,
}

/// The hosts of a plan: masters first, then agents, then members of etcd; `ops`, where operators are, has the
/// index after the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cast {
    pub(crate) masters: usize,
    pub(crate) agents: usize,
    /// None where the master has a registry of its own.
    pub(crate) etcd: usize,
}

impl Cast {
    fn hosts(self) -> usize {
        self.masters + self.agents + self.etcd
    }

    pub(crate) fn is_agent(self, host: usize) -> bool {
        (self.masters..self.masters + self.agents).contains(&host)
    }

    pub(crate) fn is_etcd(self, host: usize) -> bool {
        (self.masters + self.agents..self.hosts()).contains(&host)
    }

    fn any_agent(self, dice: &mut Dice) -> usize {
        self.masters + dice.index(self.agents)
    }

    fn any_etcd(self, dice: &mut Dice) -> usize {
        self.masters + self.agents + dice.index(self.etcd)
    }

    /// A member that this one speaks with.
    fn other_etcd(self, host: usize, dice: &mut Dice) -> usize {
        let first = self.masters + self.agents;
        first + (host - first + 1 + dice.index(self.etcd - 1)) % self.etcd
    }

    fn ops(self) -> usize {
        self.hosts()
    }

    pub(crate) fn is_master(self, host: usize) -> bool {
        host < self.masters
    }
}

/// The steps of a run of this length, in order.
pub(crate) fn plan(seed: u64, length: Duration, cast: Cast) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let mut steps = faults(&mut dice.split(), length, cast);
    steps.extend(acts(&mut dice.split(), length, cast));
    steps.sort_by_key(|step| step.at);
    steps
}

fn faults(dice: &mut Dice, length: Duration, cast: Cast) -> Vec<Step> {
    let mut steps = Vec::new();
    // Until when each host has trouble with its processes, and with its link.
    let mut busy = vec![[Duration::ZERO; 2]; cast.hosts()];
    let mut at = Duration::from_secs(6);
    loop {
        at += dice.between(200, 1100);
        if at >= length {
            return steps;
        }
        let in_wave = Duration::from_nanos(u64::try_from(at.as_nanos() % WAVE.as_nanos()).unwrap());
        let Some(left) = TROUBLE.checked_sub(in_wave) else { continue };
        let host = dice.index(cast.hosts());
        let (fault, lasts) = fault(dice, host, cast);
        let lasts = lasts.min(left);
        let lane = usize::from(fault.is_of_the_link());
        if busy[host][lane] > at {
            continue;
        }
        busy[host][lane] = at + lasts + Duration::from_millis(500);
        steps.push(Step { at, what: What::Fault { host, fault, lasts } });
    }
}

fn fault(dice: &mut Dice, host: usize, cast: Cast) -> (Fault, Duration) {
    let instant = Duration::ZERO;
    // A member of etcd, or a master whose registry is there, has nothing on its disk to be tried.
    let has_disk = cast.is_agent(host) || cast.etcd == 0;
    match dice.below(100) {
        0..=14 => (Fault::Kill, dice.between(0, 4000)),
        15..=27 => (Fault::Stop, dice.between(300, 8000)),
        28..=33 => (Fault::LosePower, dice.between(500, 4000)),
        34..=43 if has_disk => (Fault::FillDisk, dice.between(500, 5000)),
        44..=49 if has_disk => (Fault::Tear(Tear::Beyond { pages: 1 + dice.index(16) }), instant),
        50..=53 if has_disk => {
            // Some bytes, or what it grows by.
            let bytes = if dice.percent(50) { 1 + dice.below(400) } else { 4096 };
            (Fault::Tear(Tear::Store(bytes)), instant)
        }
        54..=57 if cast.is_agent(host) => (Fault::Tear(Tear::Output(1 + dice.below(200))), instant),
        58..=64 if cast.is_agent(host) => (Fault::KillExecutor, instant),
        34..=43 if cast.is_etcd(host) => {
            (Fault::StopWith { peer: cast.other_etcd(host, dice) }, dice.between(1000, 8000))
        }
        90..=94 => (Fault::Slow { kbit: 16 << dice.below(6) }, dice.between(1000, 9000)),
        95..=99 => (Fault::Lose { percent: 5 + dice.below(40) }, dice.between(1000, 9000)),
        _ => {
            let way = *dice.pick(&[Way::To, Way::From, Way::Both]);
            (Fault::Cut { peer: peer(dice, host, cast), way }, dice.between(300, 9000))
        }
    }
}

/// Whom a host speaks with, and may be cut from.
fn peer(dice: &mut Dice, host: usize, cast: Cast) -> usize {
    if cast.is_agent(host) {
        return dice.index(cast.masters);
    }
    if cast.is_etcd(host) {
        return cast.other_etcd(host, dice);
    }
    match dice.below(10) {
        0..=2 => cast.ops(),
        3..=6 if cast.etcd > 0 => cast.any_etcd(dice),
        _ => cast.any_agent(dice),
    }
}

fn acts(dice: &mut Dice, length: Duration, cast: Cast) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = Duration::from_secs(7);
    // What is without an answer at the end has to be waited for.
    let end = length.saturating_sub(Duration::from_secs(10));
    while at < end {
        let host = cast.any_agent(dice);
        let act = act(dice);
        let else_act = if dice.percent(90) { drain(dice) } else { act };
        steps.push(Step { at, what: What::Operate { host, act, else_act } });
        at += dice.between(300, 1500);
    }
    steps
}

fn act(dice: &mut Dice) -> Act {
    match dice.below(100) {
        0..=34 => drain(dice),
        35..=42 => Act::Deactivate,
        _ => Act::Reactivate,
    }
}

fn drain(dice: &mut Dice) -> Act {
    let seconds = [None, None, None, Some(8), Some(8), Some(4), Some(4), Some(2), Some(1), Some(0)];
    let bound = dice.pick(&seconds).map(Duration::from_secs);
    Act::Drain { bound, decommission: dice.percent(10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAST: Cast = Cast { masters: 3, agents: 3, etcd: 3 };

    /// The same seed plans the same run, another seed another one.
    #[test]
    fn a_seed_plans_one_run() {
        let length = Duration::from_mins(5);
        assert_eq!(plan(7, length, CAST), plan(7, length, CAST));
        assert_ne!(plan(7, length, CAST), plan(8, length, CAST));
    }

    /// A host has one trouble with its processes and one with its link at a time, and none between waves.
    #[test]
    fn troubles_of_a_host_do_not_overlap() {
        let mut busy = vec![[Duration::ZERO; 2]; 9];
        let mut seen = 0;
        for step in plan(1, Duration::from_mins(10), CAST) {
            let What::Fault { host, fault, lasts } = step.what else { continue };
            let lane = usize::from(fault.is_of_the_link());
            assert!(busy[host][lane] <= step.at, "{step:?}");
            busy[host][lane] = step.at + lasts;
            let end = (step.at + lasts).as_millis() % WAVE.as_millis();
            assert!(end <= TROUBLE.as_millis(), "{step:?}");
            seen += 1;
        }
        assert!(seen > 200, "{seen}");
    }
}
