//! Random trade: whatever schedulers do with offers, the books agree.

use std::time::Duration;

use master::{Event, LinkId};
use model::{AgentId, TaskState};
use wire::scheduler::call::Type;

use crate::service::{Service, in_role, launch, reported, task_info};
use crate::world::{World, hello, with_id};

/// A small generator of numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

struct Market {
    world: World,
    dice: Dice,
    agents: Vec<(AgentId, Option<LinkId>)>,
    services: Vec<Service>,
    tasks: u64,
}

impl Market {
    fn new(seed: u64) -> Self {
        let mut world = World::new();
        let mut agents = Vec::new();
        for port in 0..4 {
            let (id, link) = world.agent(7000 + port);
            agents.push((id, Some(link)));
        }
        let roles = [("a", "web"), ("b", "web"), ("c", "db")];
        let services = roles.map(|(name, role)| Service::with(&mut world, in_role(name, role)));
        Self { world, dice: Dice(seed), agents, services: services.into(), tasks: 0 }
    }

    fn step(&mut self) {
        let which = self.dice.roll(self.services.len());
        match self.dice.roll(10) {
            0..=2 => self.launch(which),
            3 => {
                let offers = self.offers(which);
                self.services[which].decline(&mut self.world, &offers, 3.0);
            }
            4..=5 => self.finish(),
            6 => {
                self.world.after(Duration::from_secs(2));
            }
            7 => {
                let kind = if self.dice.roll(3) == 0 { Type::Suppress } else { Type::Revive };
                self.services[which].call(&mut self.world, kind, |_| ());
            }
            8 => self.bounce_agent(),
            _ => {
                let stream = self.services[which].stream;
                self.world.apply(Event::SchedulerClosed { stream });
                let info = in_role("back", if which == 2 { "db" } else { "web" });
                let id = Some(self.services[which].id.to_wire());
                let info = wire::v1::FrameworkInfo { id, ..info };
                self.services[which] = Service::with(&mut self.world, info);
            }
        }
        self.books_agree();
    }

    fn offers(&self, which: usize) -> Vec<wire::v1::Offer> {
        let id = self.services[which].id.to_wire();
        let mut frameworks = self.world.master.view_frameworks().frameworks.into_iter();
        let found = frameworks.find(|framework| framework.framework_info.id.as_ref() == Some(&id));
        found.map(|framework| framework.offers).unwrap_or_default()
    }

    fn launch(&mut self, which: usize) {
        let mut offers = self.offers(which);
        offers.truncate(1);
        let Some(offer) = offers.first() else { return };
        let agent = AgentId::from(&offer.agent_id);
        let tasks: Vec<_> = (0..=self.dice.roll(6))
            .map(|_| {
                self.tasks += 1;
                task_info(&format!("t{}", self.tasks), &agent)
            })
            .collect();
        self.services[which].accept(&mut self.world, &offers, vec![launch(tasks)]);
    }

    fn finish(&mut self) {
        let tasks = self.world.master.view_tasks().tasks;
        if tasks.is_empty() {
            return;
        }
        let task = &tasks[self.dice.roll(tasks.len())];
        let agent = AgentId::from(&task.agent_id);
        let link = self.agents.iter().find(|(id, _)| *id == agent).and_then(|(_, link)| *link);
        let owner = self.services.iter().find(|it| it.id.to_wire() == task.framework_id);
        let (Some(link), Some(owner)) = (link, owner) else { return };
        let id = &task.task_id.value;
        owner.update(&mut self.world, link, &agent, id, TaskState::TaskFinished, 7);
        if self.dice.roll(3) > 0 {
            owner.acknowledge(&mut self.world, &agent, id, 7);
        }
    }

    /// An agent's connection breaks, and is made anew; now and then it has lost its tasks.
    fn bounce_agent(&mut self) {
        let which = self.dice.roll(self.agents.len());
        let (id, link) = self.agents[which].clone();
        if let Some(link) = link {
            self.world.close(link);
            self.agents[which].1 = None;
            return;
        }
        let mut back = with_id(hello(7000 + i32::try_from(which).unwrap()), &id);
        if self.dice.roll(4) > 0 {
            let tasks = self.world.master.view_tasks().tasks.into_iter();
            let own = tasks.filter(|task| task.agent_id.value == id.as_str());
            back.tasks = own.collect();
        } else {
            back.tasks = vec![reported(&self.services[0], &id, "made up", TaskState::TaskRunning)];
        }
        self.agents[which].1 = Some(self.world.hello(back));
    }

    /// Beyond what the world checks after each step: roles, frameworks and agents tell the same sums.
    fn books_agree(&self) {
        let master = &self.world.master;
        let agents = master.view_agents().agents;
        let of_agents: f64 = agents
            .iter()
            .map(|agent| cpus(&agent.allocated_resources) + cpus(&agent.offered_resources))
            .sum();
        let frameworks = master.view_frameworks().frameworks;
        let of_frameworks: f64 = frameworks
            .iter()
            .map(|it| cpus(&it.allocated_resources) + cpus(&it.offered_resources))
            .sum();
        let of_roles: f64 = master.view_roles().roles.iter().map(|it| cpus(&it.resources)).sum();
        assert!((of_agents - of_frameworks).abs() < 1e-6, "{of_agents} {of_frameworks}");
        assert!((of_agents - of_roles).abs() < 1e-6, "{of_agents} {of_roles}");
        for agent in &agents {
            let (used, offered) =
                (cpus(&agent.allocated_resources), cpus(&agent.offered_resources));
            let total = cpus(&agent.total_resources);
            // An agent may report more than it has; then nothing of it is offered.
            assert!(offered == 0.0 || used + offered <= total + 1e-6, "{used} {offered} {total}");
        }
    }
}

fn cpus(resources: &[wire::v1::Resource]) -> f64 {
    let cpus = resources.iter().filter(|resource| resource.name == "cpus");
    cpus.filter_map(|resource| resource.scalar).map(|scalar| scalar.value).sum()
}

/// Offered and used together never exceed what an agent has, and all books tell the same.
#[test]
fn no_trade_gives_more_than_there_is() {
    for seed in 0..20 {
        let mut market = Market::new(seed);
        for _ in 0..150 {
            market.step();
        }
    }
}
