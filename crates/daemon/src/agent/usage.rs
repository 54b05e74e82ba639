//! `GET_CONTAINERS`, `/containers`, `/monitor/statistics` and DC/OS' metrics of a container: which containers there
//! are, and what they use.

use std::time::{SystemTime, UNIX_EPOCH};

use agent::ContainerView;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Response, StatusCode};
use model::Resources;
use serde_json::{Map, Value};
use wire::agent::call;
use wire::agent::response::{GetContainers, get_containers::Container};
use wire::v1::{ContainerId, ContainerStatus, ResourceStatistics};

use super::Shell;
use super::containers::Containers;
use super::nested::Nested;
use crate::container::pidfd::PidRef;
use crate::container::usage;
use crate::http::{ApiError, answer};

/// One container and what it uses.
struct Entry {
    view: Option<ContainerView>,
    container: Container,
}

/// The answer to `GET_CONTAINERS`.
pub(super) async fn get_containers(
    shell: &Shell,
    call: call::GetContainers,
) -> Result<GetContainers, ApiError> {
    let nested = call.show_nested.unwrap_or(false);
    // There are no standalone containers, see decision 19.
    let entries = collect(shell, nested).await?;
    Ok(GetContainers { containers: entries.into_iter().map(|entry| entry.container).collect() })
}

/// What a filter of `/containers` and the like may hold.
#[derive(Debug, Default)]
struct Filter {
    container_id: Option<String>,
    framework_id: Option<String>,
    executor_id: Option<String>,
    jsonp: Option<String>,
}

impl Filter {
    /// Ids and names of functions need no escapes, so escapes fit nothing.
    fn read(query: Option<&str>) -> Self {
        let mut filter = Self::default();
        for pair in query.unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = Some(value.to_owned());
            match name {
                "container_id" => filter.container_id = value,
                "framework_id" => filter.framework_id = value,
                "executor_id" => filter.executor_id = value,
                "jsonp" => filter.jsonp = value,
                _ => {}
            }
        }
        filter
    }

    // Mesos: container alone, framework alone, or both framework and executor.
    fn check(&self) -> Result<(), ApiError> {
        let with_container = self.container_id.is_some()
            && (self.framework_id.is_some() || self.executor_id.is_some());
        let without_framework = self.executor_id.is_some() && self.framework_id.is_none();
        if with_container || without_framework {
            return Err(ApiError::bad_request(
                "Supported query parameters are container_id only, framework_id only, or executor_id \
                 and framework_id only",
            ));
        }
        Ok(())
    }

    fn takes(&self, view: &ContainerView) -> bool {
        let fits = |wanted: &Option<String>, id: &str| wanted.as_deref().is_none_or(|it| it == id);
        fits(&self.container_id, view.container.as_str())
            && fits(&self.framework_id, view.framework.as_str())
            && fits(&self.executor_id, view.executor.as_str())
    }
}

/// `/containers`.
pub(super) async fn containers(
    State(shell): State<Shell>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let filter = Filter::read(query.as_deref());
    let status = |entry: &Entry| entry.container.container_status.clone();
    legacy(&shell, &filter, &headers, |entry, object| {
        let id = entry.container.container_id.value.clone();
        object.insert("container_id".to_owned(), Value::String(id));
        if let Some(status) = status(entry) {
            object.insert("status".to_owned(), json(&status));
        }
    })
    .await
}

/// `/monitor/statistics`.
pub(super) async fn monitor(
    State(shell): State<Shell>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    // Mesos: no filters here.
    let all = Filter { jsonp: Filter::read(query.as_deref()).jsonp, ..Filter::default() };
    legacy(&shell, &all, &headers, |_, _| {}).await
}

async fn legacy(
    shell: &Shell,
    filter: &Filter,
    headers: &HeaderMap,
    more: impl Fn(&Entry, &mut Map<String, Value>),
) -> Response<Body> {
    let checked = shell.credentials.authenticate(headers).and_then(|_| filter.check());
    let entries = match checked {
        Ok(()) => collect(shell, false).await,
        Err(error) => Err(error),
    };
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => return error.into_response(),
    };
    let mut array = Vec::with_capacity(entries.len());
    for entry in &entries {
        let Some(view) = entry.view.as_ref().filter(|view| filter.takes(view)) else { continue };
        let mut object = Map::new();
        for (name, text) in [
            ("framework_id", view.framework.as_str()),
            ("executor_id", view.executor.as_str()),
            ("executor_name", &view.name),
            ("source", &view.source),
        ] {
            object.insert(name.to_owned(), Value::String(text.to_owned()));
        }
        if let Some(statistics) = &entry.container.resource_statistics {
            object.insert("statistics".to_owned(), json(statistics));
        }
        more(entry, &mut object);
        array.push(Value::Object(object));
    }
    let body = Value::Array(array).to_string();
    match &filter.jsonp {
        None => answer::bytes(headers, "application/json", body.into_bytes()),
        Some(name) if is_callback(name) => {
            answer::bytes(headers, "text/javascript", format!("{name}({body})").into_bytes())
        }
        Some(_) => {
            ApiError::bad_request("'jsonp' has to be the name of a function").into_response()
        }
    }
}

/// `/system/v1/metrics/v0/containers/{id}`: what one container uses, whether it is an executor's or nested in one;
/// 204 for one that is not there.
pub(super) async fn datapoints(
    State(shell): State<Shell>,
    axum::extract::Path(id): axum::extract::Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let entries = match shell.credentials.authenticate(&headers) {
        Ok(_) => collect(&shell, true).await,
        Err(error) => Err(error),
    };
    let mut entries = match entries {
        Ok(entries) => entries.into_iter(),
        Err(error) => return error.into_response(),
    };
    let Some(entry) = entries.find(|entry| entry.container.container_id.value == id) else {
        return answer::empty(StatusCode::NO_CONTENT);
    };
    let statistics = entry.container.resource_statistics.unwrap_or_default();
    let mut dimensions = Map::from_iter([("container_id".to_owned(), Value::String(id))]);
    if let Some(view) = entry.view {
        dimensions.insert("framework_id".to_owned(), view.framework.to_string().into());
        dimensions.insert("executor_id".to_owned(), view.executor.to_string().into());
    }
    let document = serde_json::json!({"datapoints": points(&statistics), "dimensions": dimensions});
    answer::bytes(&headers, "application/json", document.to_string().into_bytes())
}

/// Each number by the name that it has in DC/OS.
// DC/OS: Mesos' own with a point after the resource, `cpus.user_time_secs`.
fn points(statistics: &ResourceStatistics) -> Vec<Value> {
    let now = crate::clock::rfc3339(crate::clock::wall());
    let Value::Object(mut members) = json(statistics) else { return Vec::new() };
    // Without a cgroup there is only what its processes have; clients look for the total.
    if let Some(rss) = members.get("mem_rss_bytes").cloned() {
        members.entry("mem_total_bytes").or_insert(rss);
    }
    let point = |(name, value): (String, Value)| {
        let (resource, rest) = name.split_once('_')?;
        let is_known = matches!(resource, "cpus" | "mem" | "disk" | "net") && value.is_number();
        let unit = match rest.rsplit('_').next() {
            Some("secs") => "seconds",
            Some("bytes") => "bytes",
            _ => "count",
        };
        is_known.then(|| {
            serde_json::json!({
                "name": format!("{resource}.{rest}"),
                "value": value,
                "unit": unit,
                "timestamp": now,
                "tags": {},
            })
        })
    };
    members.into_iter().filter_map(point).collect()
}

/// A path of identifiers: what is written into a script must not be one itself.
fn is_callback(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
    !name.is_empty() && name.len() <= 128 && name.chars().all(allowed)
}

fn json(message: &impl wire::Message) -> Value {
    serde_json::from_slice(&wire::json::to_vec(message)).unwrap_or_default()
}

async fn collect(shell: &Shell, nested: bool) -> Result<Vec<Entry>, ApiError> {
    let views = shell.mailbox.look(|core, _| core.view_containers()).await?;
    let (containers, registry) = (shell.containers.clone(), shell.nested.clone());
    let work = move || describe(views, &containers, nested.then_some(&registry));
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::stopped())
}

fn describe(
    views: Vec<ContainerView>,
    containers: &Containers,
    nested: Option<&Nested>,
) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(views.len());
    let mut inner = Vec::new();
    for view in views {
        let root = view.container.to_wire();
        if let Some(nested) = nested {
            for member in &view.members {
                let id = ContainerId {
                    value: member.id.to_string(),
                    parent: Some(Box::new(root.clone())),
                };
                let process =
                    member.pid.and_then(|pid| PidRef::of(pid.cast_signed()).ok().flatten());
                let statistics = statistics_of(process, None, &member.resources);
                inner.push(inner_entry(id, process, statistics));
            }
            for (id, process) in nested.running_below(&view.container) {
                let statistics = statistics_of(process, None, &Resources::new());
                inner.push(inner_entry(id, process, statistics));
            }
        }
        let process = view.process.map(|(pid, started)| PidRef { pid: pid.cast_signed(), started });
        let cgroup = containers.cgroup(&view.container);
        let statistics = statistics_of(process, cgroup.as_ref(), &view.resources);
        let container = Container {
            framework_id: Some(view.framework.to_wire()),
            executor_id: Some(view.executor.to_wire()),
            executor_name: Some(view.name.clone()),
            container_id: root.clone(),
            container_status: Some(status_of(root, process)),
            resource_statistics: Some(statistics),
        };
        entries.push(Entry { view: Some(view), container });
    }
    entries.append(&mut inner);
    entries
}

// Mesos: what is nested names no executor, and its id stands without those of its parents outside of
// the status.
fn inner_entry(id: ContainerId, process: Option<PidRef>, statistics: ResourceStatistics) -> Entry {
    let container = Container {
        container_id: ContainerId { value: id.value.clone(), parent: None },
        container_status: Some(status_of(id, process)),
        resource_statistics: Some(statistics),
        ..Container::default()
    };
    Entry { view: None, container }
}

fn status_of(id: ContainerId, process: Option<PidRef>) -> ContainerStatus {
    ContainerStatus {
        container_id: Some(id),
        executor_pid: process.map(|process| process.pid.unsigned_abs()),
        ..ContainerStatus::default()
    }
}

fn statistics_of(
    process: Option<PidRef>,
    cgroup: Option<&crate::container::cgroup::Cgroup>,
    resources: &Resources,
) -> ResourceStatistics {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let thousandths = |name| resources.scalar(name).map(|value| value.0);
    #[expect(clippy::cast_precision_loss, reason = "CPUs in thousandths are far below 2^52")]
    let cpus = thousandths("cpus").map(|cpus| cpus as f64 / 1000.0);
    let mem_bytes = thousandths("mem")
        .and_then(|mem| u64::try_from(mem).ok())
        .map(|mem| mem.saturating_mul(1 << 20) / 1000);
    usage::statistics(now, process, cgroup, cpus, mem_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Filters that Mesos refuses are refused with its text, and a callback can't be a script.
    #[test]
    fn filters_and_callbacks_are_checked() {
        for (query, is_taken) in [
            ("container_id=c", true),
            ("framework_id=f&executor_id=e", true),
            ("jsonp=done&other", true),
            ("container_id=c&framework_id=f", false),
            ("executor_id=e", false),
        ] {
            assert_eq!(Filter::read(Some(query)).check().is_ok(), is_taken, "{query}");
        }
        assert!(is_callback("jQuery_1.done"));
        for name in ["", "alert(1)//", "a b", "a;b"] {
            assert!(!is_callback(name), "{name}");
        }
    }
}
