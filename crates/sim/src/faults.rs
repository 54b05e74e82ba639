//! What goes wrong, and its repair.

use std::time::Duration;

use model::ContainerId;

use crate::deeds::Kind;
use crate::world::{Happening, World};

impl World {
    pub(crate) fn fault(&mut self) {
        if self.is_at_rest() {
            return self.repair();
        }
        let every = self.plan.fault_every;
        self.soon(every * 2, Happening::Fault);
        let host = self.dice.index(self.hosts.len());
        if self.is_left_out(Kind::Fault, 0) {
            return;
        }
        self.it_is(format_args!("h{}", host + 1));
        self.happens(host);
        let what = self.coverage.latest().to_owned();
        self.it_is(what);
    }

    fn happens(&mut self, host: usize) {
        match self.dice.below(12) {
            0 | 1 => {
                self.coverage.count("fault", "master crashes");
                if self.dice.chance(500) {
                    self.crash_at_commit = true;
                } else {
                    self.crash_master();
                }
                self.soon(Duration::from_secs(30), Happening::MasterStarts);
            }
            2 | 3 => {
                self.coverage.count("fault", "agent crashes");
                let master_hears = self.dice.chance(700);
                if self.dice.chance(500) {
                    self.hosts[host].crash_at_commit = true;
                } else {
                    self.crash_agent(host, master_hears);
                }
                let most = if self.dice.chance(200) { 1500 } else { 20 };
                self.soon(Duration::from_secs(most), Happening::AgentStarts { host });
            }
            4 => {
                self.coverage.count("fault", "host reboots");
                self.reboot(host);
            }
            5 | 6 => {
                let all: Vec<ContainerId> = self.hosts[host].containers.keys().cloned().collect();
                if let Some(id) = self.dice.pick(&all).cloned() {
                    self.coverage.count("fault", "executor is killed");
                    self.end_container(host, &id, agent::ExitStatus::Signalled(9));
                }
            }
            7 | 8 => {
                self.coverage.count("fault", "link breaks");
                let ends = [(true, true), (true, false), (false, true)];
                let (agent, master) = self.dice.pick(&ends).copied().unwrap_or((true, true));
                if let Some(link) = self.hosts[host].line {
                    self.break_line(link, agent, master);
                }
            }
            9 | 10 => {
                let most = if self.dice.chance(300) { 1200 } else { 60 };
                let wait = self.dice.between(Duration::from_secs(1), Duration::from_secs(most));
                let until = Some(self.now.at.plus(wait));
                let ways = [
                    ("cut both ways", true, true),
                    ("cut down", true, false),
                    ("cut up", false, true),
                ];
                let way = self.dice.pick(&ways).copied();
                let (name, down, up) = way.unwrap_or(("cut both ways", true, true));
                self.coverage.count("fault", name);
                if down {
                    self.hosts[host].cut_down = until;
                }
                if up {
                    self.hosts[host].cut_up = until;
                }
            }
            _ => {
                self.coverage.count("fault", "host comes back wiped");
                self.reboot(host);
                let old = self.hosts[host].id.take();
                if let Some(old) = old {
                    self.truth.host_wiped(&old);
                }
                self.hosts[host].disk = agent::Records::default();
                self.hosts[host].is_gone = false;
            }
        }
    }

    /// Everything that is broken is mended, and what is down comes up.
    fn repair(&mut self) {
        for host in 0..self.hosts.len() {
            self.hosts[host].cut_down = None;
            self.hosts[host].cut_up = None;
            self.soon(Duration::from_secs(10), Happening::AgentStarts { host });
        }
        self.soon(Duration::from_secs(10), Happening::MasterStarts);
    }
}
