//! The simulator itself: the same seed is the same run, known failures stay mended, and a handful of seeds
//! reaches what it is there for.

use sim::{Coverage, run, run_without};

/// A seed gives the same run twice, to the last number drawn; another seed gives another one.
#[test]
fn a_seed_gives_the_same_run_again() {
    for seed in [1, 7] {
        let (first, second) = (run(seed, false), run(seed, true));
        assert_eq!((first.hash, first.events), (second.hash, second.events));
        assert_eq!(first.coverage, second.coverage);
        assert!(!second.trace.is_empty());
    }
    assert_ne!(run(1, false).hash, run(2, false).hash);
}

/// What once broke a rule breaks none any more.
#[test]
fn known_seeds_hold() {
    for line in include_str!("../seeds/known.txt").lines().filter(|line| !line.starts_with('#')) {
        let (seed, rest) = line.split_once(' ').expect("a seed");
        let (without, cause) = rest.split_once(' ').expect("what it does without, and its cause");
        let without = without.trim_matches('-').parse().expect("names of deeds");
        let outcome = run_without(seed.parse().expect("a number"), false, &without);
        assert_eq!(outcome.failure, None, "{cause}");
    }
}

/// Some dozens of seeds meet every fault, every act of the operator and every turn of a drain.
#[test]
fn few_seeds_reach_every_fault_and_every_turn_of_a_drain() {
    let mut coverage = Coverage::default();
    for seed in 340..420 {
        let outcome = run(seed, false);
        assert_eq!(outcome.failure, None, "seed {seed}");
        coverage.add(&outcome.coverage);
    }
    let wanted = [
        "agent OperationEnded",
        "agent VolumeRemains",
        "blocker OperationPending",
        "blocker at rest OperationPending",
        "books compared",
        "fault volume is busy",
        "operation OPERATION_DROPPED",
        "operation OPERATION_ERROR",
        "operation OPERATION_FINISHED",
        "operation OPERATION_RECOVERING",
        "operation OPERATION_UNKNOWN",
        "operation OPERATION_UNREACHABLE",
        "operation asked CREATE",
        "operation asked DESTROY",
        "operation asked GROW_VOLUME",
        "operation asked RESERVE",
        "operation asked SHRINK_VOLUME",
        "operation asked UNRESERVE",
        "operation refused an agent out of service",
        "operator Operate",
        "operator START_MAINTENANCE",
        "operator STOP_MAINTENANCE",
        "operator UPDATE_MAINTENANCE_SCHEDULE",
        "operator refused START_MAINTENANCE",
        "operator refused STOP_MAINTENANCE",
        "operator refused UPDATE_MAINTENANCE_SCHEDULE",
        "world inverse offer",
        "world task with a volume",
        "world agent cannot write",
        "world agent redirected",
        "world commit in pieces",
        "world master holds",
        "world service fails over",
        "world task group",
        "custom executor ExitsEarly",
        "custom executor IgnoresEverything",
        "custom executor IgnoresKill",
        "custom executor IgnoresShutdown",
        "custom executor NeverSubscribes",
        "custom executor behaves",
        "leadership StepDown",
        "registry answer lost",
        "registry no quorum",
        "blocker AgentNotReachable",
        "blocker FrameworkDisconnected",
        "blocker KillInProgress",
        "blocker UpdateNotAcknowledged",
        "blocker at rest FrameworkDisconnected",
        "blocker at rest KillInProgress",
        "blocker at rest UpdateNotAcknowledged",
        "agent DrainEmpty",
        "agent DrainTightened",
        "agent Escalated",
        "agent LinkLost",
        "agent Reactivated",
        "agent stop Gone",
        "fault agent crashes",
        "fault agent stands still",
        "fault calls delivered twice",
        "fault clock is set while the agent is down",
        "fault cut both ways",
        "fault disk of the registry fills up",
        "fault cut down",
        "fault cut up",
        "fault executor is killed",
        "fault executor stands still",
        "fault host comes back wiped",
        "fault host reboots",
        "fault host's clock jumps",
        "fault host's disk is full",
        "fault link breaks",
        "fault master crashes",
        "fault master cut off from the registry",
        "fault master stands still",
        "fault master's clock jumps",
        "fault registry loses its quorum",
        "fault registry's disk is full",
        "fault service disconnects",
        "fault service tears down",
        "master AgentGone",
        "master AgentRemoved",
        "master AgentUnreachable",
        "master Drained",
        "master FrameworkRemoved",
        "operator Deactivate",
        "operator Drain",
        "operator MarkGone",
        "operator Reactivate",
    ];
    let missed: Vec<&str> = wanted.into_iter().filter(|name| coverage.of(name) == 0).collect();
    assert!(missed.is_empty(), "{missed:?} of {coverage:?}");
}
