//! Custom executors that are not what they should be.

use agent::Program;
use agent::executor::Event;
use model::ContainerId;
use wire::executor::event::Type;

use crate::world::World;

/// What is wrong with a custom executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quirk {
    IgnoresKill,
    IgnoresShutdown,
    /// Hears nothing at all after a while: it hangs.
    IgnoresEverything,
    NeverSubscribes,
    ExitsEarly,
}

impl World {
    /// How a new container behaves; those with our own executor behave.
    pub(crate) fn new_quirk(&mut self, program: &Program) -> Option<Quirk> {
        if *program == Program::Builtin {
            return None;
        }
        let quirks = [
            Quirk::IgnoresKill,
            Quirk::IgnoresShutdown,
            Quirk::IgnoresEverything,
            Quirk::NeverSubscribes,
            Quirk::ExitsEarly,
        ];
        let quirk = self.dice.chance(700).then(|| self.dice.pick(&quirks).copied()).flatten();
        match &quirk {
            Some(quirk) => self.coverage.count_variant("custom executor", quirk),
            None => self.coverage.count("custom executor", "behaves"),
        }
        quirk
    }

    /// Whether an executor takes no notice of an event.
    pub(crate) fn is_ignored(&mut self, host: usize, id: &ContainerId, event: &Event) -> bool {
        let one = self.hosts[host].containers.get(id);
        let Some(quirk) = one.and_then(|one| one.quirk) else { return false };
        let kind = match event {
            Event::Agent(event) => event.r#type.and_then(|kind| Type::try_from(kind).ok()),
            Event::StreamClosed { .. }
            | Event::CallFailed { .. }
            | Event::TaskStarted { .. }
            | Event::TaskStartFailed { .. }
            | Event::TaskExited { .. }
            | Event::TreeEmpty { .. }
            | Event::CheckFinished { .. }
            | Event::Woke => None,
        };
        match quirk {
            Quirk::IgnoresKill => kind == Some(Type::Kill),
            Quirk::IgnoresShutdown => kind == Some(Type::Shutdown),
            Quirk::IgnoresEverything => kind.is_some_and(|kind| {
                !matches!(kind, Type::Subscribed | Type::Launch | Type::LaunchGroup)
            }),
            Quirk::NeverSubscribes => true,
            Quirk::ExitsEarly => false,
        }
    }
}
