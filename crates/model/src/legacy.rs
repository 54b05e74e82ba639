//! The JSON of the older endpoints (`/state`, `/slaves`, `/tasks` …), entity by entity.
//!
//! It is neither that of the v1 API nor generated from messages: names, nesting and what is left out are
//! their own. Everything here is borrowed and written as a stream; the cores say what there is, the shell adds
//! what only the process knows.
// Mesos: the writers of `common/http.cpp`, `master/readonly_handler.cpp` and `slave/http.cpp`.

mod agent;
mod executor;
mod network;
mod task;

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

pub use agent::{AgentCore, Domain, attributes, capabilities};
pub use executor::{Command, Executor, executor_kind};
pub use network::ContainerStatus;
pub use task::{Status, Task};

/// A message as it is in the JSON of the v1 API, inside of what isn't.
#[derive(Clone, Debug)]
pub struct Raw(Box<RawValue>);

impl Raw {
    pub fn new(message: &impl wire::Message) -> Self {
        let text = wire::json::to_string(message);
        Self(RawValue::from_string(text).expect("messages are written as JSON"))
    }

    /// Each of several.
    pub fn all(messages: &[impl wire::Message]) -> Vec<Self> {
        messages.iter().map(Self::new).collect()
    }

    /// Labels are a plain list.
    pub fn labels(labels: Option<&wire::v1::Labels>) -> Option<Vec<Self>> {
        labels.map(|labels| Self::all(&labels.labels))
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What an iterator gives, as a list; the iterator is made anew each time it is written.
#[derive(Clone, Copy, Debug)]
pub struct List<F>(pub F);

impl<F, I> Serialize for List<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// A list that is always empty: clients still look for it.
pub const NOTHING: [(); 0] = [];
