//! One run: its hosts and links, frameworks, what operators were told and what was seen.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cli::api::Master;
use daemon::http::REGISTRY_UNAVAILABLE_SINCE;
use daemon::http::client::Client;
use tokio::time::timeout;
use wire::ebb::{DrainStatus, Reachability};
use wire::media::MediaType;
use wire::v1::{DrainInfo, DrainState};

use crate::clock;
use crate::hosts::{Host, Kind};
use crate::job::Diary;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::net::{Net, OPS};
use crate::plan::Cast;
use crate::processes::{self, Process};
use crate::rules::{Disturbance, Facts};
use crate::service::{Manner, Service, Task};

const ANSWER_LIMIT_BYTES: usize = 16 << 20;
/// Longest wait for an answer of a master.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(4);

/// How a run is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) length: Duration,
    pub(crate) seed: u64,
    pub(crate) cast: Cast,
}

/// When a process of a task was seen.
#[derive(Clone, Debug)]
struct Sighting {
    task: String,
    gone: Option<Duration>,
}

/// Processes of tasks that were ever seen.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    seen: BTreeMap<(i32, u64), Sighting>,
}

impl Sightings {
    /// What one look at `/proc` showed, which was over at `at`.
    pub(crate) fn look(&mut self, at: Duration, processes: &[Process]) {
        let mut missing: Vec<(i32, u64)> =
            self.seen.iter().filter(|(_, seen)| seen.gone.is_none()).map(|(key, _)| *key).collect();
        for process in processes {
            let Some(task) = &process.task else { continue };
            let key = (process.pid, process.started);
            missing.retain(|other| *other != key);
            self.seen.entry(key).or_insert_with(|| Sighting { task: task.clone(), gone: None });
        }
        for key in missing {
            if let Some(seen) = self.seen.get_mut(&key) {
                seen.gone = Some(at);
            }
        }
    }

    /// When a process of a task was first seen to be gone.
    fn gone(&self, task: &str, pid: i32) -> Option<Duration> {
        let mut with_pid = self.seen.range((pid, 0)..=(pid, u64::MAX));
        with_pid.find(|(_, seen)| seen.task == task)?.1.gone
    }
}

/// An agent as a master shows it, wherever it lists it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) host: String,
    pub(crate) reachability: Reachability,
    pub(crate) is_out: bool,
    pub(crate) drain: Option<DrainInfo>,
    pub(crate) status: Option<DrainStatus>,
}

impl Shown {
    pub(crate) fn state(&self) -> Option<DrainState> {
        DrainState::try_from(self.drain.as_ref()?.state).ok()
    }

    pub(crate) fn show_blockers(&self) -> String {
        let blockers = self.status.iter().flat_map(|status| &status.blockers);
        let shown: Vec<&str> =
            blockers.map(|blocker| blocker.message.as_deref().unwrap_or("?")).collect();
        shown.join("; ")
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) dir: PathBuf,
    pub(crate) cast: Cast,
    pub(crate) net: Arc<Net>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) services: Vec<Arc<Service>>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) sightings: Mutex<Sightings>,
    disturbances: Mutex<BTreeMap<String, Vec<Disturbance>>>,
    counts: Mutex<BTreeMap<String, u64>>,
}

impl World {
    pub(crate) fn new(dir: &Path, net: Arc<Net>, cast: Cast) -> Arc<Self> {
        let out = dir.join("out");
        for folder in [&out, &dir.join("logs"), &dir.join("disks")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let journal = Arc::new(Journal::new(&dir.join("journal.log")));
        let hosts: Vec<Host> = names(cast)
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let (kind, flags) = if cast.is_master(index) {
                    (Kind::Master, master_flags(&net, cast))
                } else if cast.is_agent(index) {
                    (Kind::Agent, agent_flags(&net, cast, name))
                } else {
                    (Kind::Etcd, etcd_flags(&net, cast, name))
                };
                Host::new(&net, dir, name, kind, flags)
            })
            .collect();
        let masters: Vec<String> =
            hosts.iter().filter(|host| host.kind == Kind::Master).map(Host::url).collect();
        let service = |name: &str, manner| {
            Service::new(name, manner, masters.clone(), out.clone(), journal.clone())
        };
        let prompt = Manner { acknowledges_within_ms: 50, ..Manner::default() };
        let slow = Manner { acknowledges_within_ms: 3000, groups: true, ..Manner::default() };
        let fickle =
            Manner { acknowledges_within_ms: 500, groups: true, tears_down: true, is_old: false };
        let old = Manner { acknowledges_within_ms: 200, is_old: true, ..Manner::default() };
        let services = vec![
            service("prompt", prompt),
            service("slow", slow),
            service("fickle", fickle),
            service("old", old),
        ];
        Arc::new(Self {
            dir: dir.to_owned(),
            cast,
            net,
            hosts,
            journal,
            services,
            ledger: Mutex::default(),
            sightings: Mutex::default(),
            disturbances: Mutex::default(),
            counts: Mutex::default(),
        })
    }

    pub(crate) fn count(&self, what: impl Into<String>) {
        *self.counts.lock().unwrap().entry(what.into()).or_default() += 1;
    }

    pub(crate) fn counted(&self, what: &str) -> u64 {
        self.counts.lock().unwrap().get(what).copied().unwrap_or_default()
    }

    pub(crate) fn show_counts(&self) -> String {
        let counts = self.counts.lock().unwrap();
        let shown: Vec<String> =
            counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
        shown.join(", ")
    }

    pub(crate) fn agents(&self) -> impl Iterator<Item = &Host> {
        self.hosts.iter().filter(|host| host.kind == Kind::Agent)
    }

    /// The name of the host at an index of the plan.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.hosts.get(index).map_or(OPS, |host| &host.name)
    }

    /// Everything that runs on hosts now.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let numbers = self.hosts.iter().map(|host| (host.number, host.name.clone())).collect();
        processes::scan(&numbers)
    }

    /// Begins now; the answer ends it with [`World::undisturb`].
    pub(crate) fn disturb(&self, host: &str, kills_tasks: bool) -> usize {
        let mut all = self.disturbances.lock().unwrap();
        let of_host = all.entry(host.to_owned()).or_default();
        of_host.push(Disturbance { from: clock::now(), until: Duration::MAX, kills_tasks });
        of_host.len() - 1
    }

    pub(crate) fn undisturb(&self, host: &str, disturbance: usize) {
        let mut all = self.disturbances.lock().unwrap();
        all.get_mut(host).unwrap()[disturbance].until = clock::now();
    }

    pub(crate) fn masters(&self) -> Vec<Master> {
        let masters = self.hosts.iter().filter(|host| host.kind == Kind::Master);
        // A new client each time: no call waits in a connection that was cut.
        let master = |host: &Host| Master::new(Client::new(None), &host.url()).without_patience();
        masters.map(master).collect()
    }

    /// All agents, as the first master says that answers; `None` if none does.
    pub(crate) async fn read_agents(&self) -> Option<Vec<Shown>> {
        for master in self.masters() {
            if let Ok(Some(agents)) = timeout(ANSWER_LIMIT, read_agents_of(&master)).await {
                return Some(agents);
            }
        }
        None
    }

    pub(crate) fn tasks(&self) -> BTreeMap<String, Task> {
        self.services.iter().flat_map(|service| service.tasks()).collect()
    }

    /// Looks at what is known of a task.
    pub(crate) fn with_facts<T>(
        &self,
        id: &str,
        task: &Task,
        look: impl FnOnce(&Facts<'_>) -> T,
    ) -> T {
        let diary = Diary::read(&self.dir.join("out"), id);
        let gone = diary.start.and_then(|(_, pid)| self.sightings.lock().unwrap().gone(id, pid));
        let entry = self.ledger.lock().unwrap().get(&task.agent);
        let disturbances = self.disturbances.lock().unwrap();
        let disturbances = disturbances.get(&task.host).cloned().unwrap_or_default();
        look(&Facts { id, task, diary: &diary, gone, entry: &entry, disturbances: &disturbances })
    }

    /// Looks at `/proc` from time to time; ends with the run.
    pub(crate) async fn keep_looking(self: Arc<Self>) {
        loop {
            let world = self.clone();
            let look = move || {
                let processes = world.processes();
                world.sightings.lock().unwrap().look(clock::now(), &processes);
            };
            if tokio::task::spawn_blocking(look).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// All agents, as a master, or the leader it sends to, shows them; `None` if there is no answer, or one that
/// says itself that it may not be so.
pub(crate) async fn read_agents_of(master: &Master) -> Option<Vec<Shown>> {
    let call = wire::master::Call {
        r#type: Some(wire::master::call::Type::GetAgents.into()),
        ..wire::master::Call::default()
    };
    let url = format!("{}/api/v1", master.url());
    let media = MediaType::Protobuf;
    let body = Bytes::from(wire::media::encode(media, &call));
    let answer = master.client().post(&url, media.name(), media.name(), &[], body).await.ok()?;
    let reply = answer.read(ANSWER_LIMIT_BYTES).await.ok()?;
    if reply.headers.contains_key(REGISTRY_UNAVAILABLE_SINCE) {
        return None;
    }
    let answer: wire::master::Response = wire::media::decode(media, &reply.body).ok()?;
    answer.get_agents.map(shown)
}

/// Masters first.
pub(crate) fn names(cast: Cast) -> Vec<String> {
    let masters = (1..=cast.masters).map(|number| format!("master-{number}"));
    let agents = (1..=cast.agents).map(|number| format!("node-{number}"));
    masters.chain(agents).chain((1..=cast.etcd).map(|number| format!("etcd-{number}"))).collect()
}

fn master_flags(net: &Net, cast: Cast) -> Vec<String> {
    let mut flags = [
        "--agent-ping-timeout=1secs",
        "--max-agent-ping-timeouts=5",
        "--agent-reregister-timeout=1mins",
    ]
    .map(str::to_owned)
    .to_vec();
    if cast.etcd > 0 {
        let members: Vec<String> = names(cast)[cast.masters + cast.agents..]
            .iter()
            .map(|member| format!("{}:2379", net.address(member)))
            .collect();
        flags.push(format!("--registry=etcd://{}/chaos", members.join(",")));
        flags.push("--registry-lease=3secs".to_owned());
    }
    flags
}

fn etcd_flags(net: &Net, cast: Cast, name: &str) -> Vec<String> {
    let url = |name: &str, port: u16| format!("http://{}:{port}", net.address(name));
    let (client, peer) = (url(name, 2379), url(name, 2380));
    let cluster: Vec<String> = names(cast)[cast.masters + cast.agents..]
        .iter()
        .map(|member| format!("{member}={}", url(member, 2380)))
        .collect();
    vec![
        format!("--name={name}"),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster={}", cluster.join(",")),
        "--log-level=warn".to_owned(),
    ]
}

fn agent_flags(net: &Net, cast: Cast, name: &str) -> Vec<String> {
    let masters: Vec<String> = names(cast)[..cast.masters]
        .iter()
        .map(|master| format!("{}:5050", net.address(master)))
        .collect();
    vec![
        format!("--master={}", masters.join(",")),
        format!("--hostname={name}"),
        "--resources=cpus:4;mem:1024;disk:1024".to_owned(),
        "--registration-backoff-factor=100ms".to_owned(),
        // A machine with much to do must not look like an executor that is dead.
        "--executor-reregistration-timeout=10secs".to_owned(),
    ]
}

fn shown(answer: wire::master::response::GetAgents) -> Vec<Shown> {
    let reachability = |number: Option<i32>| {
        number.and_then(|number| Reachability::try_from(number).ok()).unwrap_or_default()
    };
    let present = answer.agents.into_iter().map(|agent| Shown {
        id: agent.agent_info.id.unwrap_or_default().value,
        host: agent.agent_info.hostname,
        reachability: reachability(agent.reachability),
        is_out: agent.deactivated.unwrap_or(false),
        drain: agent.drain_info,
        status: agent.drain_status,
    });
    let absent = answer.absent_agents.into_iter().map(|agent| {
        let info = agent.agent_info.unwrap_or_default();
        Shown {
            id: info.id.unwrap_or_default().value,
            host: info.hostname,
            reachability: reachability(agent.reachability),
            is_out: agent.deactivated.unwrap_or(false),
            drain: agent.drain_info,
            status: agent.drain_status,
        }
    });
    present.chain(absent).collect()
}
