//! Resources as Mesos prints them: `cpus:1; mem:128; ports:[31000-31001]`.

use std::fmt;

use wire::v1::resource::DiskInfo;
use wire::v1::resource::disk_info::source;

use super::Resources;
use super::entry::Entry;
use super::meta::{Detail, Reservation};
use super::value::Value;

impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("{}");
        }
        for (at, entry) in self.0.iter().enumerate() {
            let gap = if at == 0 { "" } else { "; " };
            write!(f, "{gap}{entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_str())?;
        if let Some(role) = self.meta.as_ref().and_then(|meta| meta.role.as_ref()) {
            write!(f, "(allocated: {role})")?;
        }
        if let Some(detail) = self.detail() {
            show_detail(f, detail)?;
        }
        f.write_str(":")?;
        match &self.value {
            Value::Scalar(amount) => write!(f, "{amount}"),
            Value::Ranges(ranges) => write!(f, "{ranges}"),
            Value::Set(items) => {
                f.write_str("{")?;
                for (at, item) in items.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("}")
            }
            Value::Shared(shared) if shared.1 == 1 => write!(f, "{}", shared.0),
            Value::Shared(shared) => write!(f, "{}<{}>", shared.0, shared.1),
        }
    }
}

fn show_detail(f: &mut fmt::Formatter<'_>, detail: &Detail) -> fmt::Result {
    if !detail.reservations.is_empty() {
        f.write_str("(reservations: [")?;
        for (at, reservation) in detail.reservations.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            show_reservation(f, reservation)?;
        }
        f.write_str("])")?;
    }
    if let Some(disk) = &detail.disk {
        show_disk(f, &disk.to_wire())?;
    }
    f.write_str(if detail.revocable { "{REV}" } else { "" })?;
    f.write_str(if detail.shared { "<SHARED>" } else { "" })
}

fn show_reservation(f: &mut fmt::Formatter<'_>, reservation: &Reservation) -> fmt::Result {
    let kind = if reservation.dynamic { "DYNAMIC" } else { "STATIC" };
    write!(f, "({kind},{}", reservation.role)?;
    if let Some(principal) = &reservation.principal {
        write!(f, ",{principal}")?;
    }
    if let Some(labels) = &reservation.labels {
        f.write_str(",{")?;
        for (at, (key, value)) in labels.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { ", " })?;
            match value {
                Some(value) => write!(f, "{key}: {value}")?,
                None => f.write_str(key)?,
            }
        }
        f.write_str("}")?;
    }
    f.write_str(")")
}

/// `[MOUNT:/data,volume-id:path]`: the source, then persistence id and path.
fn show_disk(f: &mut fmt::Formatter<'_>, disk: &DiskInfo) -> fmt::Result {
    f.write_str("[")?;
    if let Some(from) = &disk.source {
        let kind = source::Type::try_from(from.r#type).unwrap_or(source::Type::Unknown);
        f.write_str(kind.as_str_name())?;
        let marks = [&from.vendor, &from.id, &from.profile];
        if marks.iter().any(|mark| mark.is_some()) {
            let marks = marks.map(|mark| mark.as_deref().unwrap_or(""));
            write!(f, "({})", marks.join(","))?;
        }
        let path = from.path.as_ref().and_then(|path| path.root.as_deref());
        let mount = from.mount.as_ref().and_then(|mount| mount.root.as_deref());
        if let Some(root) = path.or(mount) {
            write!(f, ":{root}")?;
        }
    }
    if let Some(persistence) = &disk.persistence {
        let comma = if disk.source.is_some() { "," } else { "" };
        write!(f, "{comma}{}", persistence.id)?;
    }
    if let Some(volume) = &disk.volume {
        write!(f, ":{}", volume.container_path)?;
    }
    f.write_str("]")
}
