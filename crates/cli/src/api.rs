//! The operator APIs of masters and agents, as the commands use them.

use std::future::Future;

use daemon::http::REGISTRY_UNAVAILABLE_SINCE;
use daemon::http::client::{Client, ClientError, Reply};
use wire::master::call::{self, Type};
use wire::master::{Call, Response, response};
use wire::media::MediaType;
use wire::v1::AgentId;

use crate::masters::{Masters, Repeat};

/// Longest answer read: the state of a large cluster.
const ANSWER_LIMIT_BYTES: usize = 1 << 30;

const PATH: &str = "/api/v1";

/// The operator API of the master that leads.
#[derive(Clone, Debug)]
pub struct Master {
    client: Client,
    masters: Masters,
}

impl Master {
    /// `url` is `http://host:port`.
    pub fn new(client: Client, url: &str) -> Self {
        Self::of_several(client, vec![url.trim_end_matches('/').to_owned()])
    }

    /// `urls` are `http://host:port` of each master, at least one.
    pub fn of_several(client: Client, urls: Vec<String>) -> Self {
        Self { client, masters: Masters::new(urls) }
    }

    /// The same, for callers that repeat a call by themselves: a call is over when all were asked once.
    #[must_use]
    pub fn without_patience(&self) -> Self {
        Self { client: self.client.clone(), masters: self.masters.without_patience() }
    }

    /// The master that took the last call.
    pub fn url(&self) -> String {
        self.masters.leader()
    }

    pub fn masters(&self) -> &Masters {
        &self.masters
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Any call that may be made twice; the type is filled in. An answer without body reads as an empty
    /// response.
    pub fn call(
        &self,
        kind: Type,
        call: Call,
    ) -> impl Future<Output = Result<Response, ClientError>> + Send + '_ {
        self.call_with(Repeat::Harmless, kind, call)
    }

    // Calls are large structs, which are not to live in every future that makes one.
    fn call_with(
        &self,
        repeat: Repeat,
        kind: Type,
        call: Call,
    ) -> impl Future<Output = Result<Response, ClientError>> + Send + '_ {
        let call = Box::new(Call { r#type: Some(kind.into()), ..call });
        async move {
            let reply = self.ask(repeat, &call).await?;
            if let Some(since) = reply.headers.get(REGISTRY_UNAVAILABLE_SINCE) {
                self.masters.warn_of_registry(&String::from_utf8_lossy(since.as_bytes()));
            }
            decode(&reply.url, &reply.body)
        }
    }

    async fn ask(&self, repeat: Repeat, call: &Call) -> Result<Reply, ClientError> {
        let body = bytes::Bytes::from(wire::media::encode(MediaType::Protobuf, call));
        let mut search = self.masters.search(repeat);
        loop {
            let url = search.next().await?;
            let asked = format!("{url}{PATH}");
            let answered = self.client.attempt(&asked, body.clone(), &mut search.silent).await;
            let read = match answered {
                Ok(answer) => answer.read(ANSWER_LIMIT_BYTES).await,
                Err(error) => Err(error),
            };
            match read {
                Ok(reply) => {
                    self.masters.found(&reply.url, PATH);
                    return Ok(reply);
                }
                Err(error) => search.failed(&url, error)?,
            }
        }
    }

    /// A call whose answer has no body.
    fn tell(
        &self,
        kind: Type,
        call: Call,
    ) -> impl Future<Output = Result<(), ClientError>> + Send + '_ {
        let answer = self.call(kind, call);
        async move { answer.await.map(drop) }
    }

    pub async fn agents(&self) -> Result<response::GetAgents, ClientError> {
        let answer = self.call(Type::GetAgents, Call::default()).await?;
        Ok(answer.get_agents.unwrap_or_default())
    }

    pub async fn tasks(&self) -> Result<response::GetTasks, ClientError> {
        let answer = self.call(Type::GetTasks, Call::default()).await?;
        Ok(answer.get_tasks.unwrap_or_default())
    }

    /// Agents, tasks and frameworks at one moment, as one master knows them.
    pub async fn state(&self) -> Result<response::GetState, ClientError> {
        let answer = self.call(Type::GetState, Call::default()).await?;
        Ok(answer.get_state.unwrap_or_default())
    }

    pub async fn frameworks(&self) -> Result<response::GetFrameworks, ClientError> {
        let answer = self.call(Type::GetFrameworks, Call::default()).await?;
        Ok(answer.get_frameworks.unwrap_or_default())
    }

    pub fn drain_agent(
        &self,
        drain_agent: call::DrainAgent,
    ) -> impl Future<Output = Result<(), ClientError>> + Send + '_ {
        let call = Call { drain_agent: Some(drain_agent), ..Call::default() };
        self.tell(Type::DrainAgent, call)
    }

    pub fn deactivate_agent(
        &self,
        agent_id: AgentId,
        reason: Option<String>,
        requested_by: Option<String>,
    ) -> impl Future<Output = Result<(), ClientError>> + Send + '_ {
        let deactivate_agent = Some(call::DeactivateAgent { agent_id, reason, requested_by });
        self.tell(Type::DeactivateAgent, Call { deactivate_agent, ..Call::default() })
    }

    pub fn reactivate_agent(
        &self,
        agent_id: AgentId,
    ) -> impl Future<Output = Result<(), ClientError>> + Send + '_ {
        let reactivate_agent = Some(call::ReactivateAgent { agent_id });
        let call = Call { reactivate_agent, ..Call::default() };
        // Once more would be refused, or undo a drain that somebody began meanwhile.
        let answer = self.call_with(Repeat::Never, Type::ReactivateAgent, call);
        async move { answer.await.map(drop) }
    }

    pub fn mark_agent_gone(
        &self,
        agent_id: AgentId,
    ) -> impl Future<Output = Result<(), ClientError>> + Send + '_ {
        let mark_agent_gone = Some(call::MarkAgentGone { agent_id });
        self.tell(Type::MarkAgentGone, Call { mark_agent_gone, ..Call::default() })
    }
}

/// An agent's own operator API.
#[derive(Clone, Debug)]
pub struct Agent {
    client: Client,
    url: String,
}

impl Agent {
    /// `address` is `host:port`.
    pub fn new(client: Client, address: &str) -> Self {
        Self { client, url: format!("http://{address}/api/v1") }
    }

    async fn call(
        &self,
        kind: wire::agent::call::Type,
        call: wire::agent::Call,
    ) -> Result<wire::agent::Response, ClientError> {
        let call = wire::agent::Call { r#type: Some(kind.into()), ..call };
        let reply = self.client.call(&self.url, &[], &call, ANSWER_LIMIT_BYTES).await?;
        decode(&reply.url, &reply.body)
    }

    pub async fn flags(&self) -> Result<Vec<wire::v1::Flag>, ClientError> {
        let answer = self.call(wire::agent::call::Type::GetFlags, wire::agent::Call::default());
        Ok(answer.await?.get_flags.unwrap_or_default().flags)
    }

    /// The entries of a folder, or the one file that `path` names.
    pub async fn list_files(&self, path: &str) -> Result<Vec<wire::v1::FileInfo>, ClientError> {
        let list_files = Some(wire::agent::call::ListFiles { path: path.to_owned() });
        let call = wire::agent::Call { list_files, ..wire::agent::Call::default() };
        let answer = self.call(wire::agent::call::Type::ListFiles, call).await?;
        Ok(answer.list_files.unwrap_or_default().file_infos)
    }

    /// The size of the file and a piece of it from `offset`.
    pub async fn read_file(
        &self,
        path: &str,
        offset: u64,
        length: Option<u64>,
    ) -> Result<(u64, bytes::Bytes), ClientError> {
        let read_file = Some(wire::agent::call::ReadFile { path: path.to_owned(), offset, length });
        let call = wire::agent::Call { read_file, ..wire::agent::Call::default() };
        let answer = self.call(wire::agent::call::Type::ReadFile, call).await?;
        let read = answer.read_file.unwrap_or_default();
        Ok((read.size, read.data))
    }
}

fn decode<T: wire::Message + Default>(url: &str, body: &[u8]) -> Result<T, ClientError> {
    if body.is_empty() {
        return Ok(T::default());
    }
    wire::media::decode(MediaType::Protobuf, body)
        .map_err(|error| ClientError::Garbled { url: url.to_owned(), cause: error.to_string() })
}
