//! Persistent volumes on the disks of hosts: what they hold must be there for as long as they are in the books.

use std::collections::BTreeSet;
use std::time::Duration;

use model::Resources;
use model::resources::Volume;

use crate::host::Host;
use crate::world::{Happening, World};

impl Host {
    /// The volumes that the agent has written down.
    fn volumes_kept(&self) -> Vec<Volume> {
        let record = self.disk.resources.as_ref().map(|record| &record.checkpointed[..]);
        Resources::from_wire(record.unwrap_or_default()).unwrap_or_default().volumes()
    }
}

/// Folders of the volumes that a task has.
pub(crate) fn folders(resources: &[wire::v1::Resource]) -> BTreeSet<String> {
    let volumes: Vec<wire::v1::Resource> =
        resources.iter().filter(|one| one.disk.is_some()).cloned().collect();
    if volumes.is_empty() {
        return BTreeSet::new();
    }
    let volumes = Resources::from_wire(&volumes).unwrap_or_default().volumes();
    volumes.into_iter().map(|volume| volume.folder).collect()
}

impl World {
    /// The folders of new volumes; those of volumes that were there before hold nothing by now.
    pub(crate) fn make_volumes(&mut self, host: usize, made: &[Volume]) {
        for volume in made {
            let folder = &volume.folder;
            if self.hosts[host].volumes.get(folder) == Some(&true) {
                let what = format!("the new volume {folder} on h{} has data", host + 1);
                self.truth.broken("new-volumes-are-empty", what);
            }
            self.hosts[host].volumes.entry(folder.clone()).or_default();
        }
    }

    /// A container finds its volumes; a folder that is not there is made.
    pub(crate) fn link_volumes(&mut self, host: usize, wanted: &[Volume]) {
        for volume in wanted {
            self.hosts[host].volumes.entry(volume.folder.clone()).or_default();
        }
    }

    /// A task begins to write.
    pub(crate) fn use_volumes(&mut self, host: usize, task: &str, used: &BTreeSet<String>) {
        for folder in used {
            if let Some(has_data) = self.hosts[host].volumes.get_mut(folder) {
                *has_data = true;
            } else {
                let what = format!("task {task} on h{} does not find {folder}", host + 1);
                self.truth.broken("volumes-are-there", what);
            }
        }
    }

    pub(crate) fn remove_volumes(
        &mut self,
        host: usize,
        operation: bytes::Bytes,
        volumes: Vec<Volume>,
    ) {
        let Some(process) = self.hosts[host].process.as_ref().map(|process| process.number) else {
            return;
        };
        let wait = self.dice.between(Duration::ZERO, Duration::from_secs(5));
        let is_removed = self.is_at_rest() || self.dice.chance(850);
        let happening = Happening::VolumesRemoved { host, process, operation, volumes, is_removed };
        self.after(wait, happening);
    }

    /// The agent's process has removed the data of volumes, or could not.
    pub(crate) fn volumes_removed(
        &mut self,
        host: usize,
        process: u64,
        operation: bytes::Bytes,
        volumes: &[Volume],
        is_removed: bool,
    ) {
        if self.hosts[host].process.as_ref().is_none_or(|agent| agent.number != process) {
            return;
        }
        if is_removed {
            self.check_removal(host, volumes);
            for volume in volumes {
                self.hosts[host].volumes.remove(&volume.folder);
            }
        } else {
            self.coverage.count("fault", "volume is busy");
            self.trouble(host, self.now.at.plus(Duration::from_secs(40)));
        }
        let outcome = if is_removed { Ok(()) } else { Err("Device or resource busy".to_owned()) };
        let event = agent::Event::VolumesRemoved { operation, outcome };
        self.tell_agent(host, Duration::from_millis(1), event);
    }

    /// Data goes only when its volume is in no book and no task of a framework that lives has it.
    fn check_removal(&mut self, host: usize, volumes: &[Volume]) {
        let place = &self.hosts[host];
        let kept = place.volumes_kept();
        let mut broken = Vec::new();
        for volume in volumes {
            let folder = &volume.folder;
            if kept.iter().any(|one| one.folder == *folder) {
                broken.push(format!("{folder} on h{} is removed and still written down", host + 1));
            }
            let mut lives =
                place.containers.values().filter(|one| !self.truth.has_ended(one.framework()));
            if let Some(task) = lives.find_map(|one| one.user_of(folder)) {
                broken.push(format!("{folder} on h{} is removed while task {task} runs", host + 1));
            }
        }
        for what in broken {
            self.truth.broken("volumes-keep-their-data", what);
        }
    }
}
