//! Master processes: who of them leads, and the core of the one that does.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use master::leadership::Fence;
use master::{
    Leadership, LeadershipAction, LeadershipEvent, LinkId, Master, Mutation, Note, StreamId,
};
use model::{AgentId, Moment, Now};

use crate::clocks::Clock;
use crate::dice::Dice;
use crate::pauses::Pause;
use crate::plan::Plan;
use crate::process::{Batch, Core as _, Process};
use crate::registry::{Answer, Key, Request};
use crate::world::{Happening, World};

/// Redirects that a client follows before it gives up.
const HOPS: usize = 3;
/// How long a candidate waits for an answer of the registry.
const PATIENCE: Duration = Duration::from_secs(2);

/// A machine on which a master may run.
pub(crate) struct Candidate {
    pub(crate) clock: Clock,
    pub(crate) process: Option<MasterProcess>,
    pub(crate) pause: Option<Pause>,
    /// Since when it hears nobody, because it stands still or holds; and the last time that it did.
    deaf_since: Option<Moment>,
    deaf: Option<(Moment, Moment)>,
    /// Requests to the registry do not arrive, or their answers don't, until then.
    pub(crate) cut: Option<(Moment, Cut)>,
    /// Nothing can be written until then; it matters to an embedded store.
    pub(crate) disk_full: Option<Moment>,
    /// The master dies while it commits the next time.
    pub(crate) crash_at_commit: bool,
    /// It never starts in this run.
    pub(crate) is_left_out: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Requests,
    Answers,
}

/// A running master, leading or not.
pub(crate) struct MasterProcess {
    pub(crate) number: u64,
    /// None with an embedded store: then nobody else can lead.
    leadership: Option<Leadership>,
    wakes_at: Option<Moment>,
    pub(crate) term: Option<Term>,
}

/// What a master has while it leads.
pub(crate) struct Term {
    fence: Fence,
    pub(crate) process: Process<Master>,
    /// Commits so far, and what of the present batch is still to be committed.
    piece: u64,
    pieces: VecDeque<Vec<Mutation>>,
    /// Durable, but not yet said because the lease is unsure.
    unsaid: Option<Batch<Master>>,
}

impl Candidate {
    pub(crate) fn all(plan: &Plan, dice: &mut Dice, origin: Moment) -> Vec<Self> {
        let one = |_| Self {
            clock: match i64::try_from(dice.below(20_001)) {
                Ok(drift) if plan.has_election => Clock::drifting(origin, drift - 10_000),
                Ok(_) | Err(_) => Clock::new(origin),
            },
            process: None,
            pause: None,
            deaf_since: None,
            deaf: None,
            cut: None,
            disk_full: None,
            crash_at_commit: false,
            is_left_out: false,
        };
        (0..plan.masters).map(one).collect()
    }

    pub(crate) fn term(&self) -> Option<&Term> {
        self.process.as_ref()?.term.as_ref()
    }

    fn term_mut(&mut self) -> Option<&mut Term> {
        self.process.as_mut()?.term.as_mut()
    }

    /// The candidate it takes for the leader.
    fn knows_leader(&self) -> Option<usize> {
        let leadership = self.process.as_ref()?.leadership.as_ref()?;
        leadership.leader()?.value.first().map(|index| usize::from(*index))
    }

    pub(crate) fn stand_still(&mut self, now: Moment, pause: Pause) {
        self.pause = Some(pause);
        self.deaf_since.get_or_insert(now);
    }

    fn may_act(&self, now: Now) -> bool {
        let leadership = self.process.as_ref().and_then(|process| process.leadership.as_ref());
        leadership.is_none_or(|leadership| leadership.may_act(now.at))
    }
}

impl World {
    // Finding masters.

    /// The candidate whose core has this number.
    pub(crate) fn candidate_of(&self, core: u64) -> Option<usize> {
        self.masters
            .iter()
            .position(|one| one.term().is_some_and(|term| term.process.number == core))
    }

    /// The core that leads and may act now.
    pub(crate) fn acting(&self) -> Option<&Process<Master>> {
        let can_act = |one: &&Candidate| {
            one.may_act(one.clock.now(self.now))
                && one.pause.is_none_or(|it| it.until <= self.now.at)
        };
        self.masters.iter().filter(can_act).find_map(|one| Some(&one.term()?.process))
    }

    /// Whether a core has nothing to do, and has had nothing for a while if it stood still.
    pub(crate) fn is_master_quiet(&self, core: u64) -> bool {
        let Some(one) = self.candidate_of(core).and_then(|who| self.masters.get(who)) else {
            return false;
        };
        let is_awake =
            one.pause.is_none_or(|it| it.until.plus(Duration::from_secs(1)) < self.now.at);
        let is_idle = |term: &Term| {
            let process = &term.process;
            process.committing.is_none() && process.mailbox.is_empty() && term.unsaid.is_none()
        };
        is_awake && one.term().is_some_and(is_idle)
    }

    /// Where a client gets that asks any candidate and follows redirects: the number of a leader's core.
    pub(crate) fn find_leader(&mut self) -> Option<u64> {
        let mut who = self.dice.index(self.masters.len());
        for _ in 0..=HOPS {
            let candidate = self.masters.get(who)?;
            if let Some(term) = candidate.term() {
                return Some(term.process.number);
            }
            who = candidate.knows_leader()?;
        }
        None
    }

    /// Where the greeting of an agent goes from a candidate that does not lead.
    pub(crate) fn redirect(&self, who: usize) -> Option<usize> {
        self.masters.get(who)?.knows_leader().filter(|leader| *leader != who)
    }

    // A process begins and ends.

    pub(crate) fn start_master(&mut self, who: usize) {
        let number = self.number();
        let ttl = self.plan.lease;
        let has_election = self.plan.has_election;
        let candidate = &mut self.masters[who];
        if candidate.process.is_some() || candidate.is_left_out {
            return;
        }
        candidate.process = Some(MasterProcess {
            number,
            leadership: has_election.then(|| Leadership::new(ttl)),
            wakes_at: None,
            term: None,
        });
        self.coverage.count("world", "master started");
        if has_election {
            self.leadership(who, LeadershipEvent::Woke);
        } else {
            let records = self.registry.records.values().cloned().collect();
            self.begin_term(who, Fence(0), records);
        }
    }

    /// The process dies where it stands. What it has sent to the registry may still arrive there; a
    /// batch on its way to a disk may have got there.
    pub(crate) fn crash_master(&mut self, who: usize) {
        let is_durable = !self.plan.has_election && self.dice.chance(500);
        if let Some(term) = self.masters[who].term_mut()
            && let Some(batch) = term.process.committing.take()
            && is_durable
        {
            self.write_registry(&batch.mutations);
        }
        self.end_term(who);
        self.masters[who].process = None;
        self.masters[who].pause = None;
        self.masters[who].deaf_since = None;
        self.masters[who].deaf = None;
        let links: Vec<LinkId> =
            self.lines.iter().filter(|(_, line)| line.target == who).map(|(id, _)| *id).collect();
        for link in links {
            self.break_line(link, true, false);
        }
    }

    /// Nobody leads here any more: every connection of the core ends, and nobody gets an answer.
    fn end_term(&mut self, who: usize) {
        let Some(term) = self.masters[who].process.as_mut().and_then(|it| it.term.take()) else {
            return;
        };
        let core = term.process.number;
        for agent in self.operator.replies_lost(core) {
            self.truth.operator_is_unsure(&agent);
        }
        self.operator.upkeep.reply_lost(core);
        self.truth.term_ended(core);
        let links: Vec<LinkId> =
            self.lines.iter().filter(|(_, line)| line.master == core).map(|(id, _)| *id).collect();
        for link in links {
            self.master_forgets_line(link);
        }
        let streams: Vec<StreamId> =
            self.streams.iter().filter(|(_, it)| it.master == core).map(|(id, _)| *id).collect();
        for stream in streams {
            self.break_stream(stream, true, false);
        }
    }

    fn begin_term(&mut self, who: usize, fence: Fence, records: Vec<Mutation>) {
        let number = self.number();
        let now = self.masters[who].clock.now(self.now);
        let config =
            master::Config { master_id: format!("m{number}"), ..master::Config::default() };
        // What was read may be old by now, if this process stood still: then its lease is over, too.
        let read: BTreeMap<Key, Mutation> =
            records.iter().map(|record| (Key::of(record).0, record.clone())).collect();
        let core = Master::recover(config, records, now).expect("own records are readable");
        self.truth.recovered(&read, core.records());
        // The leader before may have written it, and stand still since.
        for agent in self.operator.reactivated_perhaps() {
            self.truth.operator_is_unsure(&agent);
        }
        self.truth.term_begins(number, &self.registry.records);
        self.maintenance_is_read();
        self.coverage.count("world", "master leads");
        let Some(process) = self.masters[who].process.as_mut() else { return };
        process.term = Some(Term {
            fence,
            process: Process::new(core, number),
            piece: 0,
            pieces: VecDeque::new(),
            unsaid: None,
        });
        self.schedule_master_wake(who);
    }

    // Leadership.

    pub(crate) fn leadership_wakes(&mut self, who: usize, process: u64, at: Moment) {
        let running = self.masters[who].process.as_mut().filter(|it| it.number == process);
        let Some(running) = running.filter(|it| it.wakes_at == Some(at)) else { return };
        running.wakes_at = None;
        self.leadership(who, LeadershipEvent::Woke);
    }

    fn leadership(&mut self, who: usize, event: LeadershipEvent) {
        let now = self.masters[who].clock.now(self.now);
        let Some(process) = self.masters[who].process.as_mut() else { return };
        let number = process.number;
        let Some(leadership) = process.leadership.as_mut() else { return };
        for action in leadership.apply(now, event) {
            self.coverage.count_variant("leadership", &action);
            let request = match action {
                LeadershipAction::Observe => Request::Observe,
                LeadershipAction::Grant => Request::Grant { ttl: self.plan.lease },
                LeadershipAction::Campaign { lease } => {
                    let value = vec![u8::try_from(who).unwrap_or(u8::MAX)];
                    Request::Campaign { lease, value }
                }
                LeadershipAction::KeepAlive { lease } => Request::KeepAlive { lease },
                LeadershipAction::Revoke { lease } => Request::Revoke { lease },
                LeadershipAction::Lead { fence } => Request::Load { fence },
                LeadershipAction::StepDown { why } => {
                    self.coverage.count_variant("deposed", &why);
                    self.end_term(who);
                    continue;
                }
            };
            self.ask_registry(who, request);
        }
        let candidate = &mut self.masters[who];
        let Some(process) = candidate.process.as_mut().filter(|it| it.number == number) else {
            return;
        };
        let Some(leadership) = &process.leadership else { return };
        let at = candidate.clock.world(leadership.next_wake()).max(self.now.at);
        if process.wakes_at.is_none_or(|due| at < due) {
            process.wakes_at = Some(at);
            self.at(at, Happening::LeadershipWakes { who, process: number, at });
        }
        self.go_on(who);
    }

    // To and from the registry.

    fn ask_registry(&mut self, who: usize, request: Request) {
        let candidate = &self.masters[who];
        let Some(process) = candidate.process.as_ref().map(|process| process.number) else {
            return;
        };
        let asked_at = candidate.clock.now(self.now).at;
        let cut = candidate.cut.filter(|(until, _)| *until > self.now.at).map(|(_, cut)| cut);
        if cut == Some(Cut::Requests) || self.is_lost() {
            return self.no_answer(who, process, request);
        }
        let wait = self.latency();
        self.after(wait, Happening::RegistryHears { who, process, asked_at, request });
    }

    fn is_lost(&mut self) -> bool {
        !self.is_at_rest() && self.dice.chance(self.plan.loss)
    }

    fn no_answer(&mut self, who: usize, process: u64, request: Request) {
        let answer = Answer::Failed(request);
        self.after(PATIENCE, Happening::RegistryAnswers { who, process, answer });
    }

    pub(crate) fn registry_hears(
        &mut self,
        who: usize,
        process: u64,
        asked_at: Moment,
        request: Request,
    ) {
        if let Some(until) = self.registry.down_until(self.now.at) {
            self.coverage.count("registry", "no quorum");
            // Some members keep what they were asked and carry it out when they can, however late.
            if self.dice.chance(300) {
                let request = request.clone();
                self.at(until, Happening::RegistryHears { who, process, asked_at, request });
            }
            return self.no_answer(who, process, request);
        }
        let kept = request.clone();
        if let Request::Commit { fence, piece, mutations } = &request
            && self.registry.takes(self.now.at, *fence, *piece)
        {
            self.write_registry(mutations);
        }
        let answer = self.registry.execute(self.now.at, asked_at, request);
        let cut = self.masters[who].cut.filter(|(until, _)| *until > self.now.at);
        if cut.is_some_and(|(_, cut)| cut == Cut::Answers) || self.is_lost() {
            self.coverage.count("registry", "answer lost");
            return self.no_answer(who, process, kept);
        }
        let wait = self.latency();
        self.after(wait, Happening::RegistryAnswers { who, process, answer });
    }

    pub(crate) fn registry_answers(&mut self, who: usize, process: u64, answer: Answer) {
        let running = self.masters[who].process.as_ref().filter(|it| it.number == process);
        let Some(running) = running else { return };
        let fence_held = running.leadership.as_ref().and_then(Leadership::fence);
        match answer {
            Answer::Nothing => {}
            Answer::Leadership(event) => self.leadership(who, event),
            Answer::Loaded { fence, records } => {
                if fence_held == Some(fence) && running.term.is_none() {
                    self.begin_term(who, fence, records);
                    self.go_on(who);
                }
            }
            Answer::Committed { fence, piece } => self.piece_committed(who, fence, piece),
            // Asked again as long as it leads. The registry carries no piece out twice.
            Answer::Failed(request @ (Request::Load { fence } | Request::Commit { fence, .. })) => {
                if fence_held == Some(fence) {
                    self.ask_registry(who, request);
                }
            }
            Answer::Failed(_) => self.leadership(who, LeadershipEvent::Failed),
        }
    }

    fn piece_committed(&mut self, who: usize, fence: Fence, piece: u64) {
        let Some(term) = self.masters[who].term_mut().filter(|term| term.fence == fence) else {
            return;
        };
        // The answer to the same piece may come twice, the second time to a batch that waits to be said.
        if piece != term.piece || term.pieces.pop_front().is_none() {
            return;
        }
        if term.pieces.is_empty() {
            let batch = term.process.committing.take();
            self.batch_is_durable(who, batch);
        } else {
            self.coverage.count("world", "commit in pieces");
            self.commit_piece(who);
        }
    }

    fn commit_piece(&mut self, who: usize) {
        let Some(term) = self.masters[who].term_mut() else { return };
        let Some(mutations) = term.pieces.front().cloned() else { return };
        term.piece += 1;
        let (fence, piece) = (term.fence, term.piece);
        self.ask_registry(who, Request::Commit { fence, piece, mutations });
    }

    // The core of a leader.

    pub(crate) fn tell_master(&mut self, core: u64, wait: Duration, event: master::Event) {
        self.after(wait, Happening::MasterEvent { process: core, event: Box::new(event) });
    }

    pub(crate) fn master_event(&mut self, core: u64, event: master::Event) {
        let Some(who) = self.candidate_of(core) else { return };
        let subscribed = if let master::Event::SchedulerSubscribe { stream, .. } = &event {
            Some(*stream)
        } else {
            None
        };
        if let Some(term) = self.masters[who].term_mut() {
            term.process.mailbox.push_back(event);
            self.run_master(who);
        }
        if let Some(stream) = subscribed {
            self.subscribe_is_taken(stream);
        }
    }

    pub(crate) fn master_wakes(&mut self, core: u64, at: Moment) {
        let Some(who) = self.candidate_of(core) else { return };
        let Some(term) = self.masters[who].term_mut() else { return };
        if term.process.wakes_at == Some(at) {
            term.process.wakes_at = None;
            term.process.mailbox.push_back(master::Event::Woke);
            self.run_master(who);
        }
    }

    /// What was held back because the lease was unsure goes on once it is sure again.
    fn go_on(&mut self, who: usize) {
        let candidate = &mut self.masters[who];
        if !candidate.may_act(candidate.clock.now(self.now)) {
            return;
        }
        let Some(term) = candidate.term_mut() else { return };
        if let Some(batch) = term.unsaid.take() {
            self.release_master(who, batch);
        }
        self.run_master(who);
    }

    fn run_master(&mut self, who: usize) {
        let candidate = &mut self.masters[who];
        let now = candidate.clock.now(self.now);
        if !candidate.may_act(now) {
            candidate.deaf_since.get_or_insert(self.now.at);
            return self.coverage.count("world", "master holds");
        }
        if let Some(since) = candidate.deaf_since.take() {
            candidate.deaf = Some((since, self.now.at));
        }
        let Some(term) = candidate.term_mut() else { return };
        let process = &mut term.process;
        if process.committing.is_some() || term.unsaid.is_some() {
            return;
        }
        let mut batch = Batch::default();
        while let Some(event) = process.mailbox.pop_front() {
            let effects = process.core.decide(now, event);
            self.truth.master_decided(process.number, &effects, &self.lines);
            batch.append(effects);
        }
        if batch.mutations.is_empty() {
            if !batch.is_empty() {
                self.release_master(who, batch);
            }
        } else {
            self.commit(who, batch);
        }
        self.schedule_master_wake(who);
    }

    fn commit(&mut self, who: usize, mut batch: Batch<Master>) {
        let (has_election, most) = (self.plan.has_election, self.plan.piece);
        let Some(term) = self.masters[who].term_mut() else { return };
        let early = model::bug("master_speaks_early").then(|| std::mem::take(&mut batch.messages));
        let core = term.process.number;
        if has_election {
            term.pieces = batch.pieces(most).into();
            term.process.committing = Some(batch);
            self.commit_piece(who);
        } else {
            term.process.committing = Some(batch);
            let most = self.plan.commit;
            self.soon(most, Happening::MasterCommitted { process: core });
        }
        early.into_iter().flatten().for_each(|message| self.master_sends(message));
        if std::mem::take(&mut self.masters[who].crash_at_commit) && !self.is_at_rest() {
            self.crash_master(who);
            self.soon(Duration::from_secs(30), Happening::MasterStarts { who });
        }
    }

    /// A commit of an embedded store is over.
    pub(crate) fn master_committed(&mut self, core: u64) {
        let Some(who) = self.candidate_of(core) else { return };
        if self.masters[who].disk_full.is_some_and(|until| until > self.now.at) {
            // The process ends; nothing of the batch is durable or said.
            self.coverage.count("fault", "registry's disk is full");
            if let Some(term) = self.masters[who].term_mut() {
                term.process.committing = None;
            }
            self.crash_master(who);
            return self.soon(Duration::from_mins(1), Happening::MasterStarts { who });
        }
        let Some(term) = self.masters[who].term_mut() else { return };
        let Some(batch) = term.process.committing.take() else { return };
        self.write_registry(&batch.mutations);
        self.batch_is_durable(who, Some(batch));
    }

    fn batch_is_durable(&mut self, who: usize, batch: Option<Batch<Master>>) {
        if let Some(term) = self.masters[who].term_mut() {
            term.unsaid = batch;
        }
        self.go_on(who);
    }

    pub(crate) fn write_registry(&mut self, mutations: &[Mutation]) {
        for mutation in mutations {
            self.truth.written(&self.registry.records, mutation, mutations);
            self.registry.write(mutation);
        }
        self.check_maintenance();
    }

    /// Says what a batch has to say; it is durable, and its master may act.
    fn release_master(&mut self, who: usize, batch: Batch<Master>) {
        self.check_one_writer(who);
        self.check_master_records(who, &batch.notes);
        for note in &batch.notes {
            self.coverage.count_variant("master", note);
            if let Note::AgentUnreachable { agent } = note {
                self.check_silence(who, agent);
            }
            self.master_noted(note);
        }
        for message in batch.messages {
            self.master_sends(message);
        }
    }

    /// Whoever acts holds the election key at that very moment, so nobody else can.
    fn check_one_writer(&mut self, who: usize) {
        if !self.plan.has_election {
            return;
        }
        let Some(fence) = self.masters[who].term().map(|term| term.fence) else { return };
        let holder = self.registry.leader(self.now.at).map(|leader| leader.fence);
        if holder != Some(fence) {
            let what = format!("master {who} acts with {fence:?}; the key is held with {holder:?}");
            self.truth.broken("one-writer", what);
        }
    }

    /// Nobody is given up for a silence that was the master's own.
    fn check_silence(&mut self, who: usize, agent: &AgentId) {
        let Some((from, until)) = self.masters[who].deaf else { return };
        let host = self.hosts.iter().find(|host| host.id.as_ref() == Some(agent));
        let Some(host) = host.filter(|host| host.process.is_some()) else { return };
        let was_well = host.troubled_until < from && host.unheard_until < from;
        if was_well && self.now.at.since(until) < Duration::from_secs(10) {
            let what = format!("{agent} is given up although it has waited to be heard");
            self.truth.broken("silence-is-heard", what);
        }
    }

    fn schedule_master_wake(&mut self, who: usize) {
        let candidate = &mut self.masters[who];
        let now = candidate.clock.now(self.now);
        let clock = candidate.clock;
        let Some(term) = candidate.term_mut() else { return };
        if let Some(at) = term.process.new_alarm(now) {
            let process = term.process.number;
            self.at(clock.world(at), Happening::MasterWakes { process, at });
        }
    }
}
