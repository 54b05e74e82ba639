//! What resource operations make of resources: reserved, given back, made into volumes and the reverse.
//!
//! All of them are done to both sides' books at once: by the master when it takes the operation, by the agent
//! when it writes it down. [`Conversion::of`] is the one account of what that is.

use std::collections::BTreeMap;
use std::sync::Arc;

use wire::v1::offer::Operation;
use wire::v1::offer::operation::Type;
use wire::v1::resource::disk_info::source;
use wire::v1::{Resource, volume};

use super::entry::Entry;
use super::meta::{Detail, Disk, Meta};
use super::value::Value;
use super::{ResourceError, Resources, Thousandths};
use crate::validate::id::{self, IdError};

/// What is wrong with a resource operation by itself. Frameworks and operators read the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    #[error("Expecting '{0}' to be present")]
    Missing(&'static str),
    #[error("Invalid resources: {0}")]
    Resources(#[from] ResourceError),
    #[error("The operation names no resources")]
    Nothing,
    #[error("Resource {0} is not dynamically reserved")]
    NotDynamic(String),
    #[error("Resource {0} is not reserved: persistent volumes are made of reserved disk")]
    NotReserved(String),
    #[error(
        "Resource {0} is revocable: it can be taken back and can't be reserved or hold a volume"
    )]
    Revocable(String),
    #[error(
        "Persistent volume {0} can't be reserved or unreserved; destroy the persistent volume first"
    )]
    IsVolume(String),
    #[error("Resource {0} is no persistent volume")]
    NoVolume(String),
    #[error("Persistent volume ID '{id}' is invalid: {source}")]
    VolumeId { id: String, source: IdError },
    #[error("Persistent volume ID '{0}' is there twice")]
    RepeatedVolume(String),
    #[error(
        "Persistent volume '{0}' needs 'disk.volume' with mode RW, no 'host_path', and a 'container_path' that \
         is relative and has no '..'"
    )]
    Mount(String),
    #[error("The source and the resources of a re-reservation differ in more than reservations")]
    OtherSource,
    #[error("A volume on a MOUNT disk is all of that disk and can't be resized")]
    WholeDisk,
    #[error("A shared volume can't be resized")]
    SharedVolume,
    #[error("'addition' must be disk of the reservation and source of the volume")]
    OtherAddition,
    #[error("'subtract' must be more than nothing and less than the volume")]
    BadSubtract,
    #[error("'source' is not managed by a resource provider")]
    NoProvider,
    #[error("Unknown or unsupported type of operation")]
    Unsupported,
}

/// What an operation takes and what is there in its place. Both have the same amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    pub consumed: Resources,
    pub converted: Resources,
    /// Whether later operations of the same `ACCEPT` may use what came of it.
    // Mesos: what a resized volume becomes is offered again first.
    pub is_usable: bool,
}

/// A persistent volume among resources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Volume {
    /// Role of the innermost reservation.
    pub role: String,
    pub id: String,
    /// Where its data is: below the agent's work directory, or an absolute path.
    pub folder: String,
    /// The folder is the root of a mounted disk: it stays when its content goes.
    pub is_mount: bool,
    /// Where a container finds it: a relative path without `..`.
    pub container_path: String,
}

impl Conversion {
    /// The account of one operation.
    ///
    /// # Errors
    /// What is wrong with it, whoever asks and whatever there is.
    pub fn of(operation: &Operation) -> Result<Self, OperationError> {
        let missing = OperationError::Missing;
        match operation.r#type() {
            Type::Reserve => {
                let reserve = operation.reserve.as_ref().ok_or(missing("reserve"))?;
                reserve_of(&reserve.resources, &reserve.source)
            }
            Type::Unreserve => {
                let unreserve = operation.unreserve.as_ref().ok_or(missing("unreserve"))?;
                let consumed = read(&unreserve.resources)?;
                Ok(Self::new(consumed.clone(), consumed.map(unreserved)?))
            }
            Type::Create => {
                let create = operation.create.as_ref().ok_or(missing("create"))?;
                let converted = read(&create.volumes)?;
                for entry in &converted.0 {
                    check_volume(entry)?;
                }
                if let Some(id) = converted.repeated_volume() {
                    return Err(OperationError::RepeatedVolume(id));
                }
                Ok(Self::new(converted.map(without_volume)?, converted))
            }
            Type::Destroy => {
                let destroy = operation.destroy.as_ref().ok_or(missing("destroy"))?;
                let consumed = read(&destroy.volumes)?;
                Ok(Self::new(consumed.clone(), consumed.map(without_volume)?))
            }
            Type::GrowVolume => {
                let grow = operation.grow_volume.as_ref().ok_or(missing("grow_volume"))?;
                grow_of(&grow.volume, &grow.addition)
            }
            Type::ShrinkVolume => {
                let shrink = operation.shrink_volume.as_ref().ok_or(missing("shrink_volume"))?;
                shrink_of(&shrink.volume, shrink.subtract.value)
            }
            // Mesos: only resource providers have disks to convert.
            Type::CreateDisk | Type::DestroyDisk => Err(OperationError::NoProvider),
            Type::Launch | Type::LaunchGroup | Type::Unknown => Err(OperationError::Unsupported),
        }
    }

    fn new(consumed: Resources, converted: Resources) -> Self {
        Self { consumed, converted, is_usable: true }
    }

    /// Both sides held for `role`.
    #[must_use]
    pub fn allocated_to(&self, role: &str) -> Self {
        Self {
            consumed: self.consumed.allocated_to(role),
            converted: self.converted.allocated_to(role),
            is_usable: self.is_usable,
        }
    }

    /// Both sides without any allocation.
    #[must_use]
    pub fn unallocated(&self) -> Self {
        Self {
            consumed: self.consumed.unallocated(),
            converted: self.converted.unallocated(),
            is_usable: self.is_usable,
        }
    }
}

fn reserve_of(resources: &[Resource], source: &[Resource]) -> Result<Conversion, OperationError> {
    let converted = read(resources)?;
    let plain = converted.map(unreserved)?;
    if source.is_empty() {
        return Ok(Conversion::new(plain, converted));
    }
    let consumed = read(source)?;
    if consumed.stripped_of_reservations() != converted.stripped_of_reservations() {
        return Err(OperationError::OtherSource);
    }
    Ok(Conversion::new(consumed, converted))
}

fn grow_of(volume: &Resource, addition: &Resource) -> Result<Conversion, OperationError> {
    let volume = resizable(volume)?;
    let addition = read(std::slice::from_ref(addition))?;
    let [added] = addition.0.as_slice() else { return Err(OperationError::Nothing) };
    if !matches!(added.value, Value::Scalar(_)) {
        return Err(OperationError::OtherAddition);
    }
    let mut bare = without_volume(&volume)?;
    bare.value = added.value.clone();
    if *added != bare {
        return Err(OperationError::OtherAddition);
    }
    let mut grown = volume.clone();
    grown.value.add(&added.value);
    let consumed = [volume, added.clone()].into_iter().collect();
    Ok(Conversion { consumed, converted: [grown].into_iter().collect(), is_usable: false })
}

fn shrink_of(volume: &Resource, subtract: f64) -> Result<Conversion, OperationError> {
    let volume = resizable(volume)?;
    let subtract = Thousandths::from_f64(subtract).ok_or(OperationError::BadSubtract)?;
    let size = volume.value.scalar().unwrap_or_default();
    if subtract.0 <= 0 || subtract >= size {
        return Err(OperationError::BadSubtract);
    }
    let mut freed = without_volume(&volume)?;
    freed.value = Value::Scalar(subtract);
    let mut shrunk = volume.clone();
    shrunk.value = Value::Scalar(size.minus(subtract));
    Ok(Conversion {
        consumed: [volume].into_iter().collect(),
        converted: [shrunk, freed].into_iter().collect(),
        is_usable: false,
    })
}

fn resizable(volume: &Resource) -> Result<Entry, OperationError> {
    let volume = read(std::slice::from_ref(volume))?;
    let [entry] = volume.0.as_slice() else { return Err(OperationError::Nothing) };
    let found = entry.volume().ok_or_else(|| OperationError::NoVolume(entry.to_string()))?;
    if found.is_mount {
        return Err(OperationError::WholeDisk);
    }
    if !matches!(entry.value, Value::Scalar(_)) {
        return Err(OperationError::SharedVolume);
    }
    Ok(entry.clone())
}

fn read(list: &[Resource]) -> Result<Resources, OperationError> {
    let resources = Resources::from_wire(list)?;
    if resources.is_empty() {
        return Err(OperationError::Nothing);
    }
    Ok(resources)
}

/// An entry without its innermost reservation, which must be dynamic.
fn unreserved(entry: &Entry) -> Result<Entry, OperationError> {
    let detail = entry.detail().cloned().unwrap_or_default();
    if detail.revocable {
        return Err(OperationError::Revocable(entry.to_string()));
    }
    if entry.persistence_id().is_some() {
        return Err(OperationError::IsVolume(entry.to_string()));
    }
    let mut detail = detail;
    match detail.reservations.pop() {
        Some(last) if last.dynamic => Ok(entry.with_detail(detail)),
        Some(_) | None => Err(OperationError::NotDynamic(entry.to_string())),
    }
}

/// The disk a volume was made of.
fn without_volume(entry: &Entry) -> Result<Entry, OperationError> {
    if entry.persistence_id().is_none() {
        return Err(OperationError::NoVolume(entry.to_string()));
    }
    Ok(entry.without_volume())
}

fn check_volume(entry: &Entry) -> Result<(), OperationError> {
    let id = entry.persistence_id().ok_or_else(|| OperationError::NoVolume(entry.to_string()))?;
    if entry.reserved_to().is_none() {
        return Err(OperationError::NotReserved(entry.to_string()));
    }
    if entry.detail().is_some_and(|detail| detail.revocable) {
        return Err(OperationError::Revocable(entry.to_string()));
    }
    // It names a folder.
    id::check(&id)
        .map_err(|source| OperationError::VolumeId { id: id.escape_debug().to_string(), source })?;
    if entry.volume().is_none() {
        return Err(OperationError::Mount(id));
    }
    Ok(())
}

/// Whether a container may find something there: inside of its sandbox and not the sandbox itself.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(char::is_control)
        && path.split('/').all(|part| part != "..")
        && path.split('/').any(|part| !part.is_empty() && part != ".")
}

impl Entry {
    fn persistence_id(&self) -> Option<String> {
        self.detail()?.disk.as_ref()?.persistence_id()
    }

    fn with_detail(&self, detail: Detail) -> Self {
        let role = self.meta.as_ref().and_then(|meta| meta.role.clone());
        let detail = (detail != Detail::default()).then(|| Arc::new(detail));
        Self { name: self.name.clone(), meta: Meta::share(role, detail), value: self.value.clone() }
    }

    fn without_volume(&self) -> Self {
        let mut detail = self.detail().cloned().unwrap_or_default();
        detail.shared = false;
        if let Some(disk) = detail.disk.take() {
            let mut disk = disk.to_wire();
            disk.persistence = None;
            disk.volume = None;
            detail.disk = Disk::read(&disk);
        }
        let mut bare = self.with_detail(detail);
        if let Some(size) = self.value.scalar() {
            bare.value = Value::Scalar(size);
        }
        bare
    }

    /// The persistent volume that this is, if it is one with a place of its own.
    fn volume(&self) -> Option<Volume> {
        let disk = self.detail()?.disk.as_ref()?.to_wire();
        let id = disk.persistence?.id;
        let mount = disk.volume?;
        let is_plain = mount.host_path.is_none() && mount.mode == volume::Mode::Rw as i32;
        if !is_plain || !is_inside(&mount.container_path) || id::check(&id).is_err() {
            return None;
        }
        let role = self.reserved_to()?.to_owned();
        // Mesos: the layout; a role has no blanks, so that no two roles share a folder.
        let inner = format!("volumes/roles/{}/{id}", role.replace('/', " "));
        let (folder, is_mount) = match disk.source {
            None => (inner, false),
            Some(from) => match source::Type::try_from(from.r#type).ok()? {
                source::Type::Path => {
                    let root = from.path.and_then(|path| path.root);
                    let root = root.map(|root| format!("{}/", root.trim_end_matches('/')));
                    (format!("{}{inner}", root.unwrap_or_default()), false)
                }
                source::Type::Mount => (from.mount?.root?, true),
                source::Type::Block | source::Type::Raw | source::Type::Unknown => return None,
            },
        };
        Some(Volume { role, id, folder, is_mount, container_path: mount.container_path })
    }

    fn is_checkpointed(&self) -> bool {
        let Some(detail) = self.detail() else { return false };
        detail.reservations.iter().any(|one| one.dynamic) || self.persistence_id().is_some()
    }
}

impl Resources {
    fn map(
        &self,
        change: impl Fn(&Entry) -> Result<Entry, OperationError>,
    ) -> Result<Self, OperationError> {
        self.0.iter().map(change).collect()
    }

    fn stripped_of_reservations(&self) -> Self {
        let strip = |entry: &Entry| {
            let mut detail = entry.detail().cloned().unwrap_or_default();
            detail.reservations.clear();
            entry.with_detail(detail)
        };
        self.0.iter().map(strip).collect()
    }

    /// Puts what an operation makes in the place of what it takes.
    ///
    /// # Errors
    /// [`ResourceError::NotContained`] if what it takes is not here; then nothing has changed.
    pub fn convert(&mut self, conversion: &Conversion) -> Result<(), ResourceError> {
        self.checked_sub(&conversion.consumed)?;
        self.add(&conversion.converted);
        Ok(())
    }

    /// The part that operations have made: what is reserved dynamically, and persistent volumes. An agent writes
    /// it down.
    #[must_use]
    pub fn checkpointed(&self) -> Self {
        self.filter(Entry::is_checkpointed)
    }

    /// What an agent that is configured with these resources has, with what operations have made of them.
    ///
    /// # Errors
    /// [`ResourceError::NotContained`] if the configuration has less than that was made of.
    pub fn with_checkpointed(&self, checkpointed: &Self) -> Result<Self, ResourceError> {
        let origin = |entry: &Entry| {
            let bare = entry.without_volume();
            let mut detail = bare.detail().cloned().unwrap_or_default();
            detail.reservations.retain(|one| !one.dynamic);
            bare.with_detail(detail)
        };
        let consumed: Self = checkpointed.0.iter().map(origin).collect();
        let mut all = self.clone();
        all.checked_sub(&consumed)?;
        all.add(checkpointed);
        Ok(all)
    }

    /// The persistent volumes, in order of role and id.
    pub fn volumes(&self) -> Vec<Volume> {
        let mut volumes: Vec<Volume> = self.0.iter().filter_map(Entry::volume).collect();
        volumes.sort_unstable();
        volumes.dedup();
        volumes
    }

    /// The roots of all disks that have one.
    pub fn disk_roots(&self) -> Vec<String> {
        let disks = self.0.iter().filter_map(|entry| entry.detail()?.disk.as_ref());
        let sources = disks.filter_map(|disk| disk.to_wire().source);
        let roots = sources.filter_map(|from| {
            let path = from.path.and_then(|path| path.root);
            path.or_else(|| from.mount.and_then(|mount| mount.root))
        });
        roots.collect()
    }

    /// What is neither reserved nor revocable is cut down to `most`, where that names it; a disk that can't be cut
    /// is left out.
    #[must_use]
    pub fn cut_to(&self, most: &BTreeMap<String, Thousandths>) -> Self {
        let mut left = most.clone();
        let cut = |entry: &Entry| {
            let is_counted = entry.reserved_to().is_none()
                && !entry.detail().is_some_and(|detail| detail.revocable);
            let (Value::Scalar(amount), true, Some(left)) =
                (&entry.value, is_counted, left.get_mut(entry.name.as_str()))
            else {
                return Some(entry.clone());
            };
            let amount = if entry.is_exclusive() && *amount > *left {
                Thousandths(0)
            } else {
                // Mesos: GPUs can't be divided.
                let cut = (*amount).min(*left).0.max(0);
                Thousandths(if entry.name.is_integer_only() { cut - cut % 1000 } else { cut })
            };
            *left = left.minus(amount);
            (!amount.is_zero()).then(|| Entry { value: Value::Scalar(amount), ..entry.clone() })
        };
        self.0.iter().filter_map(cut).collect()
    }

    /// Without what has more than one reservation: for those who can't say such.
    #[must_use]
    pub fn unrefined(&self) -> Self {
        self.filter(|entry| entry.detail().is_none_or(|detail| detail.reservations.len() <= 1))
    }

    /// The principals of all reservations, outermost first.
    pub fn reserving_principals(&self) -> Vec<Option<&str>> {
        let details = self.0.iter().filter_map(Entry::detail);
        let innermost = details.filter_map(|detail| detail.reservations.last());
        innermost.map(|one| one.principal.as_deref()).collect()
    }

    /// The principals named by persistent volumes.
    pub fn volume_principals(&self) -> Vec<Option<String>> {
        let disks = self.0.iter().filter_map(|entry| entry.detail()?.disk.as_ref());
        disks.filter_map(|disk| Some(disk.to_wire().persistence?.principal)).collect()
    }
}
