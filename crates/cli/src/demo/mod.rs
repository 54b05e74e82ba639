//! `ebb demo`: the tour. Everything it says has been checked; the first thing that isn't so ends it.

mod checks;
mod timeline;
mod workload;

use std::io::Write;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use wire::master::call::DrainAgent;
use wire::master::response::get_agents::Agent;
use wire::v1::{DrainState, TaskState};

use self::timeline::Line;
use self::workload::{Kind, Task, Workload};
use crate::cluster::{Cluster, Options, Who};
use crate::exit::Failure;

/// Bound of each step; none takes a tenth of it.
const LIMIT: Duration = Duration::from_mins(1);
/// What the operator of the demo allows each task.
const MAX_GRACE: Duration = Duration::from_secs(10);
/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Where the demo is, for its checks.
struct Demo<'a> {
    cluster: Cluster,
    workload: Workload,
    /// Agent ids, in the order of the nodes.
    agents: Vec<String>,
    out: &'a mut dyn Write,
}

/// Runs the tour in a temporary directory and removes it if all went well.
///
/// # Errors
/// The first thing that was not as it should be. The directory is kept and named.
pub async fn run(mut options: Options, out: &mut dyn Write) -> Result<(), Failure> {
    options.agents = 3;
    let dir = options.dir.clone();
    let outcome = tour(options, out).await;
    match outcome {
        Ok(()) => std::fs::remove_dir_all(&dir)
            .map_err(|error| Failure::error(format!("cannot remove {}: {error}", dir.display()))),
        Err(failure) => {
            let logs = dir.join("logs");
            Err(failure.hint(format!("data and logs are kept; see {}", logs.display())))
        }
    }
}

async fn tour(options: Options, out: &mut dyn Write) -> Result<(), Failure> {
    say(out, "Ebb demo: a cluster on this machine, real processes, real drains.\n")?;
    let begun = Instant::now();
    let cluster = Cluster::start(options).await.map_err(|e| Failure::error(e.to_string()))?;
    let took = timeline::seconds(begun.elapsed());
    say(out, &format!("1. Cluster   one master, three agents, ready after {took}"))?;
    say(out, &format!("             operator API at {}", cluster.master_url()))?;

    let mut agents = Vec::new();
    for index in 0..cluster.agents() {
        let id = cluster.agent_id(Who::Agent(index)).await;
        agents.push(id.ok_or_else(|| Failure::error("an agent is not registered"))?.value);
    }
    let workload = Workload::subscribe(cluster.client().clone(), &cluster.master_url()).await?;
    let mut demo = Demo { cluster, workload, agents, out };
    demo.launch().await?;
    demo.drain_busiest().await?;
    demo.reactivate().await?;
    demo.decommission().await?;
    demo.stop().await
}

impl Demo<'_> {
    fn say(&mut self, line: &str) -> Result<(), Failure> {
        say(self.out, line)
    }

    /// Lets the workload go on until `done`.
    async fn until(&mut self, what: &str, done: impl Fn(&Workload) -> bool) -> Result<(), Failure> {
        let waited = timeout(LIMIT, async {
            while !done(&self.workload) {
                self.workload.step().await?;
            }
            Ok::<_, Failure>(())
        });
        waited.await.map_err(|_| Failure::error(format!("{what} took over {LIMIT:?}")))?
    }

    async fn agent(&self, id: &str) -> Result<Option<Agent>, Failure> {
        let agents = self.cluster.api().agents().await?.agents;
        Ok(agents.into_iter().find(|agent| {
            agent.agent_info.id.as_ref().is_some_and(|agent_id| agent_id.value == id)
        }))
    }

    async fn launch(&mut self) -> Result<(), Failure> {
        let agents = self.agents.clone();
        let busiest = [Kind::Prompt, Kind::Prompt, Kind::Slow, Kind::Stubborn, Kind::Family];
        self.workload.plan(&agents[0], &busiest).await?;
        self.workload.plan(&agents[1], &[Kind::Prompt, Kind::Family]).await?;
        self.workload.plan(&agents[2], &[Kind::Prompt]).await?;
        self.until("the launch", |workload| {
            workload.is_all_launched()
                && workload.tasks.values().all(|task| task.state == TaskState::TaskRunning)
        })
        .await?;
        self.say(&format!("\n2. Workload  {} tasks run:", self.workload.tasks.len()))?;
        for kind in Kind::ALL {
            let count = self.workload.tasks.values().filter(|task| task.kind == kind).count();
            self.say(&format!("             {count} x {:9} {}", kind.name(), kind.what()))?;
        }
        let containers = self.containers(&agents[0]);
        let processes = checks::await_processes(&containers, busiest.len() * 2, LIMIT).await?;
        let count = self.workload.on(&agents[0]).count();
        self.say(&format!("             node-1 has {count} tasks and {processes} processes"))
    }

    /// Ids of the containers whose tasks ran or run on an agent.
    fn containers(&self, agent: &str) -> Vec<String> {
        self.workload.on(agent).filter_map(|(_, task)| task.container.clone()).collect()
    }

    async fn drain_busiest(&mut self) -> Result<(), Failure> {
        let id = self.agents[0].clone();
        self.say("\n3. Drain     ebb node drain node-1 --max-grace-period=10s --wait\n")?;
        let begun = Instant::now();
        self.request_drain(&id, false).await?;
        self.follow(&id, begun, |agent| {
            let state = agent.and_then(|agent| agent.drain_info.as_ref()).map(|info| info.state);
            state == Some(i32::from(DrainState::Drained))
        })
        .await?;
        let took = begun.elapsed();

        let tasks: Vec<(String, Task)> =
            self.workload.on(&id).map(|(name, task)| (name.clone(), task.clone())).collect();
        checks::ended_by_drain(&tasks, begun)?;
        checks::none_left(&self.containers(&id))?;
        let mut lines: Vec<Line> =
            tasks.iter().map(|(name, task)| line(name, task, begun)).collect();
        lines.sort_by_key(|line| line.until);
        self.say(&format!(
            "\n   DRAINED after {}. Where the time went:\n",
            timeline::seconds(took)
        ))?;
        let drawn = timeline::draw(&lines, took);
        self.say(drawn.trim_end())?;
        self.say(
            "\n   Checked: every task ended in its time, every update is acknowledged, no process",
        )?;
        self.say("   of any task is left on the node, the agent itself has confirmed it.")
    }

    async fn request_drain(&self, id: &str, mark_gone: bool) -> Result<(), Failure> {
        let grace = i64::try_from(MAX_GRACE.as_secs()).expect("seconds");
        let request = DrainAgent {
            agent_id: wire::v1::AgentId { value: id.to_owned() },
            max_grace_period: Some(wire::google::Duration {
                seconds: grace,
                ..wire::google::Duration::default()
            }),
            mark_gone: Some(mark_gone),
            reason: Some("demo".to_owned()),
            ..DrainAgent::default()
        };
        Ok(self.cluster.api().drain_agent(request).await?)
    }

    /// Says how a drain gets on until it is `done`.
    async fn follow(
        &mut self,
        id: &str,
        begun: Instant,
        done: impl Fn(Option<&Agent>) -> bool,
    ) -> Result<(), Failure> {
        let mut said = String::new();
        loop {
            let agent = self.agent(id).await?;
            if done(agent.as_ref()) {
                return Ok(());
            }
            if begun.elapsed() > LIMIT {
                return Err(Failure::error(format!("the drain took over {LIMIT:?}: {said}")));
            }
            let progress = agent.as_ref().map(progress).unwrap_or_default();
            if progress != said {
                self.say(&format!("   {:>7}  {progress}", timeline::seconds(begun.elapsed())))?;
                said = progress;
            }
            // Acknowledges what comes in meanwhile.
            let pause = sleep(LOOK);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    stepped = self.workload.step() => stepped?,
                }
            }
        }
    }

    async fn reactivate(&mut self) -> Result<(), Failure> {
        let id = self.agents[0].clone();
        self.cluster.api().reactivate_agent(wire::v1::AgentId { value: id.clone() }).await?;
        let begun = Instant::now();
        let before = self.workload.on(&id).count();
        self.workload.plan(&id, &[Kind::Prompt, Kind::Prompt]).await?;
        self.until("the return of node-1", |workload| {
            let new = workload.on(&id).count() == before + 2;
            new && workload.on(&id).filter(|(_, t)| t.state == TaskState::TaskRunning).count() == 2
        })
        .await?;
        let took = timeline::seconds(begun.elapsed());
        self.say(&format!(
            "\n4. Back      ebb node reactivate node-1: two new tasks run there after {took}"
        ))
    }

    async fn decommission(&mut self) -> Result<(), Failure> {
        let id = self.agents[1].clone();
        self.say("\n5. Farewell  ebb node drain node-2 --decommission\n")?;
        let begun = Instant::now();
        self.request_drain(&id, true).await?;
        self.follow(&id, begun, |agent| agent.is_none()).await?;
        let took = timeline::seconds(begun.elapsed());
        checks::none_left(&self.containers(&id))?;
        checks::is_gone(&self.cluster.api().agents().await?, &id)?;
        checks::ended_as_decommissioned(&mut self.cluster, Who::Agent(1), LIMIT).await?;
        self.say(&format!(
            "   node-2 is gone for good after {took}; its agent has ended and says why:"
        ))?;
        let tail = self.cluster.member(Who::Agent(1)).log_tail(1);
        for line in wrap(&tail, 74) {
            self.say(&format!("     {line}"))?;
        }
        checks::is_refused_again(&mut self.cluster, Who::Agent(1)).await?;
        self.say("   Checked: started again on the same work directory, it refuses to.")
    }

    async fn stop(self) -> Result<(), Failure> {
        let Self { cluster, workload, out, .. } = self;
        let all: Vec<String> =
            workload.tasks.values().filter_map(|task| task.container.clone()).collect();
        workload.teardown().await?;
        drop(workload);
        cluster.stop().await.map_err(|error| Failure::error(error.to_string()))?;
        checks::none_left(&all)?;
        say(out, "\n6. The end   everything is stopped, no process is left behind.")
    }
}

fn say(out: &mut dyn Write, line: &str) -> Result<(), Failure> {
    let written = writeln!(out, "{line}").and_then(|()| out.flush());
    written.map_err(|error| Failure::error(format!("cannot write the output: {error}")))
}

/// What a draining agent waits for, in a line.
fn progress(agent: &Agent) -> String {
    let Some(status) = &agent.drain_status else { return String::new() };
    let blockers = status.blockers_total();
    let left = status.progress.as_ref().map_or(0, wire::ebb::DrainProgress::tasks_left);
    let left = if left == 1 { "1 task left".to_owned() } else { format!("{left} tasks left") };
    match status.blockers.first().and_then(|blocker| blocker.message.clone()) {
        Some(first) if blockers > 1 => {
            format!("{left}; {first} (and {} more)", blockers - 1)
        }
        Some(first) => format!("{left}; {first}"),
        None => left,
    }
}

fn line(name: &str, task: &Task, begun: Instant) -> Line {
    let since =
        |at: Option<Instant>| at.map_or(Duration::ZERO, |at| at.saturating_duration_since(begun));
    let message = task.last.as_ref().and_then(|status| status.message.clone()).unwrap_or_default();
    let how = if message.contains("Killed") { "SIGKILL" } else { "SIGTERM" };
    Line {
        name: name.to_owned(),
        from: since(task.killing),
        until: since(task.ended),
        how: how.to_owned(),
    }
}

/// Breaks a text at blanks so that no line is longer than `width`, if its words allow.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
