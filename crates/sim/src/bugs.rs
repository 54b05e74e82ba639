//! Hand-made bugs: classic mistakes, each of which a run of seeds has to find.

/// A mistake that a patched copy of a core makes where it asks [`model::bug()`] for this name.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    pub name: &'static str,
    /// What is done wrong.
    pub mistake: &'static str,
    /// The rules that see it.
    pub rules: &'static [&'static str],
    /// It is found within so many seeds.
    pub seeds: u64,
}

/// Makes a bug on this thread from now on, or none.
pub fn make(bug: Option<&Bug>) {
    model::bug::make(bug.map(|bug| bug.name));
}

const fn bug(
    name: &'static str,
    seeds: u64,
    rules: &'static [&'static str],
    mistake: &'static str,
) -> Bug {
    Bug { name, mistake, rules, seeds }
}

/// In the order of their names.
pub const BUGS: &[Bug] = &[
    bug(
        "admission_is_not_checked",
        400,
        &["gone-stays-gone"],
        "An agent that is gone is let in again.",
    ),
    bug(
        "admission_key_is_not_written",
        100,
        &["records-equal-state"],
        "The agent does not write down the key it is known by before it has an id.",
    ),
    bug(
        "agent_id_is_not_written",
        100,
        &["records-equal-state"],
        "The agent does not write down the id it was given.",
    ),
    bug(
        "agent_speaks_early",
        200,
        &["volumes-keep-their-data", "no-update-is-lost", "reservations-survive"],
        "What the agent says leaves before it is durable.",
    ),
    bug(
        "any_acknowledgement_counts",
        150,
        &["no-update-is-lost", "one-terminal-state"],
        "The agent forgets an update when another one is acknowledged.",
    ),
    bug(
        "any_acknowledgement_ends_a_task",
        100,
        &["ended-means-dead"],
        "The master forgets a task when an update of a living one is acknowledged.",
    ),
    bug(
        "bound_is_ignored",
        100,
        &["bounds-hold", "grace-is-not-exceeded"],
        "The agent does not apply the drain's bound.",
    ),
    bug(
        "destroy_does_not_wait",
        100,
        &["new-volumes-are-empty"],
        "A volume is said to be destroyed before its data is gone.",
    ),
    bug(
        "disconnected_framework_is_no_blocker",
        400,
        &["blockers-are-right"],
        "Tasks of a framework that is away are not named.",
    ),
    bug(
        "down_machine_is_not_drained",
        100,
        &["down-means-draining"],
        "The agents of a machine that goes down for maintenance are not drained.",
    ),
    bug(
        "drain_is_not_sent_again",
        100,
        &["every-drain-ends"],
        "An agent that comes back is not told of its drain.",
    ),
    bug(
        "drain_is_not_written",
        100,
        &["records-equal-state"],
        "The master does not write down that a drain has begun.",
    ),
    bug(
        "drain_keeps_generation",
        100,
        &["a-drain-goes-on"],
        "A new drain gets the generation of the last one.",
    ),
    bug("drain_leaves_offers", 100, &["no-panic"], "A drain does not rescind the agent's offers."),
    bug(
        "drained_is_not_written",
        100,
        &["records-equal-state"],
        "The master does not write down that a drain is over.",
    ),
    bug(
        "drained_without_confirmation",
        100,
        &["drained-means-empty"],
        "The master does not wait for the agent's word.",
    ),
    bug(
        "empty_ignores_executors",
        300,
        &["drained-means-empty"],
        "The agent calls itself empty while executors are left.",
    ),
    bug(
        "empty_ignores_operations",
        200,
        &["drained-means-empty"],
        "The agent calls itself empty while operations are not finished or acknowledged.",
    ),
    bug(
        "empty_ignores_updates",
        100,
        &["drained-means-empty", "every-drain-ends"],
        "The agent calls itself empty while updates are not acknowledged.",
    ),
    bug(
        "gone_agent_does_not_wait",
        100,
        &["gone-means-empty"],
        "A decommissioned agent ends before its containers have.",
    ),
    bug(
        "gone_is_not_written",
        100,
        &["records-equal-state"],
        "The master does not write down that an agent is gone.",
    ),
    bug(
        "gone_mark_is_not_written",
        100,
        &["records-equal-state"],
        "The agent does not write down that it is gone.",
    ),
    bug(
        "kill_is_sent_again_with_fresh_grace",
        500,
        &["grace-is-not-exceeded"],
        "A repeated kill gives the whole grace once more.",
    ),
    bug(
        "maintenance_does_not_end",
        100,
        &["maintenance-ends"],
        "The agents of a machine that is up again stay out of service.",
    ),
    bug(
        "master_speaks_early",
        100,
        &["acknowledged-is-durable", "no-update-is-lost"],
        "What the master says leaves before it is durable.",
    ),
    bug(
        "operation_is_not_written",
        100,
        &["records-equal-state", "reservations-survive"],
        "The agent acknowledges an operation that it does not write down.",
    ),
    bug(
        "operation_is_sent_once",
        200,
        &["every-update-arrives", "every-drain-ends"],
        "The agent says once how an operation ended.",
    ),
    bug(
        "operation_on_a_draining_agent",
        100,
        &["no-launch-out-of-service"],
        "Operations are taken while the agent is out of service.",
    ),
    bug(
        "order_to_drain_is_not_written",
        100,
        &["records-equal-state"],
        "The agent does not write down that it has to drain.",
    ),
    bug(
        "overlay_is_offered",
        100,
        &["no-launch-out-of-service"],
        "Agents out of service are offered.",
    ),
    bug(
        "reactivation_is_not_sent_again",
        200,
        &["agents-follow"],
        "An agent that comes back is not told that its drain is over.",
    ),
    bug(
        "reactivation_is_not_written",
        100,
        &["records-equal-state"],
        "The master does not write down a reactivation.",
    ),
    bug(
        "reactivation_while_draining",
        100,
        &["a-drain-goes-on"],
        "A drain that is not over can be called off.",
    ),
    bug(
        "recovered_is_gone",
        100,
        &["ended-means-dead"],
        "After a failover, tasks of agents that are not back yet are said to be gone.",
    ),
    bug(
        "removed_framework_runs_on",
        200,
        &["nothing-runs-for-nobody"],
        "Agents are not told that a framework is over.",
    ),
    bug(
        "replaced_link_counts",
        100,
        &["no-panic"],
        "The end of a link that was replaced counts as the agent's.",
    ),
    bug(
        "replacement_loses_overlay",
        100,
        &["a-drain-goes-on"],
        "A host that lost its disk escapes its drain.",
    ),
    bug(
        "resources_are_freed_twice",
        100,
        &["no-panic"],
        "A repeated last update frees the task's resources again.",
    ),
    bug(
        "resources_are_not_freed",
        100,
        &["no-panic"],
        "The resources of an ended task stay taken.",
    ),
    bug(
        "restart_forgets_reservations",
        100,
        &["reservations-survive", "records-equal-state"],
        "A restarted agent has lost its reservations and volumes.",
    ),
    bug(
        "restart_forgets_kill",
        200,
        &["records-equal-state"],
        "A restarted agent forgets since when a task is being ended.",
    ),
    bug(
        "second_kill_starts_anew",
        100,
        &["kills-only-get-nearer"],
        "A second kill or drain counts the grace from the start.",
    ),
    bug(
        "sigkill_comes_at_once",
        100,
        &["grace-is-not-shortened"],
        "The executor sends SIGKILL before the grace is over.",
    ),
    bug(
        "sigterm_is_forgotten",
        100,
        &["sigterm-comes-first"],
        "The executor lets the grace pass without SIGTERM.",
    ),
    bug(
        "silent_link_is_kept",
        100,
        &["everybody-comes-back"],
        "The agent keeps a link on which it hears nothing.",
    ),
    bug(
        "task_ends_before_its_children",
        200,
        &["ended-means-dead"],
        "The last update goes out while children of the task live.",
    ),
    bug(
        "tightening_is_not_written",
        100,
        &["records-equal-state"],
        "The master does not write down a tighter bound.",
    ),
    bug(
        "unreachable_ends_drain",
        100,
        &["a-drain-goes-on"],
        "An agent that is given up loses its drain.",
    ),
    bug(
        "unsaid_kill_is_counted_on",
        700,
        &["grace-is-not-shortened", "sigterm-comes-first"],
        "A kill that nobody was told of is counted from when it was written down.",
    ),
    bug("update_is_not_repeated", 100, &["every-drain-ends"], "The agent sends an update once."),
    bug(
        "update_is_not_written",
        100,
        &["records-equal-state"],
        "The agent does not write down an update.",
    ),
    bug(
        "wiped_host_keeps_id",
        600,
        &["one-terminal-state"],
        "A host that lost its disk gets its old id while the old link seems alive.",
    ),
];
