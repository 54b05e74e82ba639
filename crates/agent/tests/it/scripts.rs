//! Long random runs: after every event the store holds what the agent says is durable, a recovered agent
//! says the same, and in the end a drain comes to its end.

use agent::{ContainerFate, Event, ExitStatus};
use model::TaskState;

use crate::world::{FRAMEWORK, World, secs};

/// A small generator of its own: the runs must not depend on the agent's.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick(&mut self, from: &[String]) -> Option<String> {
        let index = self.roll(from.len().max(1) as u64);
        from.get(usize::try_from(index).unwrap()).cloned()
    }
}

fn tasks(world: &World) -> Vec<String> {
    world.store.tasks.keys().map(|(_, task)| task.to_string()).collect()
}

fn executors(world: &World) -> Vec<String> {
    let records = world.store.executors.values();
    records.map(|record| record.info.as_ref().unwrap().executor_id.value.clone()).collect()
}

/// The executor of a task that is alive in the store and connected.
fn owner(world: &World, task: &str) -> Option<String> {
    let key = (model::FrameworkId::new(FRAMEWORK), model::TaskId::new(task));
    let stored = world.store.tasks.get(&key)?.task.clone()?;
    let executor = stored.executor_id.map_or_else(|| task.to_owned(), |id| id.value);
    world.streams.contains_key(&executor).then_some(executor)
}

fn step(world: &mut World, dice: &mut Dice, next: &mut u64) {
    *next += 1;
    let states = [TaskState::TaskStarting, TaskState::TaskRunning, TaskState::TaskKilling];
    match dice.roll(20) {
        0 | 1 => world.run(&format!("c{next}"), (dice.roll(2) == 0).then(|| secs(dice.roll(20)))),
        2 => world.run_custom(&format!("x{next}"), &format!("ex{}", dice.roll(3))),
        3 => {
            let (a, b) = (format!("a{next}"), format!("b{next}"));
            world.run_group(&format!("pod{}", dice.roll(2)), &[(&a, None), (&b, Some(secs(9)))]);
        }
        4..=6 => {
            if let Some(executor) = dice.pick(&executors(world)) {
                world.start(&executor);
            }
        }
        7..=10 => {
            let Some(task) = dice.pick(&tasks(world)) else { return };
            let Some(executor) = owner(world, &task) else { return };
            let state = if dice.roll(3) == 0 {
                TaskState::TaskFinished
            } else {
                states[usize::try_from(dice.roll(3)).unwrap()]
            };
            world.update(&executor, &task, state);
        }
        11..=13 => ack_some(world, dice),
        14 => {
            if let Some(task) = dice.pick(&tasks(world)) {
                world.kill(&task, (dice.roll(2) == 0).then(|| secs(dice.roll(30))));
            }
        }
        15 => {
            if let Some(executor) = dice.pick(&executors(world)) {
                world.exit(&executor, ExitStatus::Exited(1));
            }
        }
        16 => world.advance(secs(dice.roll(20))),
        17 => world.apply(Event::LinkClosed { why: "cut".to_owned() }),
        18 => {
            world.advance(secs(61));
            if !world.agent.view_gauges().registered {
                world.register();
            }
        }
        _ => {
            world.restart(ContainerFate::Alive);
            world.register();
        }
    }
}

fn ack_some(world: &mut World, dice: &mut Dice) {
    let waiting: Vec<String> = world
        .store
        .tasks
        .iter()
        .filter(|(_, record)| !record.pending.is_empty())
        .map(|((_, task), _)| task.to_string())
        .collect();
    if let Some(task) = dice.pick(&waiting) {
        world.ack(&task);
    }
}

/// Whatever happened before, a drain with a master that acknowledges and containers that can be destroyed
/// ends, and the store stays the agent's projection all along.
#[test]
fn every_random_run_recovers_at_every_step_and_drains_in_the_end() {
    for seed in 0..12 {
        let mut world = World::new();
        let mut dice = Dice(seed);
        let mut next = 0;
        for _ in 0..120 {
            step(&mut world, &mut dice, &mut next);
            world.out.clear();
        }
        drain_to_the_end(&mut world, seed);
    }
}

/// The same seed and the same events give the same effects.
#[test]
fn runs_are_reproducible() {
    let run = || {
        let mut world = World::new();
        world.shadow = false;
        let mut dice = Dice(4711);
        let mut next = 0;
        for _ in 0..200 {
            step(&mut world, &mut dice, &mut next);
        }
        (world.out, world.store)
    };
    let (first, second) = (run(), run());
    assert_eq!(first.0, second.0);
    assert_eq!(first.1, second.1);
}

fn drain_to_the_end(world: &mut World, seed: u64) {
    world.advance(secs(61));
    if !world.agent.view_gauges().registered {
        world.register();
    }
    world.drain(1, Some(secs(5)), seed.is_multiple_of(2));
    for _ in 0..200 {
        if world.is_empty() {
            break;
        }
        world.out.clear();
        world.advance(secs(5));
        let destroyed: Vec<_> = world
            .out
            .iter()
            .filter_map(|message| match message {
                agent::Message::Destroy { container } => Some(container.clone()),
                _ => None,
            })
            .collect();
        for container in destroyed {
            world.apply(Event::ContainerExited { container, status: ExitStatus::Signalled(9) });
        }
        let waiting: Vec<String> = world
            .store
            .tasks
            .iter()
            .filter(|(_, record)| !record.pending.is_empty())
            .map(|((_, task), _)| task.to_string())
            .collect();
        for task in waiting {
            world.ack(&task);
        }
    }
    assert!(world.is_empty(), "seed {seed}: {:?}", world.store.tasks.keys());
    assert!(world.store.tasks.is_empty() && world.store.executors.is_empty());
}
