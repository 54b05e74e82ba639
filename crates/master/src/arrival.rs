//! An agent's `Hello`, read and checked.

use model::validate::id;
use model::{AgentId, Refusal, Resources};

use crate::state::Address;
use crate::tasks::Reported;

/// The one version of the link protocol this master speaks.
const PROTOCOL_VERSION: u32 = 1;
/// What a `Hello` may say of texts that the registry keeps.
const MAX_TEXT_BYTES: usize = 1024;

/// What a `Hello` said, checked as far as that goes without looking at the cluster.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Without it the agent asks to be admitted.
    pub(crate) id: Option<AgentId>,
    pub(crate) info: wire::v1::AgentInfo,
    pub(crate) total: Resources,
    pub(crate) ip: String,
    pub(crate) version: String,
    pub(crate) capabilities: Vec<wire::v1::agent_info::Capability>,
    pub(crate) machine_id: Option<String>,
    pub(crate) admission_key: Option<String>,
    pub(crate) drain: Option<wire::link::AgentDrain>,
    pub(crate) reported: Reported,
}

impl Arrival {
    /// `peer_ip` stands in for an address the agent did not give.
    ///
    /// # Errors
    /// What is wrong, in the words the agent's operator gets to read.
    pub(crate) fn read(hello: wire::link::Hello, peer_ip: String) -> Result<Self, Refusal> {
        let version = hello.protocol_version.unwrap_or(0);
        if version != PROTOCOL_VERSION {
            return Err(Refusal::bad_request(format!(
                "The agent speaks version {version} of the link protocol, this master speaks \
                 version {PROTOCOL_VERSION}"
            )));
        }
        let info = hello
            .agent_info
            .ok_or_else(|| Refusal::bad_request("Expecting 'agent_info' to be present"))?;
        let ip = hello.ip.filter(|ip| !ip.is_empty()).unwrap_or(peer_ip);
        if info.hostname.is_empty() {
            return Err(Refusal::bad_request("The agent's hostname must not be empty"));
        }
        let texts = [&hello.version, &hello.machine_id, &hello.admission_key].map(Option::as_ref);
        for text in [Some(&info.hostname), Some(&ip)].into_iter().chain(texts) {
            if text
                .is_some_and(|text| text.len() > MAX_TEXT_BYTES || text.contains(char::is_control))
            {
                return Err(Refusal::bad_request(
                    "The agent's hostname, address, version, machine id and admission key must be \
                     short plain text",
                ));
            }
        }
        if let Some(agent_id) = &info.id {
            id::check(&agent_id.value)
                .map_err(|why| Refusal::bad_request(format!("Invalid agent ID: {why}")))?;
        }
        let has_own_total = !hello.total_resources.is_empty();
        let total = if has_own_total { &hello.total_resources } else { &info.resources };
        let total = Resources::from_wire(total)
            .map_err(|why| Refusal::bad_request(format!("Invalid resources: {why}")))?
            .unallocated();
        Ok(Self {
            id: info.id.as_ref().map(AgentId::from),
            info,
            total,
            ip,
            version: hello.version.unwrap_or_default(),
            capabilities: hello.capabilities,
            machine_id: hello.machine_id,
            admission_key: hello.admission_key.filter(|key| !key.is_empty()),
            drain: hello.drain,
            reported: Reported {
                tasks: hello.tasks,
                executors: hello.executors,
                frameworks: hello.frameworks,
                operations: hello.operations,
            },
        })
    }

    pub(crate) fn address(&self) -> Address {
        Address {
            hostname: self.info.hostname.clone(),
            ip: self.ip.clone(),
            port: self.info.port(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> wire::link::Hello {
        wire::link::Hello {
            protocol_version: Some(1),
            agent_info: Some(wire::v1::AgentInfo { hostname: "h".into(), ..Default::default() }),
            ..Default::default()
        }
    }

    /// Every malformed `Hello` is turned down with a reason; a plain one is read.
    #[test]
    fn malformed_hellos_are_turned_down_with_a_reason() {
        let read = |change: fn(&mut wire::link::Hello)| {
            let mut hello = hello();
            change(&mut hello);
            Arrival::read(hello, "10.0.0.1".into()).map_err(|refusal| refusal.text)
        };
        let info = |hello: &mut wire::link::Hello| hello.agent_info.clone().unwrap();

        assert_eq!(read(|_| ()).unwrap().address().ip, "10.0.0.1");
        let refused = |change| read(change).unwrap_err();
        assert!(refused(|hello| hello.protocol_version = Some(2)).contains("version 2"));
        assert!(refused(|hello| hello.protocol_version = None).contains("version 0"));
        assert!(refused(|hello| hello.agent_info = None).contains("agent_info"));
        assert!(
            refused(|hello| hello.agent_info.as_mut().unwrap().hostname.clear())
                .contains("hostname")
        );
        assert!(refused(|hello| hello.machine_id = Some("x".repeat(5000))).contains("short"));
        assert!(refused(|hello| hello.ip = Some("\n".into())).contains("plain"));
        let with_id = |value: &str| {
            let mut hello = hello();
            let mut agent = info(&mut hello);
            agent.id = Some(wire::v1::AgentId { value: value.into() });
            hello.agent_info = Some(agent);
            Arrival::read(hello, String::new())
        };
        assert!(with_id("a/b").unwrap_err().text.starts_with("Invalid agent ID"));
        assert!(with_id("").is_err());
        assert_eq!(with_id("m-S1").unwrap().id, Some(AgentId::new("m-S1")));
    }
}
