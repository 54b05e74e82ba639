//! Texts that operators, clients and agents write: durations, attributes, resources, headers, addresses.

use std::time::Duration;

use daemon::etcd::Target;
use model::{Resources, attributes, duration};
use wire::media;

/// The first byte says what the rest is.
pub fn text(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match kind % 7 {
        0 => read_duration(&text),
        1 => write_duration(rest),
        2 => read_attributes(&text),
        3 => read_resources(&text),
        4 => read_wire_duration(rest),
        5 => read_headers(&text),
        _ => read_registry_address(&text),
    }
}

fn read_duration(text: &str) {
    match duration::parse(text) {
        Ok(read) => is_exact(read),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// What is printed for machines is read again to the nanosecond.
fn is_exact(value: Duration) {
    assert!(value <= duration::MAX);
    let printed = duration::format_mesos(value);
    assert_eq!(duration::parse(&printed), Ok(value), "{printed}");
    assert!(!duration::format_short(value).is_empty());
    assert_eq!(duration::grace_of(&duration::to_wire_info(value)), Ok(value));
}

fn write_duration(bytes: &[u8]) {
    let Some(bytes) = bytes.first_chunk::<8>() else { return };
    let nanos = u64::from_le_bytes(*bytes);
    let value = Duration::from_nanos(nanos);
    is_exact(value.min(duration::MAX));
    // What is longer is cut, never wrapped.
    assert_eq!(duration::parse(&duration::format_mesos(value)), Ok(value.min(duration::MAX)));
    if let Some(value) = duration::from_secs_f64(f64::from_bits(nanos)) {
        is_exact(value);
    }
}

fn read_wire_duration(bytes: &[u8]) {
    let Some((seconds, rest)) = bytes.split_first_chunk::<8>() else { return };
    let Some(nanos) = rest.first_chunk::<4>() else { return };
    let (seconds, nanos) = (i64::from_le_bytes(*seconds), i32::from_le_bytes(*nanos));
    if let Ok(value) = duration::from_wire_duration(&wire::google::Duration { seconds, nanos }) {
        assert_eq!(
            i128::try_from(value.as_nanos()),
            Ok(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
        );
        is_exact(value);
    }
}

fn read_attributes(text: &str) {
    if let Ok(attributes) = attributes::parse(text) {
        assert!(attributes.iter().all(|attribute| !attribute.name.is_empty()));
    }
}

fn read_resources(text: &str) {
    let (role, text) = text.split_once('\u{1}').unwrap_or(("*", text));
    let Ok(resources) = Resources::parse(text, role) else { return };
    let wire = resources.to_wire();
    assert_eq!(Resources::from_wire(&wire).as_ref(), Ok(&resources), "{wire:?}");
    let mut rest = resources.clone();
    rest.add(&resources);
    assert!(rest.contains(&resources));
    rest.checked_sub(&resources).expect("what was added can be taken away");
    assert!(!format!("{resources:?}").is_empty());
}

fn read_registry_address(text: &str) {
    match Target::parse(text) {
        Ok(target) => {
            assert!(!target.members.is_empty() && target.prefix.starts_with('/'));
            let again = Target::parse(&target.to_string()).expect("what is shown can be read");
            assert_eq!((again.members, again.prefix), (target.members, target.prefix));
        }
        Err(error) => assert!(error.to_string().contains("expecting etcd://")),
    }
}

fn read_headers(text: &str) {
    media::negotiate(Some(text));
    if let Some(kind) = media::parse_content_type(text) {
        assert_eq!(media::parse_content_type(kind.name()), Some(kind));
    }
}
