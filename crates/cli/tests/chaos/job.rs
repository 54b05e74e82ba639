//! What the tasks run, and what they write: a line for each thing that happens to them, with the time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wire::v1::{
    AgentId, CommandInfo, Environment, KillPolicy, Offer, Resource, TaskId, TaskInfo, environment,
    value,
};

use crate::dice::Dice;
use crate::processes::TASK;

/// Writes `<what> <nanoseconds since the epoch> <pid>` to the file of the task, and prints something.
const SAY: &str =
    "say() { echo \"$1 $(date +%s%N) $$\" >> \"$OUT/$EBB_CHAOS_TASK\"; echo \"$1\"; }; ";
const FOREVER: &str = "say start; while :; do sleep 1000 & wait $!; done";

/// How a task behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Ends when asked to.
    Obeying,
    /// Ends a second after it was asked to.
    Slow,
    /// Has to be killed.
    Stubborn,
    /// Leaves a child in another session behind that has to be killed.
    Parent,
    /// Ends by itself after some seconds, one way or the other.
    Short { seconds: u64, code: u8 },
}

impl Job {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        match dice.below(10) {
            0 | 1 => Self::Obeying,
            2 => Self::Slow,
            3..=5 => Self::Stubborn,
            6 | 7 => Self::Parent,
            _ => Self::Short { seconds: 1 + dice.below(8), code: u8::from(dice.percent(30)) },
        }
    }

    /// Whether it notes SIGTERM, so that the time it then had can be judged.
    pub(crate) fn notes_term(self) -> bool {
        !matches!(self, Self::Short { .. })
    }

    fn script(self) -> String {
        match self {
            Self::Obeying => {
                format!("{SAY}trap 'say term; say exit; exit 0' TERM; {FOREVER}")
            }
            Self::Slow => {
                format!("{SAY}trap 'say term; sleep 1; say exit; exit 0' TERM; {FOREVER}")
            }
            Self::Stubborn => format!("{SAY}trap 'say term' TERM; {FOREVER}"),
            Self::Parent => format!(
                "{SAY}trap 'say term; say exit; exit 0' TERM; \
                 setsid -f sh -c \"trap '' TERM; while :; do sleep 1; done\"; {FOREVER}"
            ),
            Self::Short { seconds, code } => {
                format!("{SAY}say start; sleep {seconds}; say exit; exit {code}")
            }
        }
    }

    /// The task for an offer; it writes to the folder `out`.
    pub(crate) fn info(
        self,
        id: &str,
        grace: Option<Duration>,
        offer: &Offer,
        out: &Path,
    ) -> TaskInfo {
        let variable = |name: &str, value: &str| environment::Variable {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            ..environment::Variable::default()
        };
        let variables = vec![variable("OUT", out.to_str().unwrap()), variable(TASK, id)];
        let command = CommandInfo {
            value: Some(self.script()),
            environment: Some(Environment { variables }),
            ..CommandInfo::default()
        };
        TaskInfo {
            name: id.to_owned(),
            task_id: TaskId { value: id.to_owned() },
            agent_id: AgentId { value: offer.agent_id.value.clone() },
            resources: vec![scalar("cpus", 0.1), scalar("mem", 16.0)],
            command: Some(command),
            kill_policy: grace.map(|grace| KillPolicy {
                grace_period: Some(model::duration::to_wire_info(grace)),
            }),
            ..TaskInfo::default()
        }
    }
}

pub(crate) fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value }),
        ..Resource::default()
    }
}

/// What a task has written of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diary {
    /// When it began, and its pid.
    pub(crate) start: Option<(Duration, i32)>,
    /// It began a second time.
    pub(crate) starts: usize,
    /// Whether SIGTERM came, and when it came first if that could be noted.
    pub(crate) was_asked: bool,
    pub(crate) term: Option<Duration>,
    pub(crate) exit: Option<Duration>,
}

impl Diary {
    pub(crate) fn read(out: &Path, task: &str) -> Self {
        Self::parse(&std::fs::read_to_string(path(out, task)).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let mut diary = Self::default();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let Some(what) = words.next() else { continue };
            let rest: Vec<&str> = words.collect();
            // Without a time when `date` was killed.
            let at = match rest.as_slice() {
                [at, _] => at.parse().ok().map(Duration::from_nanos),
                _ => None,
            };
            match what {
                "start" => {
                    diary.starts += 1;
                    let pid = rest.last().and_then(|pid| pid.parse().ok());
                    diary.start = diary.start.or(at.zip(pid));
                }
                // The time of a later one would be too late.
                "term" if !diary.was_asked => (diary.was_asked, diary.term) = (true, at),
                "exit" => diary.exit = diary.exit.or(at),
                _ => {}
            }
        }
        diary
    }
}

fn path(out: &Path, task: &str) -> PathBuf {
    out.join(task)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a task wrote is read back, also when the program that tells the time was killed.
    #[test]
    fn diaries_are_read_back() {
        let diary = Diary::parse("start 5000000000 77\nterm 6000000000 77\nterm 7 77\nexit  77\n");
        let at = Duration::from_secs;
        assert_eq!(diary.start, Some((at(5), 77)));
        assert_eq!((diary.was_asked, diary.term), (true, Some(at(6))));
        assert_eq!((diary.exit, diary.starts), (None, 1));
        let unknown = Diary::parse("term  77\nterm 7 77\n");
        assert_eq!((unknown.was_asked, unknown.term), (true, None));
        assert_eq!(Diary::parse(""), Diary::default());
    }
}
