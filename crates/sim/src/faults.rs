//! What goes wrong, and its repair.

use std::time::Duration;

use model::{ContainerId, Moment};

use crate::deeds::Kind;
use crate::masters::Cut;
use crate::pauses::Pause;
use crate::plan::Stubborn;
use crate::world::{Happening, World};

impl World {
    pub(crate) fn fault(&mut self) {
        if self.is_at_rest() {
            return self.repair();
        }
        let every = self.plan.fault_every;
        self.soon(every * 2, Happening::Fault);
        if self.is_left_out(Kind::Fault, 0) {
            return;
        }
        self.coverage.take_latest();
        self.happens();
        let what = self.coverage.take_latest();
        self.it_is(what);
    }

    fn happens(&mut self) {
        match self.dice.below(20) {
            0..=2 => self.fault_of_master(),
            3 | 4 => self.fault_of_registry(),
            5..=7 => self.fault_of_agent(),
            8..=11 => self.fault_of_executor(),
            12..=14 => self.fault_of_host(),
            _ => self.fault_of_network(),
        }
    }

    /// When a fault that begins now is over: soon, or in a long while. All are over when the trouble is.
    fn until(&mut self, short: u64, long: u64) -> Moment {
        let most = if self.dice.chance(300) { long } else { short };
        let wait = self.dice.between(Duration::from_secs(1), Duration::from_secs(most));
        self.now.at.plus(wait).min(self.rest_from)
    }

    fn fault_of_master(&mut self) {
        let who = self.dice.index(self.masters.len());
        self.it_is(format_args!("m{who}"));
        match self.dice.below(6) {
            0..=2 => {
                self.coverage.count("fault", "master crashes");
                if self.dice.chance(500) {
                    self.masters[who].crash_at_commit = true;
                } else {
                    self.crash_master(who);
                }
                self.soon(Duration::from_secs(30), Happening::MasterStarts { who });
            }
            3 => {
                self.coverage.count("fault", "master stands still");
                let pause = self.new_pause();
                if self.masters[who].process.is_some() {
                    self.masters[who].stand_still(self.now.at, pause);
                }
            }
            4 => {
                self.coverage.count("fault", "master's clock jumps");
                let (by, forward) = self.clock_jump();
                self.masters[who].clock.jump(by, forward);
            }
            // With an election, the registry's disks are etcd's.
            _ => {
                self.coverage.count("fault", "disk of the registry fills up");
                self.masters[who].disk_full = Some(self.until(30, 600));
            }
        }
    }

    fn fault_of_registry(&mut self) {
        if !self.plan.has_election {
            return;
        }
        let until = self.until(20, 900);
        if self.dice.chance(400) {
            self.coverage.count("fault", "registry loses its quorum");
            self.registry.go_down(self.now.at, until);
        } else {
            self.coverage.count("fault", "master cut off from the registry");
            let who = self.dice.index(self.masters.len());
            let cut = if self.dice.chance(700) { Cut::Requests } else { Cut::Answers };
            self.masters[who].cut = Some((until, cut));
        }
    }

    fn fault_of_agent(&mut self) {
        let host = self.dice.index(self.hosts.len());
        self.it_is(format_args!("h{}", host + 1));
        match self.dice.below(5) {
            0..=2 => {
                self.coverage.count("fault", "agent crashes");
                let master_hears = self.dice.chance(700);
                if self.dice.chance(500) {
                    self.hosts[host].crash_at_commit = true;
                } else {
                    self.crash_agent(host, master_hears);
                }
                if self.dice.chance(200) {
                    self.coverage.count("fault", "clock is set while the agent is down");
                    let (by, forward) = self.clock_jump();
                    self.hosts[host].clock.jump(by, forward);
                }
                let most = if self.dice.chance(200) { 1500 } else { 20 };
                self.soon(Duration::from_secs(most), Happening::AgentStarts { host });
            }
            3 => {
                self.coverage.count("fault", "agent stands still");
                let pause = self.new_pause();
                let place = &mut self.hosts[host];
                place.pause = place.process.is_some().then_some(pause);
                self.stand_still(host, pause);
            }
            _ => {
                self.coverage.count("fault", "host's disk is full");
                let until = self.until(30, 600);
                self.hosts[host].disk_full = Some(until);
                self.trouble(host, until);
            }
        }
    }

    fn fault_of_executor(&mut self) {
        let host = self.dice.index(self.hosts.len());
        self.it_is(format_args!("h{}", host + 1));
        let all: Vec<ContainerId> = self.hosts[host].containers.keys().cloned().collect();
        let Some(id) = self.dice.pick(&all).cloned() else { return };
        if self.dice.chance(500) {
            self.coverage.count("fault", "executor is killed");
            return self.end_container(host, &id, agent::ExitStatus::Signalled(9));
        }
        self.coverage.count("fault", "executor stands still");
        let pause = self.new_pause();
        if let Some(container) = self.hosts[host].containers.get_mut(&id) {
            container.pause = Some(pause);
        }
        self.stand_still(host, pause);
    }

    fn fault_of_host(&mut self) {
        let host = self.dice.index(self.hosts.len());
        self.it_is(format_args!("h{}", host + 1));
        match self.dice.below(6) {
            0 | 1 => {
                self.coverage.count("fault", "host reboots");
                self.reboot(host);
            }
            2 => {
                self.coverage.count("fault", "host comes back wiped");
                self.reboot(host);
                let old = self.hosts[host].id.take();
                let address = self.hosts[host].ip();
                self.truth.host_wiped(old, address);
                self.hosts[host].disk = agent::Records::default();
                self.hosts[host].volumes.clear();
                self.hosts[host].is_gone = false;
            }
            _ => {
                self.coverage.count("fault", "host's clock jumps");
                let (by, forward) = self.clock_jump();
                self.hosts[host].clock.jump(by, forward);
            }
        }
    }

    /// How far somebody sets a wall clock.
    fn clock_jump(&mut self) -> (Duration, bool) {
        let most = if self.dice.chance(500) { 60 } else { 6 * 3600 };
        let by = self.dice.between(Duration::from_millis(100), Duration::from_secs(most));
        (by, self.dice.chance(500))
    }

    fn fault_of_network(&mut self) {
        /// What it takes an agent to notice and to come back.
        const RETURN: Duration = Duration::from_mins(4);
        let host = self.dice.index(self.hosts.len());
        self.it_is(format_args!("h{}", host + 1));
        let back = self.now.at.plus(RETURN);
        self.hosts[host].unheard_until = self.hosts[host].unheard_until.max(back);
        if self.dice.chance(500) {
            self.coverage.count("fault", "link breaks");
            let ends = [(true, true), (true, false), (false, true)];
            let (agent, master) = self.dice.pick(&ends).copied().unwrap_or((true, true));
            if let Some(link) = self.hosts[host].line {
                self.break_line(link, agent, master);
            }
            return;
        }
        let until = Some(self.until(60, 1200));
        let ways =
            [("cut both ways", true, true), ("cut down", true, false), ("cut up", false, true)];
        let way = self.dice.pick(&ways).copied();
        let (name, down, up) = way.unwrap_or(("cut both ways", true, true));
        self.coverage.count("fault", name);
        let back = until.map(|until| until.plus(RETURN));
        self.hosts[host].unheard_until =
            self.hosts[host].unheard_until.max(back.unwrap_or_default());
        if down {
            self.hosts[host].cut_down = until;
        }
        if up {
            self.hosts[host].cut_up = until;
        }
    }

    /// Until then nobody can ask of the host that what was ordered is done in time.
    pub(crate) fn trouble(&mut self, host: usize, until: Moment) {
        let place = &mut self.hosts[host];
        place.troubled_until = place.troubled_until.max(until);
    }

    fn stand_still(&mut self, host: usize, pause: Pause) {
        let place = &mut self.hosts[host];
        place.stood_still_until = place.stood_still_until.max(pause.until);
        self.trouble(host, pause.until);
    }

    /// Everything that is broken is mended, and what is down comes up.
    fn repair(&mut self) {
        if self.plan.stubborn.is_some() {
            self.drain_everything();
        }
        if self.plan.stubborn == Some(Stubborn::Host) {
            self.hosts[0].stays_down = true;
            self.crash_agent(0, true);
        }
        for host in 0..self.hosts.len() {
            self.hosts[host].cut_down = None;
            self.hosts[host].cut_up = None;
            self.soon(Duration::from_secs(10), Happening::AgentStarts { host });
        }
        for who in 0..self.masters.len() {
            self.soon(Duration::from_secs(10), Happening::MasterStarts { who });
        }
    }
}
