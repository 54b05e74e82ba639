//! What only the inside can tell.

use std::sync::Arc;

use super::Resources;
use super::entry::Entry;

/// A task's CPUs and memory cost two entries of 40 bytes and one shared allocation role.
#[test]
fn plain_entries_stay_small() {
    assert_eq!(size_of::<Entry>(), 40);
    assert_eq!(size_of::<Resources>(), 24);
    let task = Resources::parse("cpus:1;mem:32", "*").expect("valid").allocated_to("web");
    let [cpus, mem] = task.0.as_slice() else { panic!("two entries") };
    let (cpus, mem) =
        (cpus.meta.as_ref().expect("allocated"), mem.meta.as_ref().expect("allocated"));
    assert!(Arc::ptr_eq(cpus, mem));
}

/// A list read off the wire shares what its entries have in common.
#[test]
fn entries_off_the_wire_share_their_metadata() {
    let task = Resources::parse("cpus:1;mem:32", "*").expect("valid").allocated_to("web");
    let read = Resources::from_wire(&task.to_wire()).expect("our own");
    let [cpus, mem] = read.0.as_slice() else { panic!("two entries") };
    let (cpus, mem) =
        (cpus.meta.as_ref().expect("allocated"), mem.meta.as_ref().expect("allocated"));
    assert!(Arc::ptr_eq(cpus, mem));
}
