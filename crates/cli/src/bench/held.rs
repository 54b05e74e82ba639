//! `ebb bench tasks`: one agent with very many tasks, held by a few custom executors.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::drain::{agent_id, drained};
use super::report::{Aim, Figure};
use super::service::{Service, custom_executor, held};
use super::{BenchError, memory, one_agent};
use crate::cluster::{Cluster, Who};

const TASKS: usize = 10_000;
const EXECUTORS: usize = 20;
/// Between looks at the drain, so that looking is not what is measured.
const PAUSE: Duration = Duration::from_millis(20);

pub(super) async fn measure(dir: &TempDir, runs: usize) -> Result<Vec<Figure>, BenchError> {
    let program = std::env::current_exe()
        .map_err(|error| BenchError::broken(format!("cannot find this program: {error}")))?;
    let program = program.display().to_string();
    let (mut launches, mut drains) = (Vec::new(), Vec::new());
    let (mut agents, mut masters) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let cluster = one_agent(&dir.path().join(run.to_string())).await?;
        let client = cluster.client().clone();
        let mut service = Service::subscribe(client, &cluster.master_url()).await?;
        let framework = service.framework_id().clone();
        let offer = service.offer().await?;
        let agent = offer.agent_id.clone();

        let began = Instant::now();
        let make = |number: usize| {
            held(number, &agent, custom_executor(number % EXECUTORS, &framework, &program))
        };
        service.launch(offer, TASKS, make).await?;
        service.all_running().await?;
        launches.push(began.elapsed().as_secs_f64());
        agents.push(resident(&cluster, Who::Agent(0))?);
        masters.push(resident(&cluster, Who::Master)?);

        let agent = agent_id(&cluster).await?;
        let took = drained(&cluster.api(), &mut service, &agent, PAUSE).await?;
        drains.push(took.as_secs_f64());
        service.all_ended().await?;
        service.teardown().await?;
        cluster.stop().await?;
    }
    Ok(vec![
        Figure::new(format!("{TASKS} tasks running"), "s", launches)
            .aim(Aim::AtMost(5.0))
            .mesos(54.0),
        Figure::new(format!("{TASKS} tasks drained"), "s", drains)
            .aim(Aim::AtMost(2.0))
            .mesos(26.5),
        Figure::new("agent with them", "MiB", agents).aim(Aim::AtMost(110.0)).mesos(1164.0),
        Figure::new("master with them", "MiB", masters).aim(Aim::AtMost(60.0)).mesos(120.0),
    ])
}

fn resident(cluster: &Cluster, who: Who) -> Result<f64, BenchError> {
    let pid = cluster.member(who).pid();
    memory::resident_mib(pid.ok_or_else(|| BenchError::broken("a daemon has ended"))?)
}
