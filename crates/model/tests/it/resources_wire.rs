//! Resources on the wire: checks, forms of reservations, what counts as the same.

use model::Resources;
use model::resources::{Format, ResourceError};
use wire::v1::resource::reservation_info::Type::{Dynamic, Static};
use wire::v1::resource::{
    DiskInfo, ReservationInfo, RevocableInfo, SharedInfo, disk_info, disk_info::source,
};
use wire::v1::{Label, Labels, Resource, ResourceProviderId, Volume};

use crate::messages::{allocated, mistyped, ranges, reserved, scalar, set, volume};

fn read(list: &[Resource]) -> Resources {
    Resources::from_wire(list).expect("valid resources")
}

/// Every malformed resource is refused with Mesos' text.
#[test]
fn malformed_resources_are_refused() {
    let unsupported = Resource { r#type: 3, ..scalar("cpus", 1.0) };
    let unknown = Resource { r#type: 77, ..scalar("cpus", 1.0) };
    let both = Resource { ranges: ranges("x", &[(1, 2)]).ranges, ..scalar("cpus", 1.0) };
    let disk = Some(Box::new(DiskInfo::default()));
    for (resource, text) in vec![
        (scalar("", 1.0), "Empty resource name"),
        (unsupported, "Unsupported resource type"),
        (unknown, "Unsupported resource type"),
        (mistyped(), "Invalid ranges resource"),
        (both, "Invalid scalar resource"),
        (scalar("cpus", -0.1), "Invalid scalar resource: value < 0"),
        (scalar("cpus", f64::NAN), "Invalid scalar resource: 'cpus' is not a finite number"),
        (scalar("cpus", f64::INFINITY), "Invalid scalar resource: 'cpus' is not a finite number"),
        (scalar("cpus", f64::NEG_INFINITY), "Invalid scalar resource: value < 0"),
        (scalar("gpus", 1.5), "The 'gpus' resource must be an unsigned integer"),
        (ranges("ports", &[(2, 1)]), "Invalid ranges resource: begin > end"),
        (ranges("ports", &[(1, 5), (5, 6)]), "Invalid ranges resource: overlapping ranges"),
        (set("zones", &["a", "a"]), "Invalid set resource: duplicated elements"),
        (Resource { disk, ..scalar("mem", 1.0) }, "DiskInfo should not be set for mem resource"),
        (
            Resource { shared: Some(SharedInfo {}), ..scalar("disk", 1.0) },
            "Only persistent volumes can be shared",
        ),
    ] {
        let error = Resources::from_wire(&[resource]).expect_err(text).to_string();
        assert!(error.starts_with(text), "{error}");
    }
}

/// Tasks, executors and offers carry no `role`; only allocation shows.
#[test]
fn plain_allocated_resources_look_as_in_mesos_tasks() {
    let list = [allocated(scalar("cpus", 0.1), "web"), allocated(scalar("mem", 32.0), "web")];
    assert_eq!(read(&list).to_wire(), list);
}

/// The deprecated form of a reservation means the same as the refined one.
#[test]
fn both_forms_of_a_reservation_mean_the_same() {
    let labels = Labels { labels: vec![Label { key: "k".into(), value: Some("v".into()) }] };
    let old = Resource {
        role: Some("a".into()),
        reservation: Some(Box::new(ReservationInfo {
            principal: Some("p".into()),
            labels: Some(labels),
            ..ReservationInfo::default()
        })),
        ..scalar("cpus", 1.0)
    };
    let resources = read(std::slice::from_ref(&old));
    let text = "cpus(reservations: [(DYNAMIC,a,p,{k: v})]):1";
    assert_eq!(resources.to_string(), text);
    let new = resources.to_wire().remove(0);
    assert_eq!((new.role, new.reservation), (None, None));
    assert_eq!(resources.to_wire_as(Format::Unrefined), [old]);
    let both = resources.to_wire_as(Format::Both);
    assert_eq!(both[0].role.as_deref(), Some("a"));
    assert_eq!(both[0].reservations.len(), 1);
    assert_eq!(read(&both), resources);

    let fixed = Resource { role: Some("a".into()), ..scalar("cpus", 1.0) };
    assert_eq!(read(&[fixed]), read(&[reserved(scalar("cpus", 1.0), &[(Static, "a")])]));
}

/// Totals and allocations of agents say the default role.
#[test]
fn endpoint_form_says_role_star() {
    let list = read(&[scalar("cpus", 4.0)]).to_wire_as(Format::Both);
    assert_eq!(list, [Resource { role: Some("*".into()), ..scalar("cpus", 4.0) }]);
    let refined = reserved(scalar("cpus", 1.0), &[(Static, "a"), (Dynamic, "a/b")]);
    assert_eq!(read(std::slice::from_ref(&refined)).to_wire_as(Format::Both), [refined]);
}

/// A chain of reservations that doesn't refine is refused.
#[test]
fn senseless_reservations_are_refused() {
    let cpus = || scalar("cpus", 1.0);
    let untyped = Resource {
        reservations: vec![ReservationInfo { role: Some("a".into()), ..Default::default() }],
        ..cpus()
    };
    let star = Resource { reservation: Some(Box::default()), ..cpus() };
    let contradiction = Resource { role: Some("b".into()), ..reserved(cpus(), &[(Dynamic, "a")]) };
    for bad in [
        untyped,
        star,
        contradiction,
        Resource { role: Some("-a".into()), ..cpus() },
        reserved(cpus(), &[(Dynamic, "*")]),
        reserved(cpus(), &[(Dynamic, "a"), (Dynamic, "a")]),
        reserved(cpus(), &[(Dynamic, "a"), (Dynamic, "b")]),
        reserved(cpus(), &[(Dynamic, "a"), (Dynamic, "ab")]),
        reserved(cpus(), &[(Dynamic, "a"), (Static, "a/b")]),
    ] {
        let error = Resources::from_wire(std::slice::from_ref(&bad)).expect_err("refused");
        assert!(matches!(error, ResourceError::Reservation { .. }), "{bad:?}: {error}");
    }
}

/// Metadata keeps resources apart and survives the way through.
#[test]
fn metadata_survives_and_tells_resources_apart() {
    let disk = || scalar("disk", 10.0);
    let at = |root: &str| source::Path { root: Some(root.into()) };
    let from = |root: &str| disk_info::Source {
        r#type: source::Type::Path as i32,
        path: Some(at(root)),
        ..disk_info::Source::default()
    };
    let on =
        |root: &str| Some(Box::new(DiskInfo { source: Some(from(root)), ..DiskInfo::default() }));
    let list = [
        disk(),
        allocated(disk(), "a"),
        allocated(disk(), "b"),
        Resource { revocable: Some(RevocableInfo {}), ..disk() },
        Resource { provider_id: Some(ResourceProviderId { value: "p".into() }), ..disk() },
        Resource { disk: on("/x"), ..disk() },
        Resource { disk: on("/y"), ..disk() },
        reserved(disk(), &[(Static, "a")]),
        reserved(disk(), &[(Dynamic, "a")]),
        reserved(disk(), &[(Static, "a"), (Dynamic, "a/b")]),
    ];
    let all = read(&list);
    let out = all.to_wire();
    assert_eq!(out.len(), list.len());
    assert!(list.iter().all(|resource| out.contains(resource)));
    let mut twice = all.clone();
    twice.add(&all);
    assert_eq!(twice.to_wire().len(), list.len(), "none of these is exclusive");
    for resource in &list {
        let one = read(std::slice::from_ref(resource));
        assert!(all.contains(&one));
        let mut rest = all.clone();
        rest.checked_sub(&one).expect("contained");
        assert!(!rest.contains(&one));
        assert_eq!(rest.to_wire().len(), list.len() - 1);
    }
}

/// A persistent volume is taken whole or not at all, and two never merge.
#[test]
fn persistent_volumes_neither_merge_nor_split() {
    let one = read(&[volume("a", "data", 10.0)]);
    let part = read(&[volume("a", "data", 4.0)]);
    assert!(!one.contains(&part));
    let mut two = one.clone();
    two.add(&read(&[volume("a", "logs", 10.0)]));
    assert_eq!(two.repeated_volume(), None);
    two.add(&one);
    assert_eq!(two.to_wire().len(), 3);
    assert_eq!(two.repeated_volume().as_deref(), Some("data"));
    let data: Resources = [&one, &one].into_iter().collect();
    assert!(two.contains(&data));
    assert!(!one.contains(&data), "one is not two");
    assert!(one.clone().checked_sub(&data).is_err());
    two.checked_sub(&one).expect("contained");
    two.checked_sub(&one).expect("contained twice");
    assert!(!two.contains(&one));
    let elsewhere = read(&[volume("a", "data", 10.0), volume("b", "data", 10.0)]);
    assert_eq!(elsewhere.repeated_volume(), None, "unique per role");
}

/// Copies of a shared volume are counted, not summed.
#[test]
fn shared_volumes_are_counted() {
    let shared = Resource { shared: Some(SharedInfo {}), ..volume("a", "data", 10.0) };
    let one = read(std::slice::from_ref(&shared));
    let mut two = one.clone();
    two.add(&one);
    assert_eq!(two.disk_mib(), one.disk_mib());
    assert_eq!(two.to_wire(), [shared.clone(), shared]);
    assert_eq!(read(&two.to_wire()), two);
    assert_eq!(two.repeated_volume(), None);
    two.checked_sub(&one).expect("contained");
    assert_eq!(two, one);
    two.checked_sub(&one).expect("contained");
    assert!(two.is_empty());
    assert!(!two.contains(&one));
}

/// Revocable and ordinary resources of one name are noticed.
#[test]
fn mixing_revocable_and_ordinary_is_noticed() {
    let revocable = Resource { revocable: Some(RevocableInfo {}), ..scalar("cpus", 1.0) };
    let mixed = read(&[revocable.clone(), scalar("cpus", 2.0), scalar("mem", 1.0)]);
    assert_eq!(mixed.mixed_revocable(), Some("cpus"));
    assert_eq!(read(&[revocable.clone(), scalar("mem", 1.0)]).mixed_revocable(), None);
    assert_eq!(mixed.revocable(), read(&[revocable]));
    assert_eq!(mixed.nonrevocable().to_string(), "cpus:2; mem:1");
}

/// Volumes and mounts print with what identifies them.
#[test]
fn disks_print_what_identifies_them() {
    let mount = disk_info::Source {
        r#type: source::Type::Mount as i32,
        mount: Some(source::Mount { root: Some("/mnt".into()) }),
        profile: Some("fast".into()),
        ..disk_info::Source::default()
    };
    let mut resource = volume("a", "data", 10.0);
    let disk = resource.disk.as_mut().expect("a volume");
    disk.source = Some(mount);
    disk.volume = Some(Volume { container_path: "path".into(), ..Volume::default() });
    assert_eq!(
        read(&[resource]).to_string(),
        "disk(reservations: [(DYNAMIC,a)])[MOUNT(,,fast):/mnt,data:path]:10"
    );
}
