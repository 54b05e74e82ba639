//! Properties of resource arithmetic over generated resources.

use model::Resources;
use proptest::collection::vec;
use proptest::prelude::*;
use wire::v1::Resource;
use wire::v1::resource::RevocableInfo;
use wire::v1::resource::reservation_info::Type::{Dynamic, Static};

use crate::messages::{allocated, ranges, reserved, scalar, set, volume};

fn with_metadata(plain: Resource, choice: u8) -> Resource {
    match choice {
        0 | 1 => plain,
        2 => allocated(plain, "web"),
        3 => reserved(plain, &[(Static, "a")]),
        4 => reserved(plain, &[(Static, "a"), (Dynamic, "a/b")]),
        5 => Resource { revocable: Some(RevocableInfo {}), ..plain },
        _ => allocated(reserved(plain, &[(Dynamic, "a")]), "a"),
    }
}

fn a_scalar() -> impl Strategy<Value = Resource> {
    let name = prop::sample::select(vec!["cpus", "mem", "disk", "bananas"]);
    (name, 0_u32..5_000_000, 0_u8..7).prop_map(|(name, amount, meta)| {
        with_metadata(scalar(name, f64::from(amount) / 1000.0), meta)
    })
}

fn a_volume() -> impl Strategy<Value = Resource> {
    (0_u8..4).prop_map(|id| volume("a", &format!("v{id}"), 10.0))
}

/// Anything that adds up: overlapping ranges and sets don't, they unite.
fn additive() -> impl Strategy<Value = Resources> {
    vec(prop_oneof![6 => a_scalar(), 1 => a_volume()], 0..8)
        .prop_map(|list| Resources::from_wire(&list).expect("valid"))
}

/// Ports below or above a border, so that two of different sides are disjoint.
fn ports(low: bool) -> impl Strategy<Value = Resource> {
    let base = if low { 0 } else { 1000 };
    vec((0_u64..90, 0_u64..8), 0..6).prop_map(move |pairs| {
        let pairs: Vec<_> = pairs
            .iter()
            .enumerate()
            .map(|(at, (from, length))| {
                let begin = base + at as u64 * 100 + from;
                (begin, begin + length)
            })
            .collect();
        ranges("ports", &pairs)
    })
}

fn any_resources(low: bool) -> impl Strategy<Value = Resources> {
    let items = prop::sample::subsequence(vec!["a", "b", "c"], 0..=3);
    (vec(a_scalar(), 0..6), ports(low), items).prop_map(move |(mut list, ports, items)| {
        let side = if low { "low" } else { "high" };
        let items: Vec<_> = items.iter().map(|item| format!("{side}-{item}")).collect();
        let items: Vec<_> = items.iter().map(String::as_str).collect();
        list.push(ports);
        list.push(set("zones", &items));
        Resources::from_wire(&list).expect("valid")
    })
}

proptest! {
    /// What was added can be taken away again and leaves what was there.
    #[test]
    fn subtraction_undoes_addition(a in additive(), b in additive()) {
        let mut sum = a.clone();
        sum.add(&b);
        prop_assert!(sum.contains(&a));
        prop_assert!(sum.contains(&b));
        sum.checked_sub(&b).expect("contained");
        prop_assert_eq!(sum, a);
    }

    /// The same holds for disjoint ranges and sets.
    #[test]
    fn subtraction_undoes_addition_of_disjoint_ranges(a in any_resources(true), b in any_resources(false)) {
        let mut sum = a.clone();
        sum.add(&b);
        prop_assert!(sum.contains(&a) && sum.contains(&b));
        sum.checked_sub(&b).expect("contained");
        prop_assert_eq!(&sum, &a);
        sum.checked_sub(&a).expect("contained");
        prop_assert!(sum.is_empty());
    }

    /// Order of addition doesn't matter.
    #[test]
    fn addition_commutes(a in any_resources(true), b in any_resources(true), c in additive()) {
        let left: Resources = [&a, &b, &c].into_iter().collect();
        let right: Resources = [&c, &b, &a].into_iter().collect();
        prop_assert_eq!(left, right);
    }

    /// Containment and subtraction agree, and a failed subtraction changes nothing.
    #[test]
    fn containment_means_that_subtraction_works(a in any_resources(true), b in any_resources(true)) {
        let mut rest = a.clone();
        let worked = rest.checked_sub(&b).is_ok();
        prop_assert_eq!(worked, a.contains(&b));
        if worked {
            rest.add(&b);
        }
        prop_assert_eq!(rest, a);
    }

    /// The same with volumes, which come whole and may repeat.
    #[test]
    fn containment_of_volumes_means_that_subtraction_works(
        a in vec(a_volume(), 0..4),
        b in vec(a_volume(), 0..3),
    ) {
        let (a, b) = (Resources::from_wire(&a).expect("valid"), Resources::from_wire(&b).expect("valid"));
        let mut rest = a.clone();
        prop_assert_eq!(a.contains(&b), rest.checked_sub(&b).is_ok());
        if a.contains(&b) {
            rest.add(&b);
        }
        prop_assert_eq!(rest, a);
    }

    /// The wire loses nothing, in whichever form.
    #[test]
    fn wire_round_trip_is_the_identity(a in any_resources(true), b in additive()) {
        use model::resources::Format;
        let all: Resources = [&a, &b].into_iter().collect();
        for format in [Format::Refined, Format::Unrefined, Format::Both] {
            let list = all.to_wire_as(format);
            prop_assert_eq!(&Resources::from_wire(&list).expect("our own"), &all);
        }
    }

    /// Allocating and taking the allocation off again changes nothing else.
    #[test]
    fn allocation_comes_off_again(a in additive()) {
        let plain = a.unallocated();
        prop_assert_eq!(&plain.allocated_to("x").unallocated(), &plain);
        prop_assert_eq!(a.allocated_to("x"), plain.allocated_to("x"));
        let roles: Vec<_> = plain.allocated_to("x").allocations().into_keys().collect();
        prop_assert_eq!(roles.is_empty(), plain.is_empty());
    }

    /// No text makes the reader panic; what it reads prints, and plain amounts read back.
    #[test]
    fn no_text_panics(text in ".{0,60}", flag in "[a-z]{1,4}:[0-9\\[\\]{},.-]{0,12}(;[a-z(]{1,6}\\)?:[0-9]{1,30})?") {
        for text in [text, flag] {
            if let Ok(resources) = Resources::parse(&text, "*") {
                prop_assert!(!resources.to_string().is_empty());
            }
        }
    }

    /// What is printed without metadata reads back.
    #[test]
    fn plain_resources_read_back(cpus in 0_i64..10_000_000, ports in ports(true)) {
        let mut list = vec![ports];
        list.push(scalar("cpus", model::resources::Thousandths(cpus).as_f64()));
        let resources = Resources::from_wire(&list).expect("valid");
        let text = resources.to_string();
        let text = if text == "{}" { "" } else { &text };
        prop_assert_eq!(Resources::parse(text, "*").expect("printed by us"), resources);
    }

    /// A list adds up to the same in one go and entry by entry.
    #[test]
    fn lists_add_up_like_their_entries(list in vec(prop_oneof![a_scalar(), a_volume(), ports(true)], 0..12)) {
        let at_once = Resources::from_wire(&list).expect("valid");
        let mut one_by_one = Resources::new();
        for resource in &list {
            one_by_one.add(&Resources::from_wire(std::slice::from_ref(resource)).expect("valid"));
        }
        prop_assert_eq!(at_once, one_by_one);
    }
}

/// A long list from outside is read in no time to speak of.
#[test]
fn long_lists_are_read_in_linear_time() {
    let ports: Vec<_> =
        (0..50_000).rev().map(|at| ranges("ports", &[(at * 10, at * 10)])).collect();
    let names: Vec<_> = (0..50_000).rev().map(|at| scalar(&format!("r{at}"), 1.0)).collect();
    assert_eq!(Resources::from_wire(&ports).expect("valid").ranges("ports").len(), 50_000);
    assert_eq!(Resources::from_wire(&names).expect("valid").scalars().count(), 50_000);
}
