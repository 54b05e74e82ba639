//! The calls about containers: launch, wait, kill, remove, sessions, and what is attached to.

use agent::nested::{NestedId, NestedRefusal, Termination};
use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use rustix::process::Signal;
use wire::agent::call::Type;
use wire::agent::response::{self, WaitContainer, WaitNestedContainer};
use wire::agent::{Call, Response as Answer};
use wire::v1::{CommandInfo, ContainerId, ContainerInfo, container_info};

use super::process::Order;
use super::{LaunchError, Launched, attach};
use crate::agent::Shell;
use crate::agent::formats::Formats;
use crate::container::pidfd::{Delivery, PidRef};
use crate::http::{ApiError, answer};

/// What a call asks for, with its parts.
#[derive(Debug)]
pub(in crate::agent) enum Ask {
    Launch(Box<Order>),
    Wait { id: NestedId, is_old: bool },
    Kill { id: NestedId, signal: i32 },
    Remove { id: NestedId },
    Output { id: NestedId },
}

impl Ask {
    /// Reads a call; `None` if it is about something else.
    ///
    /// # Errors
    /// What is missing or wrong, in Mesos' words.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most calls are about something else")]
    pub(in crate::agent) fn read(kind: Type, call: &mut Call) -> Result<Option<Self>, ApiError> {
        let ask = match kind {
            Type::LaunchNestedContainer => {
                let part = "launch_nested_container";
                let call = call.launch_nested_container.take().ok_or_else(|| missing(part))?;
                launch(part, &call.container_id, call.command, call.container, false)?
            }
            Type::LaunchNestedContainerSession => {
                let part = "launch_nested_container_session";
                let call = call.launch_nested_container_session.take();
                let call = call.ok_or_else(|| missing(part))?;
                launch(part, &call.container_id, call.command, call.container, true)?
            }
            Type::LaunchContainer => {
                let part = "launch_container";
                let call = call.launch_container.take().ok_or_else(|| missing(part))?;
                if call.container_id.parent.is_none() {
                    id_of(part, &call.container_id, false)?;
                    return Err(ApiError::new(
                        StatusCode::NOT_IMPLEMENTED,
                        "This agent launches no standalone containers: they would run outside of every \
                         offer and every drain. Name the container it is to run in as its parent",
                    ));
                }
                launch(part, &call.container_id, call.command, call.container, false)?
            }
            Type::WaitNestedContainer => {
                let part = "wait_nested_container";
                let call = call.wait_nested_container.as_ref().ok_or_else(|| missing(part))?;
                Self::Wait { id: id_of(part, &call.container_id, true)?, is_old: true }
            }
            Type::WaitContainer => {
                let part = "wait_container";
                let call = call.wait_container.as_ref().ok_or_else(|| missing(part))?;
                Self::Wait { id: id_of(part, &call.container_id, false)?, is_old: false }
            }
            Type::KillNestedContainer => {
                let part = "kill_nested_container";
                let call = call.kill_nested_container.as_ref().ok_or_else(|| missing(part))?;
                kill(part, &call.container_id, call.signal, true)?
            }
            Type::KillContainer => {
                let part = "kill_container";
                let call = call.kill_container.as_ref().ok_or_else(|| missing(part))?;
                kill(part, &call.container_id, call.signal, false)?
            }
            Type::RemoveNestedContainer => {
                let part = "remove_nested_container";
                let call = call.remove_nested_container.as_ref().ok_or_else(|| missing(part))?;
                Self::Remove { id: id_of(part, &call.container_id, true)? }
            }
            Type::RemoveContainer => {
                let part = "remove_container";
                let call = call.remove_container.as_ref().ok_or_else(|| missing(part))?;
                Self::Remove { id: id_of(part, &call.container_id, false)? }
            }
            Type::AttachContainerOutput => {
                let part = "attach_container_output";
                let call = call.attach_container_output.as_ref().ok_or_else(|| missing(part))?;
                Self::Output { id: id_of(part, &call.container_id, false)? }
            }
            _ => return Ok(None),
        };
        Ok(Some(ask))
    }

    /// Carries it out.
    pub(in crate::agent) async fn answer(
        self,
        shell: &Shell,
        formats: Formats,
        headers: &HeaderMap,
    ) -> Result<Response<Body>, ApiError> {
        match self {
            Self::Launch(order) => {
                let (id, is_session) = (order.id.clone(), order.is_session);
                match launch_it(shell, *order).await? {
                    // Mesos: a session with an id that is taken is not attached to.
                    Launched::AlreadyThere => Ok(answer::empty(StatusCode::ACCEPTED)),
                    Launched::Started if is_session => attach::session(shell, &id, formats).await,
                    Launched::Started => Ok(answer::empty(StatusCode::OK)),
                }
            }
            Self::Wait { id, is_old } => {
                let ended = shell.nested.wait(shell, &id).await?;
                let ended = ended.ok_or_else(|| not_found(&id))?;
                let message = waited(ended, is_old);
                Ok(answer::message(headers, formats.accept, &message))
            }
            Self::Kill { id, signal } => kill_it(shell, &id, signal).await,
            Self::Remove { id } => {
                shell.nested.remove(shell, &id).await?;
                Ok(answer::empty(StatusCode::OK))
            }
            Self::Output { id } => attach::output(shell, &id, formats).await,
        }
    }
}

fn missing(part: &str) -> ApiError {
    invalid(&format!("Expecting '{part}' to be present"))
}

fn invalid(text: &str) -> ApiError {
    ApiError::bad_request(format!("Failed to validate agent::Call: {text}"))
}

/// Reads the id of a container; `nested` if it must have a parent.
pub(super) fn id_of(part: &str, id: &ContainerId, nested: bool) -> Result<NestedId, ApiError> {
    let read = NestedId::from_wire(id)
        .map_err(|why| invalid(&format!("'{part}.container_id' is invalid: {why}")))?;
    if nested && id.parent.is_none() {
        return Err(invalid(&format!("Expecting '{part}.container_id.parent' to be present")));
    }
    Ok(read)
}

fn launch(
    part: &str,
    id: &ContainerId,
    command: Option<CommandInfo>,
    container: Option<ContainerInfo>,
    is_session: bool,
) -> Result<Ask, ApiError> {
    let id = id_of(part, id, true)?;
    let supported = container.as_ref().is_none_or(|container| {
        container.r#type == i32::from(container_info::Type::Mesos)
            && container.docker.is_none()
            && container.mesos.as_ref().is_none_or(|mesos| mesos.image.is_none())
    });
    if !supported {
        return Err(ApiError::bad_request("The provided ContainerInfo is not supported"));
    }
    // Mesos: without a command that of the image is run; there are no images here.
    let command = command.filter(|command| command.value.is_some());
    let command = command.ok_or_else(|| missing(&format!("{part}.command.value")))?;
    if !command.uris.is_empty() {
        return Err(invalid(&format!("'{part}.command.uris' is not supported")));
    }
    Ok(Ask::Launch(Box::new(Order { id, command, container, is_session })))
}

fn kill(part: &str, id: &ContainerId, signal: Option<i32>, nested: bool) -> Result<Ask, ApiError> {
    let id = id_of(part, id, nested)?;
    // Mesos: SIGKILL if nothing is said.
    Ok(Ask::Kill { id, signal: signal.unwrap_or(Signal::KILL.as_raw()) })
}

pub(super) fn not_found(id: &NestedId) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("Container {id} cannot be found"))
}

async fn launch_it(shell: &Shell, order: Order) -> Result<Launched, ApiError> {
    let root = order.id.root();
    let seen = root.clone();
    let view = shell.mailbox.look(move |core, _| core.view_container(&seen)).await?;
    let Some(view) = view else {
        let parent = order.id.parent().unwrap_or_else(|| order.id.clone());
        return Err(refused(&NestedRefusal::NoParent(parent).into()));
    };
    let (nested, id) = (shell.nested.clone(), order.id.clone());
    let around = tokio::task::spawn_blocking(move || nested.surroundings(&id, view));
    let mut around = around.await.map_err(|_| ApiError::stopped())?;
    around.cgroup = shell.containers.cgroup(&root);
    let mailbox = shell.mailbox.clone();
    let is_still_there = async move {
        let view = mailbox.look(move |core, _| core.view_container(&root)).await;
        view.is_ok_and(|view| view.is_some_and(|view| !view.ending))
    };
    shell.nested.launch(order, around, is_still_there).await.map_err(|error| refused(&error))
}

// Mesos: whatever keeps a container from being launched is most likely the caller's doing.
fn refused(error: &LaunchError) -> ApiError {
    ApiError::bad_request(error.to_string())
}

fn waited(ended: Termination, is_old: bool) -> Answer {
    let Termination { wait_status, state, message } = ended;
    let state = state.map(i32::from);
    if is_old {
        let wait = WaitNestedContainer {
            exit_status: wait_status,
            state,
            message,
            ..WaitNestedContainer::default()
        };
        return Answer {
            r#type: Some(response::Type::WaitNestedContainer.into()),
            wait_nested_container: Some(wait),
            ..Answer::default()
        };
    }
    let wait =
        WaitContainer { exit_status: wait_status, state, message, ..WaitContainer::default() };
    Answer {
        r#type: Some(response::Type::WaitContainer.into()),
        wait_container: Some(wait),
        ..Answer::default()
    }
}

async fn kill_it(shell: &Shell, id: &NestedId, signal: i32) -> Result<Response<Body>, ApiError> {
    let named = Signal::from_named_raw(signal)
        .ok_or_else(|| invalid(&format!("there is no signal {signal}")))?;
    let failed = |error: std::io::Error| {
        let text = format!("cannot signal the container: {error}");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    };
    let mut delivery = shell.nested.kill(id, named).await.map_err(failed)?;
    if delivery == Delivery::Gone {
        // One that an executor made: of the agent for a task, or of a group for its member.
        let root = id.root();
        let view = shell.mailbox.look(move |core, _| core.view_container(&root)).await?;
        let process = view.and_then(|view| {
            if id.parent().is_none() {
                let (pid, started) = view.process?;
                return Some(PidRef { pid: pid.cast_signed(), started });
            }
            let member = view.members.iter().find(|it| *it.id == *id.leaf())?;
            PidRef::of(member.pid?.cast_signed()).ok()?
        });
        if let Some(process) = process {
            delivery = process.signal(named).map_err(failed)?;
        }
    }
    match delivery {
        Delivery::Sent => Ok(answer::empty(StatusCode::OK)),
        Delivery::Gone => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("Container '{id}' cannot be found (or is already killed)"),
        )),
    }
}

impl super::Nested {
    async fn remove(&self, shell: &Shell, id: &NestedId) -> Result<(), ApiError> {
        let not_yet = |why: String| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, why);
        let root = id.root();
        let view = shell.mailbox.look(move |core, _| core.view_container(&root)).await?;
        let known = {
            let mut state = self.inner.state();
            state.book.remove(id).map_err(|why| not_yet(why.to_string()))?;
            state.known.remove(id)
        };
        if known.is_none() && id.parent().is_none() && view.is_some() {
            return Err(not_yet("The container of an executor ends with it".to_owned()));
        }
        let Some(known) = known else { return Ok(()) };
        let (this, id) = (self.clone(), id.clone());
        let removed = tokio::task::spawn_blocking(move || {
            if !known.record.is_session
                && let Some(view) = view
            {
                super::process::remove_sandbox(&this.inner.site, &view, &id);
            }
            known.files.remove();
        });
        removed.await.map_err(|_| ApiError::stopped())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str) -> Result<Option<Ask>, ApiError> {
        let mut call: Call = wire::json::from_slice(text.as_bytes()).unwrap();
        let kind = Type::try_from(call.r#type.unwrap()).unwrap();
        Ask::read(kind, &mut call)
    }

    /// What is missing or wrong in a call is said in Mesos' words, and the number of the status tells clients
    /// whose fault it is.
    #[test]
    fn bad_calls_are_refused_in_the_words_of_mesos() {
        for (call, status, text) in [
            (
                r#"{"type":"WAIT_CONTAINER"}"#,
                400,
                "Failed to validate agent::Call: Expecting 'wait_container' to be present",
            ),
            (
                r#"{"type":"KILL_NESTED_CONTAINER","kill_nested_container":{"container_id":{"value":"a"}}}"#,
                400,
                "Failed to validate agent::Call: Expecting 'kill_nested_container.container_id.parent' to be \
                 present",
            ),
            (
                r#"{"type":"REMOVE_CONTAINER","remove_container":{"container_id":{"value":"a b"}}}"#,
                400,
                "Failed to validate agent::Call: 'remove_container.container_id' is invalid: \
                 'ContainerID.value' 'a b' contains invalid characters",
            ),
            (
                r#"{"type":"LAUNCH_CONTAINER","launch_container":{"container_id":{"value":"a"}}}"#,
                501,
                "This agent launches no standalone containers",
            ),
            (
                r#"{"type":"LAUNCH_NESTED_CONTAINER","launch_nested_container":{"container_id":{"value":"a",
                "parent":{"value":"b"}},"command":{"value":"id"},"container":{"type":"DOCKER"}}}"#,
                400,
                "The provided ContainerInfo is not supported",
            ),
            (
                r#"{"type":"LAUNCH_NESTED_CONTAINER","launch_nested_container":{"container_id":{"value":"a",
                "parent":{"value":"b"}}}}"#,
                400,
                "Failed to validate agent::Call: Expecting 'launch_nested_container.command.value'",
            ),
        ] {
            let error = ask(call).unwrap_err();
            assert_eq!(error.status.as_u16(), status, "{error}");
            assert!(error.text.starts_with(text), "{error}");
        }
        assert!(ask(r#"{"type":"GET_TASKS"}"#).unwrap().is_none());
    }

    /// A signal that is not named is SIGKILL, and both forms of the calls are read.
    #[test]
    fn both_forms_of_the_calls_are_read() {
        let nested = r#""container_id":{"value":"a","parent":{"value":"b"}}"#;
        for (kind, part) in [
            ("KILL_CONTAINER", "kill_container"),
            ("KILL_NESTED_CONTAINER", "kill_nested_container"),
        ] {
            let call = format!(r#"{{"type":"{kind}","{part}":{{{nested}}}}}"#);
            let Some(Ask::Kill { id, signal }) = ask(&call).unwrap() else { panic!("{call}") };
            assert_eq!((id.as_str(), signal), ("b.a", 9));
        }
        for (kind, part, old) in [
            ("WAIT_CONTAINER", "wait_container", false),
            ("WAIT_NESTED_CONTAINER", "wait_nested_container", true),
        ] {
            let call = format!(r#"{{"type":"{kind}","{part}":{{{nested}}}}}"#);
            let Some(Ask::Wait { is_old, .. }) = ask(&call).unwrap() else { panic!("{call}") };
            assert_eq!(is_old, old);
        }
    }
}
