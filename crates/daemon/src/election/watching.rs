//! Sees changes of the election key at once. Only to be quick: the election asks by itself, too.

use std::time::Duration;

use tokio::sync::mpsc;

use super::{Answer, requests};
use crate::etcd::{Client, Patience};

/// Least time between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Pause after a look that failed.
const RETRY: Duration = Duration::from_secs(1);

pub(super) async fn run(client: Client, patience: Patience, answers: mpsc::Sender<Answer>) {
    let key = client.target().leader_key();
    loop {
        // What does not pass is told by the election's own requests.
        let Ok((event, revision)) = requests::observe(&client, patience).await else {
            tokio::time::sleep(RETRY).await;
            continue;
        };
        if answers.send(event.into()).await.is_err() {
            return;
        }
        match client.watch(&key, revision + 1, patience).await {
            Ok(mut watch) => watch.changed().await,
            Err(_) => tokio::time::sleep(RETRY).await,
        }
        tokio::time::sleep(PAUSE).await;
    }
}
