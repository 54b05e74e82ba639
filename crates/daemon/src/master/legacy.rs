//! The older endpoints: `/state` and its like, which many clients still read.

use std::collections::BTreeMap;
use std::io;

use ::master::{Event, Master, Snapshot, TasksQuery};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, StatusCode};
use axum::routing::any;
use model::FrameworkId;
use model::legacy::Domain;
use serde::Serialize;
use wire::compose::Sink;
use wire::json;
use wire::media::MediaType;
use wire::v1::MasterInfo;

use super::{Context, Shell, front, maintenance, metrics, operator, roles};
use crate::http::legacy::{self, Query, Wrapper, method_not_allowed, to_json};
use crate::http::pieces::PieceWriter;
use crate::http::{self, ApiError, answer};
use crate::logging;
use crate::system;
use crate::version;

/// Bound of the form that `/teardown` takes.
const FORM_LIMIT_BYTES: usize = 64 << 10;

/// The documents that are written out of the core's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    State,
    StateSummary,
    Slaves,
    Frameworks,
    Tasks,
    Roles,
}

/// What makes a read one of its own. Web pages add others, so that nothing is cached.
const PARAMETERS: [&str; 6] = ["framework_id", "limit", "offset", "order", "slave_id", "task_id"];

impl Document {
    /// Its own among all reads.
    fn name(self) -> &'static str {
        match self {
            Self::State => "/state",
            Self::StateSummary => "/state-summary",
            Self::Slaves => "/slaves",
            Self::Frameworks => "/frameworks",
            Self::Tasks => "/tasks",
            Self::Roles => "/roles",
        }
    }
}

/// Where they are, and what they are to people. All of it also below `/master`.
// Differs from Mesos: it dropped the names with `.json` with release 1.1; clients from before still ask.
const DOCUMENTS: [(&str, Document, &str); 10] = [
    ("/state", Document::State, "agents, frameworks, tasks and executors; flags and version"),
    ("/state.json", Document::State, "the same"),
    ("/state-summary", Document::StateSummary, "agents and frameworks, with counts of tasks"),
    ("/slaves", Document::Slaves, "agents with resources in full; slave_id"),
    ("/frameworks", Document::Frameworks, "frameworks with their tasks; framework_id"),
    ("/tasks", Document::Tasks, "tasks; framework_id, task_id, limit, offset, order=asc|des"),
    ("/tasks.json", Document::Tasks, "the same"),
    ("/roles", Document::Roles, "roles with what is allocated, offered and reserved"),
    ("/roles.json", Document::Roles, "the same"),
    ("/slaves.json", Document::Slaves, "agents with resources in full"),
];

/// What is answered by the process that is asked, whether it leads or not.
const LOCAL: [(&str, &str); 8] = [
    ("/flags", "the flags of this process"),
    ("/system/stats.json", "load, processors and memory of the machine"),
    ("/logging/toggle", "the level of verbose logging; level, duration"),
    ("/help", "this page"),
    ("/files/browse", "the files in a folder; path"),
    ("/files/read", "a piece of a file; path, offset, length"),
    ("/files/download", "a file; path"),
    ("/files/debug", "the folders and files that can be read"),
];

/// What else is here.
const OTHERS: [(&str, &str); 6] = [
    ("/api/v1", "the operator API (POST)"),
    ("/api/v1/scheduler", "the scheduler API (POST)"),
    ("/health", "200 if this process is well"),
    ("/version", "version and build"),
    ("/redirect", "307 to the leading master"),
    ("/metrics/snapshot", "all metrics; timeout"),
];

const TEARDOWN: &str = "/teardown";

/// What can be read and changed, each by its own methods. All of it also below `/master`.
const CHANGEABLE: [(&str, &str); 7] = [
    (TEARDOWN, "ends a framework (POST); frameworkId"),
    (maintenance::SCHEDULE, "when machines will be in maintenance (GET, POST)"),
    (maintenance::STATUS, "machines that are in maintenance or will be"),
    (maintenance::DOWN, "begins the maintenance of machines (POST)"),
    (maintenance::UP, "ends the maintenance of machines (POST)"),
    (roles::QUOTA, "quotas of roles (GET, POST; DELETE /quota/role)"),
    (roles::WEIGHTS, "weights of roles (GET, PUT)"),
];

/// Whether only the leader can answer at `path`, which has no `/master` in front and no slash behind.
pub(super) fn is_for_leader(path: &str) -> bool {
    let has = |known: &str| {
        // Behind the quota there is the name of its role.
        let rest = path.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || (known == roles::QUOTA && rest.starts_with('/')))
    };
    DOCUMENTS.iter().any(|(document, ..)| has(document))
        || CHANGEABLE.iter().any(|(path, _)| has(path))
}

/// The older endpoints below `prefix`.
pub(super) fn routes(prefix: &str) -> Router<Shell> {
    let mut router = Router::new();
    for slash in ["", "/"] {
        for (path, document, _) in DOCUMENTS {
            let answer = move |State(shell): State<Shell>, request: Request<Body>| {
                serve(shell, request, document)
            };
            router = router.route(&format!("{prefix}{path}{slash}"), any(answer));
        }
        for (path, _) in LOCAL {
            // Not by the path of the request: the same is there below other names.
            let answer = move |State(shell): State<Shell>, request: Request<Body>| async move {
                here(&shell.context, path, &request)
            };
            router = router.route(&format!("{prefix}{path}{slash}"), any(answer));
        }
        router = router
            .route(&format!("{prefix}{TEARDOWN}{slash}"), any(teardown))
            .route(&format!("{prefix}{}{slash}", maintenance::SCHEDULE), any(maintenance::schedule))
            .route(&format!("{prefix}{}{slash}", maintenance::STATUS), any(maintenance::status))
            .route(&format!("{prefix}{}{slash}", maintenance::DOWN), any(maintenance::down))
            .route(&format!("{prefix}{}{slash}", maintenance::UP), any(maintenance::up))
            .route(&format!("{prefix}{}{slash}", roles::QUOTA), any(roles::quota))
            .route(&format!("{prefix}{}{slash}", roles::WEIGHTS), any(roles::weights))
            .route(&format!("{prefix}/metrics/snapshot{slash}"), any(snapshot));
    }
    router.route(&format!("{prefix}{}/{{*role}}", roles::QUOTA), any(roles::quota))
}

// Mesos: whatever the method is, it is a read.
async fn serve(shell: Shell, request: Request<Body>, document: Document) -> Response<Body> {
    let since = shell.unavailable_since();
    let (head, _) = request.into_parts();
    let mut response = match try_serve(shell, &head, document).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    front::mark(response.headers_mut(), since);
    response
}

async fn try_serve(
    shell: Shell,
    head: &Parts,
    document: Document,
) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(&head.headers)?;
    let query = Query::of(&head.uri);
    let wrapper = Wrapper::of(&query)?;
    let (context, info) = (shell.context.clone(), shell.info.clone());
    let is_for_all = wrapper.is_none() && PARAMETERS.iter().all(|name| query.get(name).is_none());
    let content_type = wrapper.content_type();
    let render = move |snapshot: &Snapshot, out: &mut PieceWriter| {
        let process = Process { context: &context, info: &info };
        wrapper.write(out, |out| write(snapshot, &process, document, &query, out));
    };
    if is_for_all {
        let name = document.name();
        return shell.reads.answer(&head.headers, name, MediaType::Json, render).await;
    }
    shell.reads.answer_once(&head.headers, content_type, render).await
}

/// What documents say of the process.
struct Process<'a> {
    context: &'a Context,
    info: &'a MasterInfo,
}

/// Writes a document as it is in the state of `master`. Knows nothing of where that runs.
fn write(
    master: &Master,
    process: &Process<'_>,
    document: Document,
    query: &Query,
    out: &mut dyn Sink,
) -> io::Result<()> {
    let written = match document {
        Document::State => {
            let head = StateHead::new(master, process);
            json::write_document(out, &master.legacy_state(head))
        }
        Document::StateSummary => {
            let head = SummaryHead {
                hostname: process.info.hostname(),
                cluster: process.context.flag("cluster"),
            };
            json::write_document(out, &master.legacy_state_summary(head))
        }
        Document::Slaves => json::write_document(out, &master.legacy_slaves(query.get("slave_id"))),
        Document::Frameworks => {
            json::write_document(out, &master.legacy_frameworks(query.get("framework_id")))
        }
        Document::Tasks => json::write_document(out, &master.legacy_tasks(&tasks_query(query))),
        Document::Roles => json::write_document(out, &master.legacy_roles()),
    };
    Ok(written?)
}

// Mesos: what is no number is as good as absent, and newest first is the default.
fn tasks_query(query: &Query) -> TasksQuery {
    let number = |name: &str| query.get(name).and_then(|text| text.trim().parse::<i64>().ok());
    let at_least_zero = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    TasksQuery {
        framework_id: query.text("framework_id"),
        task_id: query.text("task_id"),
        limit: number("limit").map_or(TasksQuery::LIMIT, at_least_zero),
        offset: number("offset").map_or(0, at_least_zero),
        ascending: query.get("order") == Some("asc"),
    }
}

#[derive(Serialize)]
struct SummaryHead<'a> {
    hostname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
}

#[derive(Serialize)]
struct StateHead<'a> {
    #[serde(flatten)]
    build: &'a version::Build,
    start_time: f64,
    elected_time: f64,
    id: &'a str,
    pid: &'a str,
    hostname: &'a str,
    capabilities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Domain<'a>>,
    leader: &'a str,
    leader_info: LeaderInfo<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_dir: Option<&'a str>,
    flags: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct LeaderInfo<'a> {
    id: &'a str,
    pid: &'a str,
    port: u32,
    hostname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Domain<'a>>,
}

impl<'a> StateHead<'a> {
    fn new(master: &Master, process: &Process<'a>) -> Self {
        use wire::v1::master_info::capability::Type;
        let Process { context, info } = *process;
        let kinds = info.capabilities.iter();
        let kinds = kinds.map(|one| one.r#type.and_then(|number| Type::try_from(number).ok()));
        let domain = || info.domain.as_ref().map(Domain::from);
        Self {
            build: version::build(),
            start_time: context.process_started.as_secs_f64(),
            elected_time: master.started_at().as_secs_f64(),
            id: &info.id,
            pid: info.pid(),
            hostname: info.hostname(),
            capabilities: kinds.map(|kind| kind.unwrap_or(Type::Unknown).as_str_name()).collect(),
            domain: domain(),
            // Whoever answers here leads.
            leader: info.pid(),
            leader_info: LeaderInfo {
                id: &info.id,
                pid: info.pid(),
                port: info.port,
                hostname: info.hostname(),
                domain: domain(),
            },
            cluster: context.flag("cluster"),
            log_dir: context.flag("log_dir"),
            flags: context.flags_by_name(),
        }
    }
}

impl Context {
    fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn flags_by_name(&self) -> BTreeMap<&str, &str> {
        self.flags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// What this process answers at `path` by itself, leading or not; `None` if that is nothing.
pub(super) fn answer_locally(
    context: &Context,
    path: &str,
    request: &Request<Body>,
) -> Option<Response<Body>> {
    let known = LOCAL.iter().any(|(local, _)| *local == path);
    known.then(|| here(context, path, request))
}

/// The answer at a path of [`LOCAL`].
fn here(context: &Context, path: &str, request: &Request<Body>) -> Response<Body> {
    let headers = request.headers();
    if path == "/help" {
        return answer::bytes(headers, "text/html", help().into_bytes());
    }
    let answered = context.credentials.authenticate(headers).and_then(|_| {
        let query = Query::of(request.uri());
        match path {
            "/flags" => {
                let flags = Flags { flags: context.flags_by_name() };
                legacy::answer(headers, &query, &to_json(&flags))
            }
            "/system/stats.json" => {
                legacy::answer(headers, &query, &to_json(&system::Stats::now()))
            }
            "/logging/toggle" => {
                logging::toggle(request.uri()).map(|text| legacy::text(headers, &text))
            }
            "/files/debug" => legacy::answer(headers, &query, b"{}"),
            _ => Err(no_file(&query)),
        }
    });
    answered.unwrap_or_else(ApiError::into_response)
}

#[derive(Serialize)]
struct Flags<'a> {
    flags: BTreeMap<&'a str, &'a str>,
}

/// A small document of the core's state, which a script may want wrapped.
pub(super) async fn show(
    shell: &Shell,
    head: &Parts,
    view: fn(&Master) -> Vec<u8>,
) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(&head.headers)?;
    let json = shell.mailbox.look(move |core, _| view(core)).await?;
    legacy::answer(&head.headers, &Query::of(&head.uri), &json)
}

/// The answer at an endpoint, marked where the registry does not answer.
pub(super) fn finish(shell: &Shell, answered: Result<Response<Body>, ApiError>) -> Response<Body> {
    let mut response = answered.unwrap_or_else(ApiError::into_response);
    front::mark(response.headers_mut(), shell.unavailable_since());
    response
}

/// The log of a master goes to its standard error, so there is no file of it.
fn no_file(query: &Query) -> ApiError {
    match query.get("path").filter(|path| !path.is_empty()) {
        None => ApiError::bad_request("Expecting 'path=value' in query.\n"),
        Some(_) => ApiError::new(
            StatusCode::NOT_FOUND,
            "404 Not Found. This master keeps no files: its log goes to its standard error.",
        ),
    }
}

async fn teardown(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    if request.method() != Method::POST {
        return method_not_allowed(request.method(), &["POST"]);
    }
    match try_teardown(&shell, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn try_teardown(shell: &Shell, request: Request<Body>) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(request.headers())?;
    let body = http::read_body(request.into_body(), FORM_LIMIT_BYTES).await?;
    let form = Query::read(&body);
    let framework = form.get("frameworkId").ok_or_else(|| {
        ApiError::bad_request("Missing 'frameworkId' query parameter in the request body")
    })?;
    let framework = FrameworkId::new(framework);
    let event = move |request| Event::Teardown { request, framework };
    operator::mutate(shell, Box::new(event), StatusCode::OK).await
}

async fn snapshot(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let (head, _) = request.into_parts();
    let answered = async {
        shell.context.credentials.authenticate(&head.headers)?;
        let query = Query::of(&head.uri);
        legacy::check_timeout(&query)?;
        let metrics = metrics::collect(&shell).await?;
        let metrics: BTreeMap<_, _> =
            metrics.iter().map(|metric| (metric.name.as_str(), metric.value())).collect();
        legacy::answer(&head.headers, &query, &to_json(&metrics))
    };
    answered.await.unwrap_or_else(ApiError::into_response)
}

/// A page of what can be asked here.
fn help() -> String {
    let documents = DOCUMENTS.iter().map(|(path, _, what)| (*path, *what));
    let mut lines: Vec<_> =
        OTHERS.iter().chain(&LOCAL).chain(&CHANGEABLE).copied().chain(documents).collect();
    lines.sort_unstable();
    legacy::help("Ebb master", &lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::read(text.as_bytes())
    }

    /// A page of tasks has a hundred, newest first, unless something readable says otherwise.
    #[test]
    fn a_page_of_tasks_has_a_hundred_unless_asked_otherwise() {
        let plain = TasksQuery { limit: 100, ..TasksQuery::default() };
        for same in ["", "limit=x&offset=", "order=des", "order=up"] {
            assert_eq!(tasks_query(&query(same)), plain, "{same}");
        }
        let asked = tasks_query(&query("limit=1&offset=2&order=asc&task_id=t&framework_id=f"));
        assert_eq!((asked.limit, asked.offset, asked.ascending), (1, 2, true));
        assert_eq!(tasks_query(&query("offset=-1")).offset, usize::MAX);
    }

    /// What the core decides about is the leader's, also with the name of a role behind; what a process says of
    /// itself is not.
    #[test]
    fn the_leader_answers_for_the_core() {
        for path in [
            "/state",
            "/teardown",
            "/maintenance/schedule",
            "/machine/down",
            "/quota",
            "/quota/a/b",
        ] {
            assert!(is_for_leader(path), "{path}");
        }
        for path in ["/flags", "/health", "/statement", "/state/x", "/weights/x", "/quotas"] {
            assert!(!is_for_leader(path), "{path}");
        }
    }

    /// The page of help names every endpoint.
    #[test]
    fn help_names_every_endpoint() {
        let page = help();
        for path in
            ["/state", "/tasks", "/teardown", "/files/browse", "/metrics/snapshot", "/quota"]
        {
            assert!(page.contains(path), "{path}");
        }
    }
}
