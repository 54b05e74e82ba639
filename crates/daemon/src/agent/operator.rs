//! The agent's own `/api/v1`: reads of its state and of files in sandboxes.

use agent::Agent;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use wire::agent::call::Type;
use wire::agent::{Call, response};
use wire::media::MediaType;

use super::formats::Formats;
use super::nested::attach;
use super::nested::calls::Ask;
use super::{Shell, files, metrics, usage};
use crate::exposition::Called;
use crate::http::legacy::{self, Query};
use crate::http::{self, ApiError, answer};
use crate::logging;

const CALL_LIMIT_BYTES: usize = 16 << 20;

type Answer = wire::agent::Response;

pub(super) async fn handle(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let mut called = Called::unread("agent");
    let answered = try_handle(shell, request, &mut called).await;
    called.answer(answered)
}

async fn try_handle(
    shell: Shell,
    request: Request<Body>,
    called: &mut Called,
) -> Result<Response<Body>, ApiError> {
    shell.credentials.authenticate(request.headers())?;
    http::require_post(&request)?;
    let formats = Formats::read(request.headers())?;
    let (head, body) = request.into_parts();
    if formats.content == MediaType::RecordIo {
        return attach::input(&shell, formats, body).await;
    }
    let body = http::read_body(body, CALL_LIMIT_BYTES).await?;
    let mut call: Call = http::decode(formats.content, &body)?;
    drop(body);
    let kind = validate(&call)?;
    called.name = kind.as_str_name();
    formats.check(kind)?;
    if let Some(outcome) = change(kind, &call) {
        return outcome.map(|()| answer::empty(StatusCode::OK));
    }
    if let Some(ask) = Ask::read(kind, &mut call)? {
        return Box::pin(ask.answer(&shell, formats, &head.headers)).await;
    }
    let message = read(&shell, kind, call).await?;
    Ok(answer::message(&head.headers, formats.accept, &message))
}

/// The type of a call whose required parts are there.
#[expect(clippy::wildcard_enum_match_arm, reason = "most calls have no parts")]
fn validate(call: &Call) -> Result<Type, ApiError> {
    let refuse = |what: &str| {
        ApiError::bad_request(format!(
            "Failed to validate agent::Call: Expecting '{what}' to be present"
        ))
    };
    // A number this server doesn't know reads as unset.
    let kind =
        call.r#type.and_then(|number| Type::try_from(number).ok()).ok_or_else(|| refuse("type"))?;
    let (name, present) = match kind {
        Type::GetMetrics => ("get_metrics", call.get_metrics.is_some()),
        Type::SetLoggingLevel => ("set_logging_level", call.set_logging_level.is_some()),
        Type::AddResourceProviderConfig => {
            ("add_resource_provider_config", call.add_resource_provider_config.is_some())
        }
        Type::UpdateResourceProviderConfig => {
            ("update_resource_provider_config", call.update_resource_provider_config.is_some())
        }
        Type::RemoveResourceProviderConfig => {
            ("remove_resource_provider_config", call.remove_resource_provider_config.is_some())
        }
        Type::MarkResourceProviderGone => {
            ("mark_resource_provider_gone", call.mark_resource_provider_gone.is_some())
        }
        Type::ListFiles => ("list_files", call.list_files.is_some()),
        Type::ReadFile => ("read_file", call.read_file.is_some()),
        _ => ("", true),
    };
    if present { Ok(kind) } else { Err(refuse(name)) }
}

/// What becomes of a call that changes something of the agent itself; `None` for any other.
#[expect(clippy::wildcard_enum_match_arm, reason = "few calls change the agent itself")]
fn change(kind: Type, call: &Call) -> Option<Result<(), ApiError>> {
    let no_providers = |status: StatusCode| {
        let why = "This agent runs no local resource providers, so there is none to configure";
        Some(Err(ApiError::new(status, why)))
    };
    match kind {
        Type::SetLoggingLevel => {
            let change = call.set_logging_level.unwrap_or_default();
            Some(logging::set(change.level, change.duration))
        }
        // There is no store of images: nothing is left of what is not used.
        Type::PruneImages => Some(Ok(())),
        // Mesos: without `--resource_provider_config_dir` it fails.
        Type::AddResourceProviderConfig
        | Type::UpdateResourceProviderConfig
        | Type::RemoveResourceProviderConfig => no_providers(StatusCode::INTERNAL_SERVER_ERROR),
        Type::MarkResourceProviderGone => no_providers(StatusCode::NOT_FOUND),
        _ => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the core answers all others")]
async fn read(shell: &Shell, kind: Type, call: Call) -> Result<Answer, ApiError> {
    use response::Type as Is;
    let (is, mut answer) = match kind {
        Type::GetHealth => {
            let get_health = response::GetHealth { healthy: true };
            (Is::GetHealth, Answer { get_health: Some(get_health), ..Answer::default() })
        }
        Type::GetFlags => {
            let flags = shell
                .flags
                .iter()
                .map(|(name, value)| wire::v1::Flag {
                    name: name.clone(),
                    value: Some(value.clone()),
                })
                .collect();
            let get_flags = response::GetFlags { flags };
            (Is::GetFlags, Answer { get_flags: Some(get_flags), ..Answer::default() })
        }
        Type::GetVersion => {
            let get_version = response::GetVersion { version_info: crate::version::info() };
            (Is::GetVersion, Answer { get_version: Some(get_version), ..Answer::default() })
        }
        Type::GetLoggingLevel => {
            let get_logging_level = response::GetLoggingLevel { level: logging::level() };
            let answer = Answer { get_logging_level: Some(get_logging_level), ..Answer::default() };
            (Is::GetLoggingLevel, answer)
        }
        Type::GetResourceProviders => {
            let get_resource_providers = Some(response::GetResourceProviders::default());
            (Is::GetResourceProviders, Answer { get_resource_providers, ..Answer::default() })
        }
        Type::Unknown => {
            return Err(ApiError::new(StatusCode::NOT_IMPLEMENTED, "Received an unknown call"));
        }
        Type::GetMetrics => {
            let metrics = metrics::collect(shell).await?.into_iter();
            let metrics =
                metrics.map(|(name, value)| wire::v1::Metric { name, value: Some(value) });
            let get_metrics = response::GetMetrics { metrics: metrics.collect() };
            (Is::GetMetrics, Answer { get_metrics: Some(get_metrics), ..Answer::default() })
        }
        Type::ListFiles => {
            let path = call.list_files.unwrap_or_default().path;
            let file_infos = files::list(&shell.work_dir, &path).await?;
            let list_files = response::ListFiles { file_infos };
            (Is::ListFiles, Answer { list_files: Some(list_files), ..Answer::default() })
        }
        Type::ReadFile => {
            let call = call.read_file.unwrap_or_default();
            let (size, data) =
                files::read(&shell.work_dir, &call.path, call.offset, call.length).await?;
            let read_file = response::ReadFile { size, data };
            (Is::ReadFile, Answer { read_file: Some(read_file), ..Answer::default() })
        }
        Type::GetContainers => {
            let call = call.get_containers.unwrap_or_default();
            let get_containers = usage::get_containers(shell, call).await?;
            // Mesos: the part is absent where it would be empty.
            let get_containers = Some(get_containers).filter(|it| !it.containers.is_empty());
            (Is::GetContainers, Answer { get_containers, ..Answer::default() })
        }
        other => read_core(shell, other).await?,
    };
    answer.r#type = Some(is.into());
    Ok(answer)
}

/// Reads of what the core knows.
#[expect(clippy::wildcard_enum_match_arm, reason = "calls that are not served share one answer")]
async fn read_core(shell: &Shell, kind: Type) -> Result<(response::Type, Answer), ApiError> {
    use response::Type as Is;
    let (is, fill): (_, fn(&Agent, &mut Answer)) = match kind {
        Type::GetState => (Is::GetState, |core, a| a.get_state = Some(core.view_state())),
        Type::GetAgent => (Is::GetAgent, |core, a| a.get_agent = Some(core.view_agent())),
        Type::GetTasks => (Is::GetTasks, |core, a| a.get_tasks = Some(core.view_tasks())),
        Type::GetExecutors => {
            (Is::GetExecutors, |core, a| a.get_executors = Some(core.view_executors()))
        }
        Type::GetFrameworks => {
            (Is::GetFrameworks, |core, a| a.get_frameworks = Some(core.view_frameworks()))
        }
        Type::GetOperations => {
            (Is::GetOperations, |core, a| a.get_operations = Some(core.view_operations()))
        }
        other => {
            return Err(ApiError::new(
                StatusCode::NOT_IMPLEMENTED,
                format!("Ebb does not serve {} yet", other.as_str_name()),
            ));
        }
    };
    let look = move |core: &Agent, _| {
        let mut answer = Answer::default();
        fill(core, &mut answer);
        answer
    };
    Ok((is, shell.mailbox.look(look).await?))
}

/// Older path that monitoring tools and load balancers ask.
pub(super) async fn health(State(shell): State<Shell>) -> Response<Body> {
    match shell.mailbox.look(|_, _| ()).await {
        Ok(()) => answer::empty(StatusCode::OK),
        Err(stopped) => ApiError::from(stopped).into_response(),
    }
}

/// `/version`, as JSON.
pub(super) async fn version(request: Request<Body>) -> Response<Body> {
    let json = wire::json::to_vec(&crate::version::info());
    let answered = legacy::answer(request.headers(), &Query::of(request.uri()), &json);
    answered.unwrap_or_else(ApiError::into_response)
}
