//! What operations make of resources.

use model::Resources;
use model::resources::{Conversion, OperationError};
use wire::v1::offer::Operation;
use wire::v1::offer::operation::{
    Create, CreateDisk, Destroy, GrowVolume, Reserve, ShrinkVolume, Type, Unreserve,
};
use wire::v1::resource::disk_info::{Persistence, Source, source};
use wire::v1::resource::reservation_info::Type as Kind;
use wire::v1::resource::{DiskInfo, ReservationInfo, SharedInfo};
use wire::v1::{Resource, Volume, value, volume};

fn disk(size: f64, roles: &[&str]) -> Resource {
    let reservation = |role: &&str| ReservationInfo {
        r#type: Some(Kind::Dynamic.into()),
        role: Some((*role).to_owned()),
        ..ReservationInfo::default()
    };
    Resource {
        name: "disk".to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value: size }),
        reservations: roles.iter().map(reservation).collect(),
        ..Resource::default()
    }
}

fn as_volume(mut resource: Resource, id: &str, path: &str) -> Resource {
    let info = resource.disk.get_or_insert_default();
    info.persistence = Some(Persistence { id: id.to_owned(), principal: None });
    info.volume = Some(Volume {
        container_path: path.to_owned(),
        mode: volume::Mode::Rw.into(),
        ..Volume::default()
    });
    resource
}

fn reserve(resources: Vec<Resource>) -> Operation {
    let reserve = Reserve { resources, source: Vec::new() };
    Operation { r#type: Some(Type::Reserve.into()), reserve: Some(reserve), ..Operation::default() }
}

fn unreserve(resources: Vec<Resource>) -> Operation {
    let unreserve = Some(Unreserve { resources });
    Operation { r#type: Some(Type::Unreserve.into()), unreserve, ..Operation::default() }
}

fn create(volumes: Vec<Resource>) -> Operation {
    let create = Some(Create { volumes });
    Operation { r#type: Some(Type::Create.into()), create, ..Operation::default() }
}

fn destroy(volumes: Vec<Resource>) -> Operation {
    let destroy = Some(Destroy { volumes });
    Operation { r#type: Some(Type::Destroy.into()), destroy, ..Operation::default() }
}

fn grow(volume: Resource, addition: Resource) -> Operation {
    let grow_volume = Some(GrowVolume { volume, addition });
    Operation { r#type: Some(Type::GrowVolume.into()), grow_volume, ..Operation::default() }
}

fn shrink(volume: Resource, by: f64) -> Operation {
    let shrink_volume = Some(ShrinkVolume { volume, subtract: value::Scalar { value: by } });
    Operation { r#type: Some(Type::ShrinkVolume.into()), shrink_volume, ..Operation::default() }
}

fn of(list: &[Resource]) -> Resources {
    Resources::from_wire(list).expect("well-formed resources")
}

fn refused(operation: &Operation) -> OperationError {
    Conversion::of(operation).expect_err("it makes no sense")
}

/// Each operation and its reverse lead back to where they began, and no amount is lost or gained on the way.
#[test]
fn operations_and_their_reverses_lead_back() {
    let all = of(&[disk(100.0, &[])]);
    let steps = [
        reserve(vec![disk(60.0, &["a"])]),
        reserve(vec![disk(50.0, &["a", "a/b"])]),
        create(vec![as_volume(disk(20.0, &["a", "a/b"]), "v", "data")]),
        grow(as_volume(disk(20.0, &["a", "a/b"]), "v", "data"), disk(10.0, &["a", "a/b"])),
        shrink(as_volume(disk(30.0, &["a", "a/b"]), "v", "data"), 10.0),
        destroy(vec![as_volume(disk(20.0, &["a", "a/b"]), "v", "data")]),
        unreserve(vec![disk(50.0, &["a", "a/b"])]),
        unreserve(vec![disk(60.0, &["a"])]),
    ];
    let mut now = all.clone();
    for step in &steps {
        let conversion = Conversion::of(step).unwrap();
        now.convert(&conversion).unwrap();
        assert_eq!(now.disk_mib(), all.disk_mib(), "{step:?}");
        assert_eq!(all.with_checkpointed(&now.checkpointed()).unwrap(), now, "{step:?}");
    }
    assert_eq!(now, all);
}

/// An operation on what is not there changes nothing.
#[test]
fn an_operation_on_what_is_not_there_changes_nothing() {
    let mut have = of(&[disk(10.0, &[])]);
    let before = have.clone();
    let conversion = Conversion::of(&reserve(vec![disk(11.0, &["a"])])).unwrap();
    assert!(have.convert(&conversion).is_err());
    assert_eq!(have, before);
    let less = of(&[disk(5.0, &[])]);
    assert!(less.with_checkpointed(&of(&[disk(6.0, &["a"])])).is_err());
}

/// What makes no sense is refused with its reason, whatever there is.
#[test]
fn senseless_operations_are_refused() {
    use OperationError as Is;
    let volume = || as_volume(disk(20.0, &["a"]), "v", "data");
    assert!(matches!(refused(&reserve(Vec::new())), Is::Nothing));
    assert!(matches!(refused(&reserve(vec![disk(1.0, &[])])), Is::NotDynamic(_)));
    assert!(matches!(refused(&reserve(vec![volume()])), Is::IsVolume(_)));
    assert!(matches!(refused(&unreserve(vec![volume()])), Is::IsVolume(_)));
    let mut fixed = disk(1.0, &["a"]);
    fixed.reservations[0].r#type = Some(Kind::Static.into());
    assert!(matches!(refused(&unreserve(vec![fixed])), Is::NotDynamic(_)));
    assert!(matches!(refused(&create(vec![disk(1.0, &["a"])])), Is::NoVolume(_)));
    let free = as_volume(disk(1.0, &[]), "v", "data");
    assert!(matches!(refused(&create(vec![free])), Is::NotReserved(_)));
    for path in ["", "/data", "../data", "a/../../b", "."] {
        let bad = as_volume(disk(1.0, &["a"]), "v", path);
        assert!(matches!(refused(&create(vec![bad])), Is::Mount(_)), "{path}");
    }
    for id in ["", "..", "a/b"] {
        let bad = as_volume(disk(1.0, &["a"]), id, "data");
        assert!(matches!(refused(&create(vec![bad])), Is::VolumeId { .. }), "{id}");
    }
    assert!(matches!(refused(&create(vec![volume(), volume()])), Is::RepeatedVolume(_)));
    assert!(matches!(refused(&destroy(vec![disk(1.0, &["a"])])), Is::NoVolume(_)));
    assert!(matches!(refused(&grow(volume(), disk(1.0, &["b"]))), Is::OtherAddition));
    for by in [0.0, -1.0, 20.0, 21.0, f64::NAN] {
        assert!(matches!(refused(&shrink(volume(), by)), Is::BadSubtract), "{by}");
    }
    let shared = Resource { shared: Some(SharedInfo {}), ..volume() };
    assert!(matches!(refused(&shrink(shared, 1.0)), Is::SharedVolume));
    let mut whole = disk(20.0, &["a"]);
    whole.disk = Some(Box::new(DiskInfo {
        source: Some(Source {
            r#type: source::Type::Mount.into(),
            mount: Some(source::Mount { root: Some("/mnt/d".to_owned()) }),
            ..Source::default()
        }),
        ..DiskInfo::default()
    }));
    let whole = as_volume(whole, "v", "data");
    assert!(matches!(refused(&shrink(whole, 1.0)), Is::WholeDisk));
    let create_disk = Operation {
        r#type: Some(Type::CreateDisk.into()),
        create_disk: Some(CreateDisk::default()),
        ..Operation::default()
    };
    assert!(matches!(refused(&create_disk), Is::NoProvider));
    assert!(matches!(refused(&Operation::default()), Is::Unsupported));
}

/// Both forms of a reservation are the same operation.
#[test]
fn reservations_are_read_in_both_forms() {
    let old = Resource {
        reservations: Vec::new(),
        role: Some("a".to_owned()),
        reservation: Some(Box::new(ReservationInfo::default())),
        ..disk(5.0, &[])
    };
    let conversion = Conversion::of(&reserve(vec![old])).unwrap();
    assert_eq!(conversion, Conversion::of(&reserve(vec![disk(5.0, &["a"])])).unwrap());
}

/// A volume has a folder of its own below its role, whose slashes make no folders.
#[test]
fn volumes_have_folders_by_role_and_id() {
    let volumes = of(&[as_volume(disk(5.0, &["a/b"]), "v", "./data")]).volumes();
    let [volume] = volumes.as_slice() else { panic!("one volume: {volumes:?}") };
    assert_eq!(volume.folder, "volumes/roles/a b/v");
    assert_eq!((volume.container_path.as_str(), volume.is_mount), ("./data", false));
}
