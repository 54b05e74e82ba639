//! The explorer, as far as it gets without optimization; `ebb sim --explore` goes all the way.

/// The small worlds come about, and the first states of each keep every rule.
#[test]
fn the_first_states_of_every_small_world_keep_the_rules() {
    for scenario in sim::SCENARIOS {
        let explored = sim::explore(scenario, 100);
        let (rule, what, way) = explored.failure.expect("there are more states than that");
        assert_eq!(rule, "bounded", "{}: {what} {way:?}", scenario.name);
        assert!(explored.steps > explored.states && explored.depth > 0);
    }
}
