//! The tables in `surface/`: every call and endpoint with what is expected of it.

use serde::Deserialize;

use crate::api::Api;

/// Calls of one API, in the order in which they can be made one after another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Calls {
    call: Vec<Call>,
}

/// One type of call.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the tables")]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) r#type: String,
    /// For the reference: what it is for, and how it is not as in Mesos.
    pub(crate) does: String,
    pub(crate) differs: Option<String>,
    /// A right one: its parts as JSON, with [`crate::calls`]' names in braces.
    #[serde(default)]
    pub(crate) parts: String,
    /// What the right one is answered with.
    pub(crate) status: u16,
    /// Part of the text of that answer, where it is a refusal.
    pub(crate) text: Option<String>,
    /// Changes nothing and answers a message.
    #[serde(default)]
    pub(crate) reads: bool,
    /// Answers a stream; the types of the first records.
    #[serde(default)]
    pub(crate) stream: Vec<String>,
    /// Its part may be missing.
    #[serde(default)]
    pub(crate) optional: bool,
    /// Takes a stream of calls; such a call has tests of its own.
    #[serde(default)]
    pub(crate) streamed: bool,
    /// Ends what other entries need; made after all others, and never in somebody else's cluster.
    #[serde(default)]
    pub(crate) last: bool,
    #[serde(default)]
    pub(crate) refused: Vec<Refused>,
}

/// A wrong call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refused {
    pub(crate) parts: String,
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) text: String,
    /// Cannot be said in protobuf.
    #[serde(default)]
    pub(crate) only_json: bool,
}

pub(crate) fn calls(api: Api) -> Vec<Call> {
    let text = match api {
        Api::Master => include_str!("surface/master.toml"),
        Api::Agent => include_str!("surface/agent.toml"),
        Api::Scheduler => include_str!("surface/scheduler.toml"),
        Api::Executor => include_str!("surface/executor.toml"),
    };
    toml::from_str::<Calls>(text).unwrap_or_else(|error| panic!("{}: {error}", api.name())).call
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoints {
    endpoint: Vec<Endpoint>,
}

/// A path that is read without a call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    /// Master or agent.
    pub(crate) on: Api,
    /// With names in braces, as in calls.
    pub(crate) path: String,
    /// The same at other paths.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    #[serde(default = "get")]
    pub(crate) method: String,
    /// What is sent; nothing if it is empty.
    #[serde(default)]
    pub(crate) body: String,
    /// For the reference: what it is for, and how it is not as in Mesos.
    #[expect(dead_code, reason = "read by the generator of the reference")]
    pub(crate) does: String,
    #[expect(dead_code, reason = "read by the generator of the reference")]
    pub(crate) differs: Option<String>,
    pub(crate) status: u16,
    /// The content type of the answer, without parameters.
    pub(crate) content: Option<String>,
    /// Fields that a JSON object has at least.
    #[serde(default)]
    pub(crate) fields: Vec<String>,
    /// Wraps its answer in a function for the parameter `jsonp`.
    #[serde(default)]
    pub(crate) jsonp: bool,
    /// Answers other methods as it does GET.
    #[serde(default)]
    pub(crate) any_method: bool,
    #[serde(default)]
    pub(crate) refused: Vec<RefusedPath>,
}

/// A wrong request at an endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusedPath {
    pub(crate) method: Option<String>,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) body: String,
    pub(crate) status: u16,
    /// Part of the text of the answer.
    #[serde(default)]
    pub(crate) text: String,
}

fn get() -> String {
    "GET".to_owned()
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    let texts = [include_str!("surface/endpoints.toml"), include_str!("surface/front.toml")];
    let read = |text| toml::from_str::<Endpoints>(text).unwrap_or_else(|error| panic!("{error}"));
    texts.into_iter().flat_map(|text| read(text).endpoint).collect()
}

#[derive(Debug, Deserialize)]
struct Events {
    event: Vec<Event>,
}

/// One type of event.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) api: Api,
    pub(crate) r#type: String,
}

pub(crate) fn events() -> Vec<Event> {
    let text = include_str!("surface/events.toml");
    toml::from_str::<Events>(text).unwrap_or_else(|error| panic!("events: {error}")).event
}

#[derive(Debug, Deserialize)]
struct Metrics {
    metric: Vec<Metric>,
}

/// One name of a metric, or a pattern with a star.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metric {
    pub(crate) on: Api,
    pub(crate) name: String,
}

pub(crate) fn metrics() -> Vec<Metric> {
    let text = include_str!("surface/metrics.toml");
    toml::from_str::<Metrics>(text).unwrap_or_else(|error| panic!("metrics: {error}")).metric
}
