//! Resources written field by field, for large answers: what [`Resources::to_wire_as`] makes, without making it.

use wire::compose::{Composer, Field, Slot};
use wire::field;
use wire::v1::{self, value};

use super::entry::Entry;
use super::value::{Thousandths, Value};
use super::wire_form::entry_to_wire;
use super::{Format, Resources};

impl Resources {
    /// Writes the repeated field `list` of `message`: the resources as [`Resources::to_wire_as`] gives them.
    pub fn write_as(&self, format: Format, list: &'static Field, message: &mut Composer<'_>) {
        let copies = self.0.iter().flat_map(|entry| std::iter::repeat_n(entry, entry.copies()));
        message.slots(list, copies, |slot, entry| entry.write(format, slot));
    }
}

impl Entry {
    fn write(&self, format: Format, slot: Slot<'_, '_>) {
        // Reservations, volumes and the like are rarer, and have more to them than names and numbers.
        if self.detail().is_some() {
            return slot.message(&entry_to_wire(self, format));
        }
        slot.compose(|it| {
            it.text(field!(v1::Resource, "name"), self.name.as_str());
            match &self.value {
                Value::Scalar(amount) => write_scalar(*amount, it),
                Value::Shared(shared) => write_scalar(shared.0, it),
                Value::Ranges(ranges) => {
                    it.number_of(field!(v1::Resource, "type"), value::Type::Ranges as i32);
                    let range = ranges.iter().map(|(begin, end)| value::Range { begin, end });
                    it.nested(field!(v1::Resource, "ranges"), |it| {
                        it.messages::<value::Range>(field!(value::Ranges, "range"), range);
                    });
                }
                Value::Set(items) => {
                    it.number_of(field!(v1::Resource, "type"), value::Type::Set as i32);
                    it.nested(field!(v1::Resource, "set"), |it| {
                        it.texts(field!(value::Set, "item"), items.iter().map(|item| &**item));
                    });
                }
            }
            if format != Format::Refined {
                it.text(field!(v1::Resource, "role"), "*");
            }
            if let Some(role) = self.meta.as_ref().and_then(|meta| meta.role.as_deref()) {
                it.id(field!(v1::Resource, "allocation_info"), role);
            }
        });
    }
}

fn write_scalar(amount: Thousandths, resource: &mut Composer<'_>) {
    resource.number_of(field!(v1::Resource, "type"), value::Type::Scalar as i32);
    resource.nested(field!(v1::Resource, "scalar"), |it| {
        it.real(field!(value::Scalar, "value"), amount.as_f64());
    });
}

#[cfg(test)]
mod tests {
    use wire::compose;
    use wire::master::response::get_agents::Agent;
    use wire::media::{self, MediaType};

    use super::*;

    fn agent(resources: &Resources, format: Format) -> Agent {
        Agent { total_resources: resources.to_wire_as(format), ..Agent::default() }
    }

    /// Whatever resources are like, written they are what they are as messages, in each form and either format.
    #[test]
    fn written_resources_are_those_of_the_message() {
        let text = "cpus:1.5;mem:64;ports:[1-2,5-6];zones:{b,a};cpus(web):0.5;x:0.125";
        let mut list = Resources::parse(text, "*").unwrap().to_wire();
        list.extend(Resources::parse("disk:5", "*").unwrap().to_wire());
        for resource in &mut list[..2] {
            resource.allocation_info =
                Some(v1::resource::AllocationInfo { role: Some("web".to_owned()) });
        }
        let volume = list.last_mut().unwrap();
        let persistence =
            v1::resource::disk_info::Persistence { id: "data".to_owned(), ..Default::default() };
        volume.disk = Some(Box::new(v1::resource::DiskInfo {
            persistence: Some(persistence),
            ..Default::default()
        }));
        volume.shared = Some(v1::resource::SharedInfo {});
        let volume = volume.clone();
        list.push(volume);
        let resources = Resources::from_wire(&list).unwrap();
        assert_eq!(resources.to_wire().len(), list.len(), "the shared volume is there twice");
        for format in [Format::Refined, Format::Unrefined, Format::Both] {
            let whole = agent(&resources, format);
            for media in [MediaType::Json, MediaType::Protobuf] {
                let mut out = Vec::new();
                compose::message::<Agent>(media, &mut out, |it| {
                    it.message(field!(Agent, "agent_info"), &v1::AgentInfo::default());
                    it.boolean(field!(Agent, "active"), false);
                    it.text(field!(Agent, "version"), "");
                    resources.write_as(format, field!(Agent, "total_resources"), it);
                });
                if media == MediaType::Json {
                    assert_eq!(String::from_utf8(out).unwrap(), wire::json::to_string(&whole));
                } else {
                    assert_eq!(media::decode::<Agent>(media, &out).unwrap(), whole);
                }
            }
        }
    }
}
