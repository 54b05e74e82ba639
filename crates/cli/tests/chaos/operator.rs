//! Operators: they take agents out of service and back in, often at bad moments, and keep account of what
//! they were told.

use std::time::Duration;

use cli::api::Master;
use daemon::http::NOTHING_CHANGED;
use daemon::http::client::ClientError;
use tokio::time::timeout;
use wire::ebb::Reachability;
use wire::google::Duration as WireDuration;
use wire::master::call::DrainAgent;
use wire::v1::AgentId;

use crate::clock;
use crate::ledger::{Act, Answer};
use crate::world::{ANSWER_LIMIT, World, read_agents_of};

/// Longest wait for a master that may know.
const FIND_LIMIT: Duration = Duration::from_millis(1500);

/// Does one thing to the agent of a host, if a master says which that is; another if it is in service and
/// was to be reactivated.
pub(crate) async fn operate(world: &World, host: &str, act: Act, else_act: Act) -> Option<Answer> {
    let (master, id, is_out) = find(world, host).await?;
    let act = if act == Act::Reactivate && !is_out { else_act } else { act };
    let answer = call(world, &master, &id, act).await;
    world.count(format!("{} {answer:?}", name(act)));
    Some(answer)
}

/// The agent of a host and whether it is out of service, and a master that answers: a call to nobody would
/// only leave doubts behind.
async fn find(world: &World, host: &str) -> Option<(Master, String, bool)> {
    for master in world.masters() {
        let Ok(Some(agents)) = timeout(FIND_LIMIT, read_agents_of(&master)).await else { continue };
        let mut shown = agents.into_iter();
        let shown =
            shown.find(|shown| shown.host == host && shown.reachability != Reachability::Gone)?;
        return Some((master, shown.id, shown.is_out || shown.drain.is_some()));
    }
    None
}

async fn call(world: &World, master: &Master, id: &str, act: Act) -> Answer {
    world.journal.note(&format!("operator: {act:?} {id}"));
    world.ledger.lock().unwrap().begin(clock::now(), id, act);
    let agent_id = AgentId { value: id.to_owned() };
    let outcome = match act {
        Act::Drain { bound, decommission } => {
            let call = DrainAgent {
                agent_id,
                max_grace_period: bound.map(|bound| WireDuration {
                    seconds: i64::try_from(bound.as_secs()).unwrap(),
                    nanos: 0,
                }),
                mark_gone: decommission.then_some(true),
                ..DrainAgent::default()
            };
            timeout(ANSWER_LIMIT, master.drain_agent(call)).await
        }
        Act::Deactivate => {
            timeout(ANSWER_LIMIT, master.deactivate_agent(agent_id, None, None)).await
        }
        Act::Reactivate => timeout(ANSWER_LIMIT, master.reactivate_agent(agent_id)).await,
    };
    let answer = match &outcome {
        Ok(Ok(())) => Answer::Done,
        Ok(Err(ClientError::Status { status, text, .. }))
            if status.is_client_error() || text.contains(NOTHING_CHANGED) =>
        {
            Answer::Refused
        }
        Ok(Err(ClientError::NoLeader(tried)))
            if !tried.lines.is_empty()
                && tried.lines.iter().all(|line| line.contains(NOTHING_CHANGED)) =>
        {
            Answer::Refused
        }
        // Nobody was asked.
        Ok(Err(ClientError::Unreachable { .. })) => Answer::Refused,
        Ok(Err(_)) | Err(_) => Answer::Unknown,
    };
    world.ledger.lock().unwrap().end(clock::now(), id, act, answer);
    let cause = match outcome {
        Ok(Ok(())) => String::new(),
        Ok(Err(error)) => error.to_string(),
        Err(_elapsed) => "no answer".to_owned(),
    };
    world.journal.note(&format!("operator: {act:?} {id}: {answer:?} {cause}"));
    answer
}

fn name(act: Act) -> &'static str {
    match act {
        Act::Drain { decommission: true, .. } => "decommission",
        Act::Drain { .. } => "drain",
        Act::Deactivate => "deactivate",
        Act::Reactivate => "reactivate",
    }
}
