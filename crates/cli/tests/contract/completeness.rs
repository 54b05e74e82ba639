//! The tables leave nothing out.

use std::collections::BTreeSet;

use wire::media::MediaType;

use crate::answers::Situation;
use crate::api::{self, Api};
use crate::surface;
use crate::target::Target;

/// Every type of call of every API has exactly one entry, and no entry is about a type that does not exist.
#[test]
fn every_type_of_call_has_an_entry() {
    for api in api::ALL {
        let known: BTreeSet<String> = api.types().map(str::to_owned).collect();
        let calls = surface::calls(api);
        let entries: BTreeSet<String> = calls.iter().map(|call| call.r#type.clone()).collect();
        assert_eq!(entries, known, "{}", api.name());
        assert_eq!(calls.len(), entries.len(), "{}: an entry occurs twice", api.name());
    }
}

/// Every entry says something: what the call does, and a refusal where it has one.
#[test]
fn every_entry_says_what_the_call_does() {
    for api in api::ALL {
        for call in surface::calls(api) {
            let name = format!("{} {}", api.name(), call.r#type);
            assert!(call.does.len() > 10 && call.does.ends_with('.'), "{name}: {}", call.does);
            assert!(call.differs.is_none_or(|text| text.ends_with('.')), "{name}");
            let sure = call.status < 400 || call.text.is_some();
            assert!(sure, "{name} is refused without a text");
        }
    }
}

/// What holds a call to a refusal of its own; nothing if the suite never sees it refused.
fn refusals_of(api: Api, call: &surface::Call) -> Vec<&'static str> {
    let mut held = Vec::new();
    if !call.refused.is_empty() || call.status >= 400 {
        held.push("its entry");
    }
    if crate::attach::TYPES.contains(&&*call.r#type) {
        held.push("the tests of streams");
    }
    match api.part(&call.r#type) {
        Some(_) if call.optional => {}
        Some(_) => held.push("calls_with_missing_parts_are_refused_by_name"),
        // Only who asks and how can be wrong.
        None => held.push("the tests of refusals"),
    }
    held
}

/// Every call is refused somewhere, in both formats where both can say it. (That every call is answered in both
/// formats is what `calls` goes through the tables for.)
#[test]
fn every_call_has_an_error_case() {
    for api in api::ALL {
        for call in surface::calls(api) {
            let held = refusals_of(api, &call);
            assert!(!held.is_empty(), "{} {} is never refused", api.name(), call.r#type);
        }
    }
    let calls = surface::calls(Api::Scheduler);
    let suppress = calls.iter().find(|call| call.r#type == "SUPPRESS").unwrap();
    let without = surface::Call { refused: Vec::new(), ..suppress.clone() };
    assert_eq!(refusals_of(Api::Scheduler, &without), [""; 0], "nothing of it is required");
}

/// Calls that the tables leave to tests of their own have some.
#[test]
fn every_streamed_call_has_its_tests() {
    for api in api::ALL {
        for call in surface::calls(api).iter().filter(|call| call.streamed) {
            let is_tested = api == Api::Agent && crate::attach::TYPES.contains(&&*call.r#type);
            assert!(is_tested, "{} {} is streamed and has no test", api.name(), call.r#type);
        }
    }
}

/// Every type of event has an entry, and every entry is about a type of event.
#[test]
fn every_type_of_event_has_an_entry() {
    let events = surface::events();
    for api in [Api::Master, Api::Scheduler, Api::Executor] {
        let known: BTreeSet<&str> = api.events().collect();
        let entries = || events.iter().filter(|event| event.api == api);
        for event in entries() {
            assert!(known.contains(&*event.r#type), "{} has no {}", api.name(), event.r#type);
        }
        let entries: BTreeSet<&str> = entries().map(|event| &*event.r#type).collect();
        let missing: Vec<_> = known.difference(&entries).collect();
        assert!(missing.is_empty(), "no entry for {missing:?} of {}", api.name());
    }
}

/// Every metric that is answered has an entry, and every entry that is no pattern is answered.
#[tokio::test]
async fn every_metric_has_an_entry() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let call = r#"{"type":"GET_METRICS","get_metrics":{}}"#;
    for api in [Api::Master, Api::Agent] {
        let answer = situation.send(api, MediaType::Json, call);
        let message = answer.json();
        let metrics = message["get_metrics"]["metrics"].as_array().unwrap();
        let answered: BTreeSet<&str> =
            metrics.iter().map(|metric| metric["name"].as_str().unwrap()).collect();
        let entries = surface::metrics();
        let entries: Vec<&str> =
            entries.iter().filter(|it| it.on == api).map(|it| &*it.name).collect();
        let covers = |entry: &str, name: &str| match entry.split_once('*') {
            Some((start, end)) => name.starts_with(start) && name.ends_with(end),
            None => name == entry,
        };
        for name in &answered {
            assert!(entries.iter().any(|entry| covers(entry, name)), "no entry for {name}");
        }
        for entry in entries.iter().filter(|entry| !entry.contains('*')) {
            assert!(answered.contains(entry), "{} does not answer {entry}", api.name());
        }
    }
    target.end().await;
}
