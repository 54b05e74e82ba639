//! Snapshots: what they promise is checked after every event of every test here.

use std::time::Duration;

use master::{Master, Snapshot};
use wire::compose;
use wire::link::call::Type as CallType;
use wire::master::response::{GetMaster, GetOperations, GetRoles, GetState};
use wire::media::{self, MediaType};

use crate::world::{World, plain_call};

/// A snapshot beside what the master itself showed at that moment.
pub(crate) struct Shown {
    snapshot: Snapshot,
    views: Views,
}

#[derive(Clone, Debug, PartialEq)]
struct Views {
    state: GetState,
    roles: GetRoles,
    operations: GetOperations,
    master: GetMaster,
}

impl Views {
    fn of(master: &Master) -> Self {
        Self {
            state: master.view_state(),
            roles: master.view_roles(),
            operations: master.view_operations(),
            master: master.view_master(),
        }
    }
}

impl Shown {
    pub(crate) fn of(master: &Master) -> Self {
        let (snapshot, views) = (master.snapshot(), Views::of(master));
        assert_eq!(Views::of(&snapshot), views, "a snapshot shows what the master shows");
        let written = |media| {
            let mut out = Vec::new();
            compose::message::<GetState>(media, &mut out, |it| snapshot.write_state(it));
            out
        };
        let json = String::from_utf8(written(MediaType::Json)).unwrap();
        assert_eq!(json, wire::json::to_string(&views.state), "written is the same as viewed");
        let protobuf = media::decode(MediaType::Protobuf, &written(MediaType::Protobuf));
        assert_eq!(protobuf, Ok(views.state.clone()), "written is the same as viewed");
        Self { snapshot, views }
    }

    /// After an event: the snapshot from before still shows what was, and only if nothing has changed is it the
    /// same as one taken now.
    pub(crate) fn followed_by(&mut self, master: &Master) {
        assert_eq!(Views::of(&self.snapshot), self.views, "a snapshot does not change");
        let now = Self::of(master);
        if now.snapshot.is_same(&self.snapshot) {
            assert_eq!(now.views, self.views, "snapshots that count as the same show the same");
        }
        *self = now;
    }
}

/// Pings and their answers, heartbeats and waking up change nothing that is shown: an answer made before
/// serves after.
#[test]
fn snapshots_of_a_quiet_cluster_are_the_same() {
    let mut world = World::new();
    let (agent, link) = world.agent(5051);
    let before = world.master.snapshot();
    for _ in 0..20 {
        world.after(Duration::from_secs(7));
        world.call(link, &agent, plain_call(CallType::Pong));
    }
    assert!(world.master.snapshot().is_same(&before));
    world.deactivate(&agent).unwrap();
    assert!(!world.master.snapshot().is_same(&before));
}
