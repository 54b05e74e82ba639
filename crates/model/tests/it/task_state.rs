//! Task states.

use model::TaskState;
use model::task::{for_partition_unaware, is_terminal, state_from_wire};

fn all() -> impl Iterator<Item = TaskState> {
    (0..64).filter_map(state_from_wire)
}

/// Terminal are exactly the states that never change again.
#[test]
fn unreachable_and_unknown_are_not_terminal() {
    let open: Vec<_> = all().filter(|state| !is_terminal(*state)).collect();
    assert_eq!(all().count(), 14);
    assert_eq!(open.len(), 6);
    assert!(open.contains(&TaskState::TaskUnreachable));
    assert!(open.contains(&TaskState::TaskUnknown));
    assert!(is_terminal(TaskState::TaskLost));
}

/// A framework that doesn't know partitions hears of no state it doesn't know.
#[test]
fn partition_unaware_frameworks_hear_lost() {
    for state in all() {
        let told = for_partition_unaware(state);
        assert!(told == state || told == TaskState::TaskLost);
        assert_eq!(for_partition_unaware(told), told);
        if is_terminal(state) {
            assert!(is_terminal(told), "{state:?}");
        }
    }
    assert_eq!(for_partition_unaware(TaskState::TaskUnreachable), TaskState::TaskLost);
    assert_eq!(for_partition_unaware(TaskState::TaskGoneByOperator), TaskState::TaskLost);
}
