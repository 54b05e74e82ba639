//! A fleet of a size that a test can bear.

use std::time::Duration;

use sim::fleet::{Report, Settings, Watch, run};

fn fleet(seed: u64, agents: usize) -> Report {
    let settings = Settings { seed, agents, tasks: agents * 4, wave: agents / 4, frameworks: 3 };
    run(&settings, &Watch { clock: &|| Duration::ZERO, memory: &|| None })
}

/// Each agent of a fleet is drained once, empty, while its tasks start elsewhere and the master dies half-way.
#[test]
fn a_fleet_is_drained_in_waves_and_nothing_is_lost() {
    let report = fleet(1, 200);
    assert_eq!(report.broken, []);
    assert_eq!((report.drains, report.waves), (200, 4));
    let phases: Vec<_> = report.phases.iter().map(|phase| phase.name).collect();
    let expected = [
        "registration",
        "registration again",
        "launch",
        "waves, first half",
        "failover in a wave",
        "waves, second half",
    ];
    assert_eq!(phases, expected);
}

/// A seed gives the same fleet twice, another seed another one.
#[test]
fn a_seed_gives_the_same_fleet_again() {
    let (first, second) = (fleet(2, 40), fleet(2, 40));
    assert_eq!(first.hash, second.hash);
    assert_ne!(first.hash, fleet(3, 40).hash);
}
