//! The operator, who acts at bad moments and remembers every answer.

use std::collections::BTreeMap;
use std::time::Duration;

use master::{DrainRequest, OverlayRequest, RequestId};
use model::{AgentId, Refusal};

use crate::deeds::Kind;
use crate::host::Host;
use crate::upkeep::Upkeep;
use crate::world::{Happening, World};

/// What was asked of the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Drain,
    Deactivate,
    Reactivate,
    MarkGone,
    /// An operation on its resources.
    Operate,
}

#[derive(Debug, Default)]
pub(crate) struct Operator {
    /// Requests without an answer so far, and the core that was asked.
    asked: BTreeMap<RequestId, Asked>,
    pub(crate) upkeep: Upkeep,
}

/// A request, and the core that was asked.
#[derive(Debug)]
struct Asked {
    core: u64,
    act: Act,
    agent: AgentId,
    /// The host whose machine was in no schedule then.
    unplanned: Option<usize>,
}

impl Operator {
    /// Agents whose reactivation died with the core that was asked for it: nobody knows whether it had
    /// an effect. Other acts only add to what holds.
    pub(crate) fn replies_lost(&mut self, core: u64) -> Vec<AgentId> {
        let (lost, kept): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.asked).into_iter().partition(|(_, it)| it.core == core);
        self.asked = kept;
        let reactivated = lost.into_values().filter(|it| it.act == Act::Reactivate);
        reactivated.map(|it| it.agent).collect()
    }

    /// Agents whose reactivation has no answer yet, whatever has become of it.
    pub(crate) fn reactivated_perhaps(&self) -> Vec<AgentId> {
        let asked = self.asked.values().filter(|it| it.act == Act::Reactivate);
        asked.map(|it| it.agent.clone()).collect()
    }

    pub(crate) fn asks(&mut self, request: RequestId, core: u64, act: Act, agent: AgentId) {
        self.asked.insert(request, Asked { core, act, agent, unplanned: None });
    }
}

impl World {
    pub(crate) fn operator_acts(&mut self) {
        if self.is_at_rest() {
            return;
        }
        let every = self.plan.act_every;
        self.soon(every * 2, Happening::OperatorActs);
        let named = |(index, host): (usize, &Host)| Some((index, host.id.clone()?));
        let known: Vec<_> = self.hosts.iter().enumerate().filter_map(named).collect();
        let Some((host, agent)) = self.dice.pick(&known).cloned() else { return };
        if self.is_left_out(Kind::Operator, 0) {
            return;
        }
        let Some(core) = self.find_leader() else {
            self.it_is("finds no leader");
            return self.coverage.count("operator", "finds no leader");
        };
        self.ask_why(&agent);
        let request = RequestId(self.number());
        let (act, event) = match self.dice.below(200) {
            0..=79 => {
                let bound = [None, Some(0), Some(1), Some(10), Some(90)];
                let bound = self.dice.pick(&bound).copied().flatten().map(Duration::from_secs);
                if let Some(bound) = bound {
                    self.truth.bound_asked(host, bound);
                }
                let drain = DrainRequest {
                    max_grace_period: bound,
                    mark_gone: self.dice.chance(40),
                    ..DrainRequest::default()
                };
                (Act::Drain, master::Event::DrainAgent { request, agent: agent.clone(), drain })
            }
            80..=99 => {
                let overlay = OverlayRequest::default();
                let event =
                    master::Event::DeactivateAgent { request, agent: agent.clone(), overlay };
                (Act::Deactivate, event)
            }
            100..=197 => {
                (Act::Reactivate, master::Event::ReactivateAgent { request, agent: agent.clone() })
            }
            _ => (Act::MarkGone, master::Event::MarkAgentGone { request, agent: agent.clone() }),
        };
        self.it_is(format_args!("{act:?} {agent}"));
        let unplanned = (!self.operator.upkeep.may_plan(host)).then_some(host);
        self.operator.asked.insert(request, Asked { core, act, agent, unplanned });
        self.tell_master(core, Duration::from_millis(1), event);
    }

    /// Everything is to be drained, which cannot end everywhere.
    pub(crate) fn drain_everything(&mut self) {
        if self.is_left_out(Kind::Operator, 0) {
            return;
        }
        self.it_is("drains everything");
        let Some(core) = self.find_leader() else { return };
        let ids: Vec<AgentId> = self.hosts.iter().filter_map(|host| host.id.clone()).collect();
        for agent in ids {
            let request = RequestId(self.number());
            let drain = DrainRequest::default();
            let event = master::Event::DrainAgent { request, agent, drain };
            self.tell_master(core, Duration::from_millis(1), event);
        }
    }

    /// What anybody is told who asks why a drain is not over: something, as long as it is not.
    fn ask_why(&mut self, agent: &AgentId) {
        let Some(master) = self.acting() else { return };
        let blockers = master.core.why_not_drained(self.now, agent);
        let is_draining = self.truth.is_draining(master.number, agent);
        if is_draining && blockers.is_empty() {
            self.truth
                .broken("every-wait-has-a-reason", format!("{agent} drains and says nothing"));
        }
        self.check_blockers(agent, &blockers);
        for blocker in blockers {
            self.coverage.count_variant("blocker", &blocker.kind);
        }
    }

    pub(crate) fn master_replied(&mut self, request: RequestId, outcome: &Result<(), Refusal>) {
        if self.maintenance_replied(request, outcome) {
            return;
        }
        let asked = self.operator.asked.remove(&request);
        if let Err(refusal) = outcome
            && asked.as_ref().is_some_and(|it| it.act == Act::Operate)
        {
            // Their texts name what was asked for.
            let is_out = refusal.text.contains("is out of service");
            let code = refusal.status.code().to_string();
            let what = if is_out { "an agent out of service" } else { &code };
            self.coverage.count("operation refused", what);
        } else if let Err(refusal) = outcome {
            // Without the ids and names that are different each time.
            let text: String = refusal.text.chars().take_while(|c| *c != '\'').collect();
            let words = text.split_whitespace().filter(|word| !word.contains(is_of_a_name));
            let words: Vec<&str> = words.take(8).collect();
            self.coverage.count("refusal", words.join(" ").as_str());
        }
        let Some(Asked { act, agent, unplanned, .. }) = asked.filter(|_| outcome.is_ok()) else {
            return;
        };
        self.coverage.count_variant("operator", &act);
        // A drain for maintenance may have been tightened: that ends with the maintenance.
        let may_be_planned = unplanned.is_none_or(|host| self.operator.upkeep.may_plan(host));
        if act != Act::Drain || !may_be_planned {
            self.truth.operator_was_told(act, &agent);
        }
    }
}

/// Ids and addresses have digits, texts of refusals have none.
fn is_of_a_name(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '(' | ')')
}
