//! Which call it is, and whether it may be made at all.

use model::{FrameworkId, Now, Refusal, Status};
use wire::allocator::inverse_offer_status::Status as Answer;
use wire::scheduler::Call;
use wire::scheduler::call::Type;

use crate::effects::Effects;
use crate::event::{RequestId, StreamHeader};
use crate::frameworks::{invalid_call, other_principal};
use crate::state::Master;

impl Master {
    /// Any call but SUBSCRIBE. An answer of `Ok` says that it was taken, not what came of it.
    pub(crate) fn scheduler_call(
        &mut self,
        now: Now,
        request: RequestId,
        header: StreamHeader,
        call: Call,
        principal: Option<&str>,
        fx: &mut Effects,
    ) {
        let framework = match self.caller(header, &call, principal) {
            Ok(framework) => framework,
            Err(refusal) => return fx.reply(request, Err(refusal)),
        };
        // Answered first: what follows may end the stream.
        if call.r#type() != Type::UpdateFramework {
            let outcome = why_not_dispatched(&call).map_or(Ok(()), Err);
            let refused = outcome.is_err();
            fx.reply(request, outcome);
            if refused {
                return;
            }
        }
        self.dispatch(now, request, &framework, call, fx);
    }

    /// The framework that calls, if it may.
    // Mesos: in this order, with these statuses and texts.
    fn caller(
        &self,
        header: StreamHeader,
        call: &Call,
        principal: Option<&str>,
    ) -> Result<FrameworkId, Refusal> {
        let id = call.framework_id.as_ref();
        let id = id.ok_or_else(|| invalid_call("Expecting 'framework_id' to be present"))?;
        let framework = self
            .frameworks
            .get(id.value.as_str())
            .ok_or_else(|| Refusal::bad_request("Framework cannot be found"))?;
        let claimed = framework.principal.as_deref().unwrap_or_default();
        if let Some(actual) = principal.filter(|actual| *actual != claimed) {
            return Err(Refusal::bad_request(other_principal(actual, claimed)));
        }
        let Some(stream) = framework.stream else {
            return Err(Refusal::new(Status::Forbidden, "Framework is not subscribed"));
        };
        match header {
            StreamHeader::Of(given) if given == stream => Ok(framework.id.clone()),
            StreamHeader::Of(_) | StreamHeader::Unknown => Err(Refusal::bad_request(format!(
                "The stream ID included in this request didn't match the stream ID currently associated with \
                 framework ID '{}'",
                framework.id
            ))),
            StreamHeader::Missing => Err(Refusal::bad_request(
                "All non-subscribe calls should include the 'Mesos-Stream-Id' header",
            )),
        }
    }

    fn dispatch(
        &mut self,
        now: Now,
        request: RequestId,
        framework: &FrameworkId,
        call: Call,
        fx: &mut Effects,
    ) {
        match call.r#type() {
            Type::Teardown => self.teardown_by_scheduler(now, framework, fx),
            Type::Accept => {
                let accept = call.accept.unwrap_or_default();
                self.accept(now, framework, accept, fx);
            }
            Type::Decline => self.decline(now, framework, &call.decline.unwrap_or_default()),
            Type::Revive => self.revive(framework, call.revive.unwrap_or_default().roles, fx),
            Type::Suppress => self.suppress(framework, call.suppress.unwrap_or_default().roles, fx),
            Type::Kill => self.kill(now, framework, &call.kill.unwrap_or_default(), fx),
            Type::Shutdown => {
                self.shutdown_executor(framework, call.shutdown.unwrap_or_default(), fx);
            }
            Type::Acknowledge => {
                self.acknowledge(framework, &call.acknowledge.unwrap_or_default(), fx);
            }
            Type::AcknowledgeOperationStatus => {
                let acknowledge = call.acknowledge_operation_status.unwrap_or_default();
                self.acknowledge_operation_status(framework, acknowledge, fx);
            }
            Type::Reconcile => {
                self.reconcile(now, framework, &call.reconcile.unwrap_or_default(), fx);
            }
            Type::ReconcileOperations => {
                let asked = call.reconcile_operations.unwrap_or_default();
                self.reconcile_operations(framework, &asked, fx);
            }
            Type::Message => {
                self.framework_message(framework, call.message.unwrap_or_default(), fx);
            }
            Type::UpdateFramework => {
                let update = call.update_framework.unwrap_or_default();
                let outcome = self.update_framework(framework, *update, fx);
                fx.reply(request, outcome);
            }
            Type::AcceptInverseOffers => {
                let call = call.accept_inverse_offers.unwrap_or_default();
                let (ids, filters) = (&call.inverse_offer_ids, call.filters.as_ref());
                self.answer_inverse_offers(now, framework, ids, filters, Answer::Accept, fx);
            }
            Type::DeclineInverseOffers => {
                let call = call.decline_inverse_offers.unwrap_or_default();
                let (ids, filters) = (&call.inverse_offer_ids, call.filters.as_ref());
                self.answer_inverse_offers(now, framework, ids, filters, Answer::Decline, fx);
            }
            // Mesos: its allocator passes over REQUEST too.
            Type::Request
            // Turned down by now.
            | Type::Subscribe
            | Type::Unknown => {}
        }
    }
}

/// Calls that can be told to be senseless before anything is done.
fn why_not_dispatched(call: &Call) -> Option<Refusal> {
    let missing = |name: &str| Some(invalid_call(&format!("Expecting '{name}' to be present")));
    match call.r#type() {
        Type::Unknown if call.r#type.is_none() => missing("type"),
        Type::Unknown => Some(Refusal::new(Status::NotImplemented, "Received 'UNKNOWN' call")),
        Type::Subscribe => missing("subscribe"),
        Type::Accept if call.accept.is_none() => missing("accept"),
        Type::Decline if call.decline.is_none() => missing("decline"),
        Type::Kill if call.kill.is_none() => missing("kill"),
        Type::Shutdown if call.shutdown.is_none() => missing("shutdown"),
        Type::Acknowledge => match &call.acknowledge {
            None => missing("acknowledge"),
            Some(acknowledge) if acknowledge.uuid.len() != 16 => {
                Some(invalid_call("Not a valid UUID"))
            }
            Some(_) => None,
        },
        Type::AcknowledgeOperationStatus => match &call.acknowledge_operation_status {
            None => missing("acknowledge_operation_status"),
            Some(acknowledge) if acknowledge.uuid.len() != 16 => {
                Some(invalid_call("Not a valid UUID"))
            }
            Some(acknowledge) if acknowledge.agent_id.is_none() => {
                Some(invalid_call("Expecting 'agent_id' to be present"))
            }
            Some(_) => None,
        },
        Type::Reconcile if call.reconcile.is_none() => missing("reconcile"),
        Type::ReconcileOperations if call.reconcile_operations.is_none() => {
            missing("reconcile_operations")
        }
        Type::AcceptInverseOffers if call.accept_inverse_offers.is_none() => {
            missing("accept_inverse_offers")
        }
        Type::DeclineInverseOffers if call.decline_inverse_offers.is_none() => {
            missing("decline_inverse_offers")
        }
        Type::Message if call.message.is_none() => missing("message"),
        Type::Teardown
        | Type::Accept
        | Type::Decline
        | Type::AcceptInverseOffers
        | Type::DeclineInverseOffers
        | Type::Revive
        | Type::Kill
        | Type::Shutdown
        | Type::Reconcile
        | Type::ReconcileOperations
        | Type::Message
        | Type::Request
        | Type::Suppress
        | Type::UpdateFramework => None,
    }
}
