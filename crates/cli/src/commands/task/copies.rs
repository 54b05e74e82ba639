//! The copies that `ebb task run` wants: what is to be launched, and what fits an offer.

use wire::v1::{
    AgentId, CommandInfo, Environment, KillPolicy, Offer, Resource, TaskId, TaskInfo, TaskState,
    environment, value,
};

use crate::args::task::RunArgs;
use crate::exit::Failure;

/// One copy of the command.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) id: String,
    /// `None` until it is launched.
    pub(super) state: Option<TaskState>,
    pub(super) agent: Option<AgentId>,
    pub(super) hostname: String,
    pub(super) message: String,
    /// How often it was launched without having come to run.
    attempts: u32,
}

impl Copy {
    pub(super) fn is_waiting(&self) -> bool {
        self.state.is_none()
    }

    pub(super) fn is_over(&self) -> bool {
        self.state.is_some_and(model::task::is_terminal)
    }

    /// Goes back to waiting, under another id: ids are used once.
    pub(super) fn again(&mut self) {
        self.attempts += 1;
        let base = self.id.split('.').next().unwrap_or_default();
        self.id = format!("{base}.{}", self.attempts);
        self.state = None;
        self.agent = None;
    }
}

/// What each copy is made of.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) name: String,
    command: CommandInfo,
    kill_policy: Option<KillPolicy>,
    /// Names and thousandths.
    needs: Vec<(&'static str, i64)>,
    /// Only there, if anywhere.
    pub(super) agent: Option<AgentId>,
}

impl Plan {
    /// # Errors
    /// Names the argument that is wrong.
    pub(super) fn new(args: &RunArgs, agent: Option<AgentId>) -> Result<Self, Failure> {
        let mut needs = Vec::new();
        for (name, amount) in [("cpus", args.cpus), ("mem", args.mem), ("disk", args.disk)] {
            if !amount.is_finite() || !(0.0..=1e9).contains(&amount) {
                return Err(Failure::usage(format!(
                    "--{name}: expecting a number from 0 on, not {amount}"
                )));
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            needs.push((name, (amount * 1000.0).round() as i64));
        }
        if needs.iter().all(|(_, amount)| *amount == 0) {
            return Err(Failure::usage("a task needs some --cpus, --mem or --disk"));
        }
        needs.retain(|(_, amount)| *amount > 0);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if args.name.is_empty() || args.name.len() > 100 || !args.name.chars().all(is_plain) {
            return Err(Failure::usage("--name: expecting letters, digits, - and _"));
        }
        let grace = args.kill_grace.map(model::duration::to_wire_info);
        Ok(Self {
            name: args.name.clone(),
            command: command(args)?,
            kill_policy: grace.map(|grace| KillPolicy { grace_period: Some(grace) }),
            needs,
            agent,
        })
    }

    /// The copies, with ids that no other run has.
    pub(super) fn copies(&self, instances: u32) -> Vec<Copy> {
        let run: String = daemon::random::uuid().chars().take(4).collect();
        let copy = |number| Copy {
            id: format!("{}-{number}-{run}", self.name),
            state: None,
            agent: None,
            hostname: String::new(),
            message: String::new(),
            attempts: 0,
        };
        (0..instances).map(copy).collect()
    }

    /// Puts as many waiting copies as fit on the offers, in turn, and marks them: a list of tasks for each
    /// offer.
    pub(super) fn fit(&self, offers: &[Offer], copies: &mut [Copy]) -> Vec<Vec<TaskInfo>> {
        let mut tasks = vec![Vec::new(); offers.len()];
        let is_usable = |offer: &Offer| self.agent.as_ref().is_none_or(|it| *it == offer.agent_id);
        // What is left of each offer, in the order of turns.
        let mut turns: std::collections::VecDeque<(usize, Vec<Resource>)> = offers
            .iter()
            .enumerate()
            .filter(|(_, offer)| is_usable(offer))
            .map(|(index, offer)| (index, offer.resources.clone()))
            .collect();
        for copy in copies.iter_mut().filter(|copy| copy.is_waiting()) {
            let (index, resources) = loop {
                let Some((index, mut left)) = turns.pop_front() else { return tasks };
                if let Some(resources) = self.take(&mut left) {
                    turns.push_back((index, left));
                    break (index, resources);
                }
            };
            let offer = &offers[index];
            copy.state = Some(TaskState::TaskStaging);
            copy.agent = Some(offer.agent_id.clone());
            copy.hostname.clone_from(&offer.hostname);
            tasks[index].push(TaskInfo {
                name: self.name.clone(),
                task_id: TaskId { value: copy.id.clone() },
                agent_id: offer.agent_id.clone(),
                resources,
                command: Some(self.command.clone()),
                kill_policy: self.kill_policy,
                ..TaskInfo::default()
            });
        }
        tasks
    }

    /// One copy's resources off `left`; nothing changes if they don't suffice.
    fn take(&self, left: &mut Vec<Resource>) -> Option<Vec<Resource>> {
        let mut rest = left.clone();
        let mut taken = Vec::new();
        for &(name, amount) in &self.needs {
            let mut wanted = amount;
            for resource in rest.iter_mut().filter(|it| it.name == name && is_simple(it)) {
                let Some(scalar) = &mut resource.scalar else { continue };
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "offers are far below the limit"
                )]
                let here = (scalar.value * 1000.0).round() as i64;
                let part = here.min(wanted);
                if part <= 0 {
                    continue;
                }
                wanted -= part;
                scalar.value = thousandths(here - part);
                let scalar = Some(value::Scalar { value: thousandths(part) });
                taken.push(Resource { scalar, ..resource.clone() });
            }
            if wanted > 0 {
                return None;
            }
        }
        *left = rest;
        Some(taken)
    }

    /// `cpus:0.1 mem:32`, for people.
    pub(super) fn needs(&self) -> String {
        let parts = self.needs.iter().map(|&(name, n)| format!("{name}:{}", thousandths(n)));
        parts.collect::<Vec<_>>().join(" ")
    }
}

/// Volumes and revocable resources are for those who ask for them.
fn is_simple(resource: &Resource) -> bool {
    resource.disk.is_none() && resource.revocable.is_none() && resource.shared.is_none()
}

#[expect(clippy::cast_precision_loss, reason = "offers are far below the limit")]
fn thousandths(number: i64) -> f64 {
    number as f64 / 1000.0
}

fn command(args: &RunArgs) -> Result<CommandInfo, Failure> {
    let mut variables = Vec::new();
    for text in &args.env {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| Failure::usage(format!("--env: expecting NAME=VALUE, not '{text}'")))?;
        variables.push(environment::Variable {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            ..environment::Variable::default()
        });
    }
    let mut command = CommandInfo {
        environment: (!variables.is_empty()).then_some(Environment { variables }),
        user: args.user.clone(),
        ..CommandInfo::default()
    };
    match (&args.shell, args.command.first()) {
        (Some(line), _) => {
            command.shell = Some(true);
            command.value = Some(line.clone());
        }
        (None, Some(program)) => {
            command.shell = Some(false);
            command.value = Some(program.clone());
            // Mesos: the arguments begin with the program's own name.
            command.arguments.clone_from(&args.command);
        }
        (None, None) => return Err(Failure::usage("there is no command to run")),
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use model::Resources;
    use wire::v1::{AgentId, OfferId};

    use super::*;

    fn args() -> RunArgs {
        use clap::Parser as _;
        let cli = crate::args::Cli::try_parse_from([
            "ebb",
            "task",
            "run",
            "--cpus",
            "0.5",
            "--mem",
            "100",
            "--instances",
            "10",
            "--",
            "sleep",
            "1",
        ]);
        let crate::args::Command::Task(crate::args::TaskCommand::Run(args)) = cli.unwrap().command
        else {
            panic!("not run")
        };
        args
    }

    fn offer(resources: &str) -> Offer {
        Offer {
            id: OfferId { value: "o".to_owned() },
            agent_id: AgentId { value: "a".to_owned() },
            resources: Resources::parse(resources, "*").unwrap().to_wire(),
            ..Offer::default()
        }
    }

    /// As many copies are launched as the offers hold, reserved resources included, each in turn.
    #[test]
    fn as_many_copies_are_launched_as_the_offers_hold() {
        let plan = Plan::new(&args(), None).unwrap();
        let mut copies = plan.copies(10);
        let offers =
            [offer("cpus:1;cpus(web):1;mem:350"), offer("cpus:8;mem:99"), offer("cpus:8;mem:100")];
        let tasks = plan.fit(&offers, &mut copies);
        assert_eq!(tasks.iter().map(Vec::len).collect::<Vec<_>>(), [3, 0, 1]);
        assert_eq!(copies.iter().filter(|copy| copy.is_waiting()).count(), 6);
        assert_eq!(tasks[0][0].command.as_ref().unwrap().arguments, ["sleep", "1"]);
        assert_eq!(tasks[2][0].task_id.value, copies[1].id, "the second went to the next offer");
        let elsewhere = Plan { agent: Some(AgentId { value: "b".to_owned() }), ..plan };
        assert!(elsewhere.fit(&offers, &mut copies).iter().all(Vec::is_empty));
    }

    /// A copy that is launched again has another id.
    #[test]
    fn a_copy_that_is_launched_again_has_another_id() {
        let mut copy = Plan::new(&args(), None).unwrap().copies(1).remove(0);
        let first = copy.id.clone();
        copy.again();
        assert_eq!(copy.id, format!("{first}.1"));
        copy.again();
        assert_eq!(copy.id, format!("{first}.2"));
    }

    /// Nonsense in amounts, names and variables is refused by name.
    #[test]
    fn nonsense_is_refused_by_name() {
        for (change, name) in [
            (RunArgs { cpus: -1.0, ..args() }, "--cpus"),
            (RunArgs { mem: f64::NAN, ..args() }, "--mem"),
            (RunArgs { name: "a b".to_owned(), ..args() }, "--name"),
            (RunArgs { env: vec!["=x".to_owned()], ..args() }, "--env"),
        ] {
            let failure = Plan::new(&change, None).unwrap_err();
            assert!(failure.message.starts_with(name), "{failure}");
        }
    }
}
