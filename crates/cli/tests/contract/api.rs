//! The four APIs: where they are, and how their messages are written and read.

use serde::Deserialize;
use serde_json::Value;
use wire::media::MediaType;
use wire::table::{FieldTable, Kind, MessageTable};

/// One of the APIs under `/api/v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Api {
    Master,
    Agent,
    Scheduler,
    Executor,
}

pub(crate) const ALL: [Api; 4] = [Api::Master, Api::Agent, Api::Scheduler, Api::Executor];

impl Api {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Master | Self::Agent => "/api/v1",
            Self::Scheduler => "/api/v1/scheduler",
            Self::Executor => "/api/v1/executor",
        }
    }

    /// As it is named in refusals.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Agent => "agent",
            Self::Scheduler => "scheduler",
            Self::Executor => "executor",
        }
    }

    fn table(self) -> &'static MessageTable {
        use wire::Message;
        match self {
            Self::Master => wire::master::Call::TABLE,
            Self::Agent => wire::agent::Call::TABLE,
            Self::Scheduler => wire::scheduler::Call::TABLE,
            Self::Executor => wire::executor::Call::TABLE,
        }
    }

    /// Every type of call but `UNKNOWN`.
    pub(crate) fn types(self) -> impl Iterator<Item = &'static str> {
        types(self.table())
    }

    /// Every type of event but `UNKNOWN`.
    pub(crate) fn events(self) -> impl Iterator<Item = &'static str> {
        use wire::Message;
        types(match self {
            Self::Master => wire::master::Event::TABLE,
            Self::Agent => panic!("agents have no events"),
            Self::Scheduler => wire::scheduler::Event::TABLE,
            Self::Executor => wire::executor::Event::TABLE,
        })
    }

    /// The part that belongs to a type of call, if there is one.
    pub(crate) fn part(self, kind: &str) -> Option<&'static FieldTable> {
        let name = kind.to_ascii_lowercase();
        self.table().fields.iter().find(|field| field.name == name)
    }

    /// Writes a call that is given as JSON.
    pub(crate) fn encode(self, media: MediaType, json: &str) -> Vec<u8> {
        if media == MediaType::Json {
            return json.as_bytes().to_vec();
        }
        match self {
            Self::Master => transcode::<wire::master::Call>(json),
            Self::Agent => transcode::<wire::agent::Call>(json),
            Self::Scheduler => transcode::<wire::scheduler::Call>(json),
            Self::Executor => transcode::<wire::executor::Call>(json),
        }
    }

    /// Reads an answer as JSON, whatever it was written as.
    pub(crate) fn decode(self, media: MediaType, bytes: &[u8]) -> Value {
        if media == MediaType::Json {
            return serde_json::from_slice(bytes).unwrap();
        }
        match self {
            Self::Master => reveal::<wire::master::Response>(bytes),
            Self::Agent => reveal::<wire::agent::Response>(bytes),
            Self::Scheduler => reveal::<wire::scheduler::Response>(bytes),
            Self::Executor => panic!("executors get no answers but streams"),
        }
    }

    /// Reads an event as JSON, whatever it was written as.
    pub(crate) fn event(self, media: MediaType, bytes: &[u8]) -> Value {
        if media == MediaType::Json {
            return serde_json::from_slice(bytes).unwrap();
        }
        match self {
            Self::Master => reveal::<wire::master::Event>(bytes),
            Self::Agent => reveal::<wire::agent::ProcessIo>(bytes),
            Self::Scheduler => reveal::<wire::scheduler::Event>(bytes),
            Self::Executor => reveal::<wire::executor::Event>(bytes),
        }
    }
}

fn types(table: &'static MessageTable) -> impl Iterator<Item = &'static str> {
    let kind = table.fields.iter().find(|field| field.name == "type").unwrap().kind;
    let Kind::Enum(table) = kind else { panic!("the type of {} is {kind:?}", table.name) };
    table.values.iter().map(|(name, _)| *name).filter(|name| *name != "UNKNOWN")
}

fn transcode<T: wire::Message>(json: &str) -> Vec<u8> {
    let message: T = wire::json::from_slice(json.as_bytes())
        .unwrap_or_else(|error| panic!("no {}: {error}: {json}", T::TABLE.name));
    wire::protobuf::encode(&message)
}

fn reveal<T: wire::Message>(bytes: &[u8]) -> Value {
    let message: T = wire::protobuf::decode(bytes)
        .unwrap_or_else(|error| panic!("no {}: {error}: {bytes:?}", T::TABLE.name));
    serde_json::from_str(&wire::json::to_string(&message)).unwrap()
}
