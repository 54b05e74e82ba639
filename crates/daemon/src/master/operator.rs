//! `/api/v1`: the operator's reads, node calls and event stream.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use bytes::{Bytes, BytesMut};
use master::{DrainRequest, Event, OverlayRequest, RoleChange, Snapshot};
use model::{AgentId, FrameworkId};
use wire::compose::{self, Composer};
use wire::field;
use wire::master::call::Type;
use wire::master::{Call, event, response};
use wire::media::MediaType;

use super::reads::{AtSnapshot, Question, Render};
use super::{Shell, flags, front, maintenance, metrics, operations};
use crate::exposition::Called;
use crate::http::legacy::{self, Query};
use crate::http::{self, ApiError, answer};
use crate::logging;

const CALL_LIMIT_BYTES: usize = 16 << 20;
/// Longest reason and name an operator may leave in the registry.
const TEXT_LIMIT_BYTES: usize = 1024;
// Mesos: heartbeats of the event stream.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) async fn handle(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let mut called = Called::unread("operator");
    let answered = try_handle(shell.clone(), request, &mut called).await;
    let mut response = called.answer(answered);
    front::mark(response.headers_mut(), shell.unavailable_since());
    response
}

async fn try_handle(
    shell: Shell,
    request: Request<Body>,
    called: &mut Called,
) -> Result<Response<Body>, ApiError> {
    let principal = shell.context.credentials.authenticate(request.headers())?;
    http::require_post(&request)?;
    let media = http::content_type(request.headers())?;
    let (head, body) = request.into_parts();
    let body = http::read_body(body, CALL_LIMIT_BYTES).await?;
    let call: Call = http::decode(media, &body)?;
    let kind = validate(&call)?;
    called.name = kind.as_str_name();
    let accept = http::accept(&head.headers)?;
    if kind == Type::Subscribe {
        return subscribe(shell, accept).await;
    }
    if let Some(change) = call.set_logging_level.filter(|_| kind == Type::SetLoggingLevel) {
        logging::set(change.level, change.duration)?;
        return Ok(answer::empty(StatusCode::OK));
    }
    // Mesos: only a log that goes to a file is to be read here; this one goes to standard error.
    if matches!(kind, Type::ListFiles | Type::ReadFile) {
        return Ok(answer::empty(StatusCode::NOT_FOUND));
    }
    if let Some(event) = mutation(kind, call, principal)? {
        return mutate(&shell, event, operations::status(kind)).await;
    }
    if let Some(write) = written(kind) {
        return shell
            .reads
            .message::<Answer>(&head.headers, kind.as_str_name(), accept, write)
            .await;
    }
    let message = read(&shell, kind).await?;
    Ok(answer::message(&head.headers, accept, &message))
}

/// The type of a call whose required parts are there.
#[expect(clippy::wildcard_enum_match_arm, reason = "most calls have no parts")]
fn validate(call: &Call) -> Result<Type, ApiError> {
    let refuse = |what: &str| {
        ApiError::bad_request(format!(
            "Failed to validate master::Call: Expecting '{what}' to be present"
        ))
    };
    // A number this server doesn't know reads as unset.
    let kind =
        call.r#type.and_then(|number| Type::try_from(number).ok()).ok_or_else(|| refuse("type"))?;
    let (name, present) = match kind {
        Type::GetMetrics => ("get_metrics", call.get_metrics.is_some()),
        Type::SetLoggingLevel => ("set_logging_level", call.set_logging_level.is_some()),
        Type::ListFiles => ("list_files", call.list_files.is_some()),
        Type::ReadFile => ("read_file", call.read_file.is_some()),
        Type::DrainAgent => ("drain_agent", call.drain_agent.is_some()),
        Type::DeactivateAgent => ("deactivate_agent", call.deactivate_agent.is_some()),
        Type::ReactivateAgent => ("reactivate_agent", call.reactivate_agent.is_some()),
        Type::MarkAgentGone => ("mark_agent_gone", call.mark_agent_gone.is_some()),
        Type::Teardown => ("teardown", call.teardown.is_some()),
        Type::UpdateQuota => ("update_quota", call.update_quota.is_some()),
        Type::SetQuota => ("set_quota", call.set_quota.is_some()),
        Type::RemoveQuota => ("remove_quota", call.remove_quota.is_some()),
        Type::UpdateWeights => ("update_weights", call.update_weights.is_some()),
        Type::ReserveResources => ("reserve_resources", call.reserve_resources.is_some()),
        Type::UnreserveResources => ("unreserve_resources", call.unreserve_resources.is_some()),
        Type::CreateVolumes => ("create_volumes", call.create_volumes.is_some()),
        Type::DestroyVolumes => ("destroy_volumes", call.destroy_volumes.is_some()),
        Type::GrowVolume => ("grow_volume", call.grow_volume.is_some()),
        Type::ShrinkVolume => ("shrink_volume", call.shrink_volume.is_some()),
        Type::UpdateMaintenanceSchedule => {
            ("update_maintenance_schedule", call.update_maintenance_schedule.is_some())
        }
        Type::StartMaintenance => ("start_maintenance", call.start_maintenance.is_some()),
        Type::StopMaintenance => ("stop_maintenance", call.stop_maintenance.is_some()),
        _ => ("", true),
    };
    if present { Ok(kind) } else { Err(refuse(name)) }
}

/// The event that an operator's call is to the core; `None` for a read.
///
/// # Errors
/// What is wrong with the call, as the operator is answered.
pub fn event(
    call: Call,
    principal: Option<String>,
    request: master::RequestId,
) -> Result<Option<Event>, ApiError> {
    let kind = validate(&call)?;
    Ok(mutation(kind, call, principal)?.map(|event| event(request)))
}

/// A call that changes something, as an event that still lacks its request.
pub(super) type Mutation = Box<dyn FnOnce(master::RequestId) -> Event + Send>;

#[expect(clippy::wildcard_enum_match_arm, reason = "all other calls are reads")]
fn mutation(
    kind: Type,
    call: Call,
    principal: Option<String>,
) -> Result<Option<Mutation>, ApiError> {
    if let Some(event) = operations::mutation(kind, &call, principal.as_ref())? {
        return Ok(Some(event));
    }
    let event: Mutation = match kind {
        Type::DrainAgent => {
            let call = call.drain_agent.unwrap_or_default();
            let agent = AgentId::from(&call.agent_id);
            let max_grace_period = call
                .max_grace_period
                .as_ref()
                .map(model::duration::from_wire_duration)
                .transpose()?;
            let drain = DrainRequest {
                max_grace_period,
                mark_gone: call.mark_gone.unwrap_or(false),
                reason: text("reason", call.reason)?,
                requested_by: principal.or(text("requested_by", call.requested_by)?),
            };
            Box::new(move |request| Event::DrainAgent { request, agent, drain })
        }
        Type::DeactivateAgent => {
            let call = call.deactivate_agent.unwrap_or_default();
            let agent = AgentId::from(&call.agent_id);
            let overlay = OverlayRequest {
                reason: text("reason", call.reason)?,
                requested_by: principal.or(text("requested_by", call.requested_by)?),
            };
            Box::new(move |request| Event::DeactivateAgent { request, agent, overlay })
        }
        Type::ReactivateAgent => {
            let agent = AgentId::from(&call.reactivate_agent.unwrap_or_default().agent_id);
            Box::new(move |request| Event::ReactivateAgent { request, agent })
        }
        Type::MarkAgentGone => {
            let agent = AgentId::from(&call.mark_agent_gone.unwrap_or_default().agent_id);
            Box::new(move |request| Event::MarkAgentGone { request, agent })
        }
        Type::Teardown => {
            let framework = FrameworkId::from(&call.teardown.unwrap_or_default().framework_id);
            Box::new(move |request| Event::Teardown { request, framework })
        }
        Type::UpdateQuota => {
            let call = call.update_quota.unwrap_or_default();
            let force = call.force.unwrap_or(false);
            let change = RoleChange::UpdateQuota { configs: call.quota_configs, force };
            Box::new(move |request| Event::ChangeRoles { request, change })
        }
        Type::SetQuota => {
            let quota = call.set_quota.unwrap_or_default().quota_request;
            let change = RoleChange::SetQuota(Box::new(quota));
            Box::new(move |request| Event::ChangeRoles { request, change })
        }
        Type::RemoveQuota => {
            let change = RoleChange::RemoveQuota(call.remove_quota.unwrap_or_default().role);
            Box::new(move |request| Event::ChangeRoles { request, change })
        }
        Type::UpdateWeights => {
            let weights = call.update_weights.unwrap_or_default().weight_infos;
            let change = RoleChange::UpdateWeights(weights);
            Box::new(move |request| Event::ChangeRoles { request, change })
        }
        Type::UpdateMaintenanceSchedule => {
            let schedule = call.update_maintenance_schedule.unwrap_or_default().schedule;
            maintenance::update(schedule)
        }
        Type::StartMaintenance => {
            maintenance::start(call.start_maintenance.unwrap_or_default().machines)
        }
        Type::StopMaintenance => {
            maintenance::stop(call.stop_maintenance.unwrap_or_default().machines)
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}

fn text(field: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if text.len() > TEXT_LIMIT_BYTES => Err(ApiError::bad_request(format!(
            "'{field}' has {} bytes; at most {TEXT_LIMIT_BYTES} are kept",
            text.len()
        ))),
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

pub(super) async fn mutate(
    shell: &Shell,
    event: Mutation,
    status: StatusCode,
) -> Result<Response<Body>, ApiError> {
    let (request, reply) = shell.hub.request();
    shell.mailbox.send(event(request)).await?;
    reply.await.map_err(|_| ApiError::stopped())??;
    Ok(answer::empty(status))
}

type Answer = wire::master::Response;

/// Reads of the core's state: the type of the answer, and what writes its parts. One that may be large is written
/// field by field, so that it never stands in memory as a message.
#[expect(clippy::wildcard_enum_match_arm, reason = "other reads are not of the core's state")]
fn written(kind: Type) -> Option<fn(&Snapshot, &mut Composer<'_>)> {
    use response::Type as Is;
    Some(match kind {
        Type::GetState => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetState.into());
            it.section(field!(Answer, "get_state"), |it| core.write_state(it));
        },
        Type::GetAgents => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetAgents.into());
            it.section(field!(Answer, "get_agents"), |it| core.write_agents(it));
        },
        Type::GetFrameworks => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetFrameworks.into());
            it.section(field!(Answer, "get_frameworks"), |it| core.write_frameworks(it));
        },
        Type::GetExecutors => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetExecutors.into());
            it.section(field!(Answer, "get_executors"), |it| core.write_executors(it));
        },
        Type::GetOperations => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetOperations.into());
            it.section(field!(Answer, "get_operations"), |it| core.write_operations(it));
        },
        Type::GetTasks => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetTasks.into());
            it.section(field!(Answer, "get_tasks"), |it| core.write_tasks(it));
        },
        Type::GetRoles => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetRoles.into());
            it.message(field!(Answer, "get_roles"), &core.view_roles());
        },
        Type::GetMaintenanceStatus => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetMaintenanceStatus.into());
            it.message(field!(Answer, "get_maintenance_status"), &core.view_maintenance_status());
        },
        Type::GetMaintenanceSchedule => |core, it| {
            it.number_of(field!(Answer, "type"), Is::GetMaintenanceSchedule.into());
            it.message(
                field!(Answer, "get_maintenance_schedule"),
                &core.view_maintenance_schedule(),
            );
        },
        _ => return None,
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "calls that are not served share one answer")]
async fn read(shell: &Shell, kind: Type) -> Result<Answer, ApiError> {
    use response::Type as Is;
    let (is, mut answer) = match kind {
        Type::GetHealth => {
            let get_health = response::GetHealth { healthy: true };
            (Is::GetHealth, Answer { get_health: Some(get_health), ..Answer::default() })
        }
        Type::GetFlags => {
            let get_flags = response::GetFlags { flags: flags(&shell.context.flags) };
            (Is::GetFlags, Answer { get_flags: Some(get_flags), ..Answer::default() })
        }
        Type::GetVersion => {
            let get_version = response::GetVersion { version_info: crate::version::info() };
            (Is::GetVersion, Answer { get_version: Some(get_version), ..Answer::default() })
        }
        Type::GetMetrics => {
            let get_metrics = response::GetMetrics { metrics: metrics::collect(shell).await? };
            (Is::GetMetrics, Answer { get_metrics: Some(get_metrics), ..Answer::default() })
        }
        Type::GetLoggingLevel => {
            let get_logging_level = response::GetLoggingLevel { level: logging::level() };
            let answer = Answer { get_logging_level: Some(get_logging_level), ..Answer::default() };
            (Is::GetLoggingLevel, answer)
        }
        Type::Unknown => {
            return Err(ApiError::new(StatusCode::NOT_IMPLEMENTED, "Received an unknown call"));
        }
        Type::GetQuota => {
            let get_quota = shell.mailbox.look(|core, _| core.view_quota()).await?;
            (Is::GetQuota, Answer { get_quota: Some(get_quota), ..Answer::default() })
        }
        Type::GetWeights => {
            let get_weights = shell.mailbox.look(|core, _| core.view_weights()).await?;
            // Mesos: without any there is no such field.
            let get_weights = Some(get_weights).filter(|it| !it.weight_infos.is_empty());
            (Is::GetWeights, Answer { get_weights, ..Answer::default() })
        }
        Type::GetMaster => {
            let mut get_master = shell.mailbox.look(|core, _| core.view_master()).await?;
            // Mesos: the process' start; the core begins with its election.
            get_master.start_time = Some(shell.context.process_started.as_secs_f64());
            (Is::GetMaster, Answer { get_master: Some(get_master), ..Answer::default() })
        }
        other => {
            return Err(ApiError::new(
                StatusCode::NOT_IMPLEMENTED,
                format!("Ebb does not serve {} yet", other.as_str_name()),
            ));
        }
    };
    answer.r#type = Some(is.into());
    Ok(answer)
}

/// SUBSCRIBE: the state as it is, then every change.
async fn subscribe(shell: Shell, media: MediaType) -> Result<Response<Body>, ApiError> {
    // From here on the core makes operator events.
    let coming = shell.hub.coming();
    shell.hub.tell_watchers(&shell.mailbox).await?;
    let reads = shell.reads.clone();
    let question = Question { name: "SUBSCRIBE", media, gzip: false };
    let render: Render = Box::new(move |snapshot, out| {
        compose::message::<wire::master::Event>(media, out, |it| {
            it.number_of(field!(wire::master::Event, "type"), event::Type::Subscribed.into());
            it.section(field!(wire::master::Event, "subscribed"), |it| {
                it.section(field!(event::Subscribed, "get_state"), |it| snapshot.write_state(it));
                it.real(
                    field!(event::Subscribed, "heartbeat_interval_seconds"),
                    HEARTBEAT.as_secs_f64(),
                );
            });
        });
    });
    let runtime = tokio::runtime::Handle::current();
    // Should the caller go away, whoever holds the subscription last ends it.
    let (sender, joined) = tokio::sync::oneshot::channel();
    let then: AtSnapshot = Box::new(move |_| {
        let hub = shell.hub.clone();
        let on_close = Box::new(move || {
            runtime.spawn(async move {
                if shell.hub.tell_watchers(&shell.mailbox).await.is_err() {
                    tracing::debug!("a watcher went after the end of the core");
                }
            });
        });
        drop(sender.send(hub.events().join(media, on_close)));
    });
    let subscribed = reads.body_at(question, render, then).await?;
    let subscription = joined.await.map_err(|_| ApiError::stopped())?;
    drop(coming);
    let mut beat = BytesMut::new();
    wire::media::put_record(media, &heartbeat(), &mut beat);
    let head = Bytes::from(wire::recordio::head(subscribed.bytes()));
    let first = std::iter::once(head).chain(subscribed.iter()).chain([beat.freeze()]);
    Ok(subscription.response(first.collect()))
}

/// Hands out operator events and heartbeats to everybody who watches, for as long as the process lives.
pub(super) async fn beat(hub: Arc<super::outbox::Hub>) {
    let beats = async {
        let mut interval = tokio::time::interval(HEARTBEAT);
        loop {
            interval.tick().await;
            hub.events().publish(heartbeat());
        }
    };
    tokio::join!(hub.events().herald(), beats);
}

fn heartbeat() -> wire::master::Event {
    wire::master::Event {
        r#type: Some(event::Type::Heartbeat.into()),
        ..wire::master::Event::default()
    }
}

/// Older paths that monitoring tools and load balancers ask.
pub(super) async fn health(State(shell): State<Shell>) -> Response<Body> {
    match shell.mailbox.look(|_, _| ()).await {
        Ok(()) => {
            let mut response = answer::empty(StatusCode::OK);
            front::mark(response.headers_mut(), shell.unavailable_since());
            response
        }
        Err(stopped) => ApiError::from(stopped).into_response(),
    }
}

/// `/redirect`: to the leader, which is this master.
pub(super) async fn redirect(State(shell): State<Shell>) -> Response<Body> {
    front::redirect(&shell.info, "")
}

/// `/version`, as JSON.
pub(super) async fn version(request: Request<Body>) -> Response<Body> {
    version_of(&request)
}

pub(super) fn version_of(request: &Request<Body>) -> Response<Body> {
    let json = wire::json::to_vec(&crate::version::info());
    let answered = legacy::answer(request.headers(), &Query::of(request.uri()), &json);
    answered.unwrap_or_else(ApiError::into_response)
}
