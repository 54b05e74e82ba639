//! What tells two resources of one name apart.

use std::sync::Arc;

use prost::Message as _;
use wire::v1::resource::DiskInfo;
use wire::v1::resource::disk_info::source;

/// Everything about an entry besides name and amount. Never empty: see [`Meta::share`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meta {
    /// The role it is allocated to.
    pub(super) role: Option<Arc<str>>,
    pub(super) detail: Option<Arc<Detail>>,
}

impl Meta {
    pub(super) fn share(role: Option<Arc<str>>, detail: Option<Arc<Detail>>) -> Option<Arc<Self>> {
        (role.is_some() || detail.is_some()).then(|| Arc::new(Self { role, detail }))
    }
}

/// The rare part: what most resources have nothing of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Detail {
    /// Outermost first; each refines the one before it.
    pub(super) reservations: Vec<Reservation>,
    pub(super) disk: Option<Disk>,
    pub(super) provider: Option<String>,
    pub(super) revocable: bool,
    pub(super) shared: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reservation {
    pub(super) dynamic: bool,
    pub(super) role: Box<str>,
    pub(super) principal: Option<String>,
    /// `None` and an empty list are different reservations, as on the wire.
    pub(super) labels: Option<Vec<(String, Option<String>)>>,
}

/// A `DiskInfo` in its encoding, which is one to one and has an order (the message holds floats).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Disk {
    pub(super) encoded: Vec<u8>,
    pub(super) exclusive: bool,
}

impl Disk {
    /// `None` if it says nothing.
    pub(super) fn read(disk: &DiskInfo) -> Option<Self> {
        if *disk == DiskInfo::default() {
            return None;
        }
        let whole_source =
            disk.source.as_ref().is_some_and(|source| {
                match source::Type::try_from(source.r#type) {
                    Ok(source::Type::Mount) => true,
                    Ok(source::Type::Block | source::Type::Raw) => source.id.is_some(),
                    Ok(source::Type::Path | source::Type::Unknown) | Err(_) => false,
                }
            });
        let exclusive = disk.persistence.is_some() || whole_source;
        Some(Self { encoded: disk.encode_to_vec(), exclusive })
    }

    pub(super) fn to_wire(&self) -> DiskInfo {
        DiskInfo::decode(self.encoded.as_slice()).expect("encoded by us from a valid message")
    }

    pub(super) fn persistence_id(&self) -> Option<String> {
        self.to_wire().persistence.map(|persistence| persistence.id)
    }
}
