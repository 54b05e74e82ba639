//! What the master shows of its state, to the API, the page and the metrics. Nothing here changes anything.

mod agents;
mod frameworks;
mod gauges;
mod legacy;
mod lifecycle;
mod places;
mod tasks;

use wire::compose::Composer;
use wire::field;
use wire::master::response::{GetMaster, GetState};

pub use gauges::Gauges;
pub use legacy::TasksQuery;
pub use places::{AgentPlace, FrameworkPlace, TaskPlace};

use crate::state::Master;

/// Views that may be large are there twice: as a message, and written by way of a [`Composer`], which never holds
/// the whole. Both are made of the same parts.
impl Master {
    /// The answer to `GET_STATE`, and what a subscriber to operator events gets first.
    pub fn view_state(&self) -> GetState {
        GetState {
            get_tasks: Some(self.view_tasks()),
            get_executors: Some(self.view_executors()),
            get_frameworks: Some(self.view_frameworks()),
            get_agents: Some(self.view_agents()),
        }
    }

    /// [`Master::view_state`], written.
    pub fn write_state(&self, state: &mut Composer<'_>) {
        state.section(field!(GetState, "get_tasks"), |it| self.write_tasks(it));
        state.section(field!(GetState, "get_executors"), |it| self.write_executors(it));
        state.section(field!(GetState, "get_frameworks"), |it| self.write_frameworks(it));
        state.section(field!(GetState, "get_agents"), |it| self.write_agents(it));
    }

    /// The answer to `GET_MASTER`.
    // The core begins with its election; when the process was started only the process knows.
    pub fn view_master(&self) -> GetMaster {
        let started = self.started.wall.as_secs_f64();
        GetMaster {
            master_info: Some(self.config.master_info.clone()),
            start_time: Some(started),
            elected_time: Some(started),
        }
    }
}
