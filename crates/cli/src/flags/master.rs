//! Flags of `ebb master`.

use daemon::master::Settings;

use super::unsupported::MASTER;
use super::{CONFIG, Flag, INSECURE, Kind, LOGGING_LEVEL, Program, UNTIL_STDIN_CLOSES, Values};
use crate::exit::Failure;

const EXAMPLES: &str = "\
Every flag may also be written with underscores (--work_dir), come from the environment (EBB_WORK_DIR or
MESOS_WORK_DIR) or from the file that --config names. The command line beats the environment, which
beats the file.

Examples:
  ebb master --work-dir=/var/lib/ebb/master
  ebb master --ip=10.0.0.1 --credentials=/etc/ebb/credentials.json --work-dir=/var/lib/ebb/master
  ebb master --config=/etc/ebb/master.toml

Exit codes: 0 stopped by a signal, 1 error, 2 usage.";

/// `ebb master` and its flags.
pub const PROGRAM: Program = Program {
    name: "master",
    about: "Run a master: agents and schedulers connect to it, operators ask it",
    examples: EXAMPLES,
    flags: FLAGS,
    unsupported: MASTER,
};

const fn flag(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    help: &'static str,
) -> Flag {
    Flag { name, kind, default, help }
}

// Mesos: names and defaults, except `ip`, which is 0.0.0.0 there.
const FLAGS: &[Flag] = &[
    flag("ip", Kind::Text("IP"), Some("127.0.0.1"), "Address to listen on"),
    flag("port", Kind::Number, Some("5050"), "Port to listen on; 0 takes any free one"),
    flag("hostname", Kind::Text("NAME"), None, "Name given to clients; the address if absent"),
    flag("work-dir", Kind::File, None, "Where the registry is kept (required)"),
    flag(
        "credentials",
        Kind::File,
        None,
        "JSON file with the principals and secrets of all callers; without it nobody has to authenticate",
    ),
    INSECURE,
    flag(
        "agent-ping-timeout",
        Kind::Duration,
        Some("15secs"),
        "Time between two pings of an agent",
    ),
    flag(
        "max-agent-ping-timeouts",
        Kind::Number,
        Some("5"),
        "Unanswered pings after which an agent is unreachable",
    ),
    flag(
        "agent-reregister-timeout",
        Kind::Duration,
        Some("10mins"),
        "Time agents have to come back after a start of the master",
    ),
    flag("max-completed-frameworks", Kind::Number, Some("50"), "Ended frameworks to remember"),
    flag(
        "max-completed-tasks-per-framework",
        Kind::Number,
        Some("1000"),
        "Ended tasks to remember of each framework",
    ),
    flag(
        "max-unreachable-tasks-per-framework",
        Kind::Number,
        Some("1000"),
        "Unreachable tasks to remember of each framework",
    ),
    flag(
        "registry-max-agent-age",
        Kind::Duration,
        Some("2weeks"),
        "Age at which the registry forgets an unreachable or gone agent",
    ),
    flag(
        "registry-max-agent-count",
        Kind::Number,
        Some("102400"),
        "Unreachable or gone agents to remember in the registry",
    ),
    flag("root-submissions", Kind::Switch, Some("true"), "Let frameworks run tasks as root"),
    LOGGING_LEVEL,
    CONFIG,
    UNTIL_STDIN_CLOSES,
];

/// What the flags ask for.
///
/// # Errors
/// Names the flag that is missing or wrong.
pub fn settings(values: &Values) -> Result<Settings, Failure> {
    let work_dir = values.path("work-dir").ok_or_else(|| {
        Failure::usage("--work-dir is missing: the registry needs a directory")
            .hint("for example --work-dir=/var/lib/ebb/master")
    })?;
    let ip = values.ip()?;
    let number = |name| values.number::<usize>(name);
    let core = master::Config {
        agent_ping_timeout: values.duration("agent-ping-timeout")?,
        max_agent_ping_timeouts: values.number("max-agent-ping-timeouts")?,
        agent_reregister_timeout: values.duration("agent-reregister-timeout")?,
        max_completed_frameworks: number("max-completed-frameworks")?,
        max_completed_tasks_per_framework: number("max-completed-tasks-per-framework")?,
        max_unreachable_tasks_per_framework: number("max-unreachable-tasks-per-framework")?,
        registry_max_agent_age: values.duration("registry-max-agent-age")?,
        registry_max_agent_count: number("registry-max-agent-count")?,
        root_submissions: values.switch("root-submissions")?,
        ..master::Config::default()
    };
    if core.agent_ping_timeout.is_zero() {
        return Err(values.wrong("agent-ping-timeout", "must be longer than zero"));
    }
    if core.max_agent_ping_timeouts == 0 {
        return Err(values.wrong("max-agent-ping-timeouts", "must be at least 1"));
    }
    Ok(Settings {
        ip,
        port: values.number("port")?,
        hostname: values.text("hostname").map(str::to_owned),
        work_dir,
        credentials: values.credentials("credentials", ip)?,
        core,
        flags: values.for_api(),
    })
}
