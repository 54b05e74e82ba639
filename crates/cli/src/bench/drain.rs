//! `ebb bench drain`: from the request until the agent is known to be drained.

use std::time::{Duration, Instant};

use daemon::http::client::Client;
use tempfile::TempDir;
use wire::v1::{AgentId, DrainState};

use super::report::{Aim, Figure};
use super::service::{Service, sleeper};
use super::{BenchError, memory, one_agent};
use crate::api::Master;
use crate::cluster::{Cluster, Who};

/// Processes, the aim in milliseconds, and what Mesos needs.
const CASES: [(usize, f64, f64); 3] = [(1, 4.0, 42.0), (10, 12.0, 147.0), (50, 40.0, 428.0)];
/// Runs before those that count.
const WARM_UP: usize = 2;
/// Between looks at the drain: often enough to see its end at once, and not so often that the master
/// has no time for anything else.
const PAUSE: Duration = Duration::from_micros(200);
/// A drain of processes that end at once and takes longer does not work.
const LIMIT: Duration = Duration::from_mins(1);

pub(super) async fn measure(dir: &TempDir, runs: usize) -> Result<Vec<Figure>, BenchError> {
    let cluster = one_agent(dir.path()).await?;
    let agent = agent_id(&cluster).await?;
    let mut service = Service::subscribe(cluster.client().clone(), &cluster.master_url()).await?;
    let mut figures = Vec::new();
    for (count, aim, mesos) in CASES {
        let mut times = Vec::new();
        for run in 0..WARM_UP + runs {
            let offer = service.offer().await?;
            let make = |number| sleeper(number, &offer.agent_id);
            service.launch(offer.clone(), count, make).await?;
            service.all_running().await?;
            let took = drained(&cluster.api(), &mut service, &agent, PAUSE).await?;
            service.all_ended().await?;
            if run >= WARM_UP {
                times.push(took.as_secs_f64() * 1000.0);
            }
            no_process_left(&cluster).await?;
            cluster.api().reactivate_agent(agent.clone()).await?;
        }
        let what = if count == 1 { "process" } else { "processes" };
        let figure = Figure::new(format!("drain of {count} {what}"), "ms", times);
        figures.push(figure.aim(Aim::AtMost(aim)).mesos(mesos));
    }
    service.teardown().await?;
    cluster.stop().await?;
    Ok(figures)
}

pub(super) async fn agent_id(cluster: &Cluster) -> Result<AgentId, BenchError> {
    let id = cluster.agent_id(Who::Agent(0)).await;
    id.ok_or_else(|| BenchError::broken("the agent is not registered"))
}

/// Drains the agent while the service goes on; the time from the request to the answer that says so.
/// Looks at the agent `pause` apart.
pub(super) async fn drained(
    api: &Master,
    service: &mut Service,
    agent: &AgentId,
    pause: Duration,
) -> Result<Duration, BenchError> {
    let (done, watched) = tokio::sync::oneshot::channel();
    let (url, agent) = (api.url(), agent.clone());
    // Its own thread: the runtime's clock ticks once in a millisecond, and the service must not wait.
    let watcher = std::thread::spawn(move || {
        // The one who waits is gone only if the service has failed.
        drop(done.send(super::block_on_here(watch(&url, &agent, pause))));
    });
    let serve = async {
        loop {
            service.step().await?;
        }
    };
    let took = tokio::select! {
        took = watched => took.unwrap_or_else(|_| Err(BenchError::broken("the watcher ended"))),
        broken = serve => broken,
    };
    watcher.join().map_err(|_| BenchError::broken("the watcher panicked"))?;
    took
}

async fn watch(url: &str, agent: &AgentId, pause: Duration) -> Result<Duration, BenchError> {
    let api = Master::new(Client::new(None), url);
    // The connection is open before the clock starts.
    is_drained(&api, agent).await?;
    let began = Instant::now();
    api.drain_agent(wire::master::call::DrainAgent {
        agent_id: agent.clone(),
        ..Default::default()
    })
    .await?;
    while !is_drained(&api, agent).await? {
        if began.elapsed() > LIMIT {
            return Err(BenchError::broken(format!("no DRAINED within {LIMIT:?}")));
        }
        std::thread::sleep(pause);
    }
    Ok(began.elapsed())
}

async fn is_drained(api: &Master, agent: &AgentId) -> Result<bool, BenchError> {
    let answer = api.agents().await?;
    let drain = answer
        .agents
        .iter()
        .find(|one| one.agent_info.id.as_ref() == Some(agent))
        .and_then(|one| one.drain_info.as_ref());
    Ok(drain.is_some_and(|drain| drain.state == i32::from(DrainState::Drained)))
}

/// Waits until the executors of ended tasks have gone, so that they are not part of the next run.
async fn no_process_left(cluster: &Cluster) -> Result<(), BenchError> {
    let agent = cluster.member(Who::Agent(0)).pid();
    let agent = agent.ok_or_else(|| BenchError::broken("the agent has ended"))?;
    let began = Instant::now();
    while !memory::below(agent)?.children.is_empty() {
        if began.elapsed() > LIMIT {
            return Err(BenchError::broken("executors did not end"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}
