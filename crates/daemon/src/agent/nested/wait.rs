//! `WAIT_CONTAINER`: until a container has ended, whatever kind it is.

use agent::nested::{Fate, NestedId, Termination};

use super::Nested;
use crate::agent::Shell;
use crate::driver::Stopped;

impl Nested {
    /// How the container ended, once it has; nothing if there is none.
    pub(super) async fn wait(
        &self,
        shell: &Shell,
        id: &NestedId,
    ) -> Result<Option<Termination>, Stopped> {
        let mut changes = self.inner.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let root = id.root();
            let view = shell.mailbox.look(move |core, _| core.view_container(&root)).await?;
            match self.inner.state().book.fate(id, view.as_ref()) {
                Fate::Unknown => return Ok(None),
                Fate::Ended(termination) => return Ok(Some(termination)),
                Fate::Alive => {}
            }
            changes.changed().await.map_err(|_closed| Stopped)?;
        }
    }
}
