//! `ebb bench launch`: many processes from one offer, and what each costs besides itself.

use std::time::Instant;

use tempfile::TempDir;

use super::report::{Aim, Figure};
use super::service::{Service, sleeper};
use super::{BenchError, memory, one_agent};
use crate::cluster::Who;

const TASKS: usize = 100;

pub(super) async fn measure(dir: &TempDir, runs: usize) -> Result<Vec<Figure>, BenchError> {
    let (mut times, mut sizes, mut processes) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs {
        let cluster = one_agent(&dir.path().join(run.to_string())).await?;
        let client = cluster.client().clone();
        let mut service = Service::subscribe(client, &cluster.master_url()).await?;
        let offer = service.offer().await?;
        let agent = offer.agent_id.clone();

        let began = Instant::now();
        service.launch(offer, TASKS, |number| sleeper(number, &agent)).await?;
        service.all_running().await?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);

        let pid = cluster.member(Who::Agent(0)).pid();
        let below = memory::below(pid.ok_or_else(|| BenchError::broken("the agent has ended"))?)?;
        let mut mib = 0.0;
        for child in &below.children {
            mib += memory::proportional_mib(*child)?;
        }
        let tasks = f64::from(u32::try_from(TASKS).unwrap_or(u32::MAX));
        let all = below.children.len() + below.further.len();
        sizes.push(mib / tasks);
        let besides = u32::try_from(all.saturating_sub(TASKS)).unwrap_or(u32::MAX);
        processes.push(f64::from(besides) / tasks);
        service.teardown().await?;
        cluster.stop().await?;
    }
    Ok(vec![
        Figure::new(format!("{TASKS} processes running"), "ms", times)
            .aim(Aim::AtMost(800.0))
            .mesos(10_000.0),
        Figure::new("memory per task", "MiB", sizes).aim(Aim::AtMost(3.0)).mesos(11.4),
        Figure::new("processes per task", "", processes).aim(Aim::AtMost(2.0)).mesos(3.0),
    ])
}
