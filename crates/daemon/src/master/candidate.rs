//! A master that shares its registry: it follows, leads when elected, and follows again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::front::{Front, Role};
use super::outbox::Hub;
use super::{MasterError, Settings, Shared, Term, context, core, master_info, registry, router};
use crate::clock::Clock;
use crate::driver::Ended;
use crate::election::{self, Candidate, Elected, Outlets};
use crate::etcd::{Client, EtcdError, Patience};
use crate::http::serve;
use crate::registry::etcd::{WriteError, load};
use crate::registry::{FencedWriter, Standing, Tenure};

/// Time the registry gets to answer at the start before this master goes on without having seen it.
const FIRST_LOOK: Patience =
    Patience { each: Duration::from_millis(500), all: Duration::from_secs(1) };
/// Least time for which agents and schedulers wait for a leader that is held before they are sent away.
const STREAMS_WAIT: Duration = Duration::from_secs(10);
/// Bound for the end of a leadership when the process stops.
const END: Duration = Duration::from_secs(2);
/// Pause between two attempts to read the registry.
const AGAIN: Duration = Duration::from_millis(200);

pub(super) async fn run(
    settings: Settings,
    shared: Shared,
    (listener, address): (TcpListener, SocketAddr),
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr) + Send,
) -> Result<(), MasterError> {
    let client = Client::new(shared.registry.clone())?;
    look(&client).await?;
    let clock = Clock::start();
    let info = master_info(&settings, address);
    let (leader, followed) = watch::channel(None);
    let front = {
        let registry = shared.registry.to_string();
        Front::new(context(&settings, clock), followed, &registry, &info)
    };
    let (news, elected) = mpsc::channel(1);
    let resign = CancellationToken::new();
    let outlets = Outlets { leader, elected: news };
    let mut election = take_part(&shared, (clock, info), outlets, resign.clone())?;
    let serving = serve::serve(listener, front.clone().router(), stop.clone());
    let serving = tokio::spawn(serving);
    tracing::info!(%address, registry = %shared.registry, "master serves");
    ready(address);

    let process = Process { settings, client, clock, front };
    let mut leading = Box::pin(process.lead_when_elected(elected));
    let outcome = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        ended = &mut election => Some(ended.map_or(Ok(()), |ended| ended.map_err(MasterError::from))),
        Err(error) = leading.as_mut() => {
            resign.cancel();
            // What it says of the end adds nothing.
            drop(election.await);
            stop.cancel();
            drop(serving.await);
            return Err(error);
        }
    };
    stop.cancel();
    if outcome.is_none() {
        resign.cancel();
        drop(election.await);
        // The election has ended the leadership: this ends what was open.
        drop(tokio::time::timeout(END, leading).await);
    }
    // Waits for calls that are being answered; bounded in `serve`.
    drop(serving.await);
    outcome.unwrap_or(Ok(()))
}

/// Takes part in the election, on a thread and with connections of its own: however busy this process is, its
/// lease has to be kept.
fn take_part(
    shared: &Shared,
    (clock, info): (Clock, wire::v1::MasterInfo),
    outlets: Outlets,
    resign: CancellationToken,
) -> Result<oneshot::Receiver<Result<(), EtcdError>>, MasterError> {
    let (done, ended) = oneshot::channel();
    let Shared { registry, lease } = shared.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(MasterError::Thread)?;
    let work = async move {
        let client = Client::new(registry)?;
        election::run(Candidate { client, clock, lease, info }, outlets, resign).await
    };
    std::thread::Builder::new()
        .name("election".to_owned())
        .spawn(move || drop(done.send(runtime.block_on(work))))
        .map_err(MasterError::Thread)?;
    Ok(ended)
}

/// Finds out what would never go well, if the registry answers.
async fn look(client: &Client) -> Result<(), MasterError> {
    let key = registry::META;
    match client.get(&client.target().record(key), FIRST_LOOK).await {
        Ok((meta, _)) => {
            let entries: registry::Entries =
                meta.into_iter().map(|meta| (key.to_owned(), meta.value.to_vec())).collect();
            registry::check_schema(&place(client), &entries).map_err(MasterError::Registry)
        }
        Err(error) if error.is_passing() => {
            tracing::warn!(%error, "the registry does not answer; this master serves and tries on");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

fn place(client: &Client) -> PathBuf {
    client.target().to_string().into()
}

struct Process {
    settings: Settings,
    client: Client,
    clock: Clock,
    front: Front,
}

impl Process {
    /// Ends with an error, or with the election.
    async fn lead_when_elected(
        &self,
        mut elected: mpsc::Receiver<Elected>,
    ) -> Result<(), MasterError> {
        while let Some(elected) = elected.recv().await {
            self.front.set(Role::Recovering);
            let tenure = elected.tenure.clone();
            let term = tokio::select! {
                _ = tenure.ended() => None,
                term = self.begin(elected) => Some(term?),
            };
            if let Some(term) = term {
                Box::pin(self.serve(term, &tenure)).await?;
            }
            self.front.set(Role::Following);
        }
        Ok(())
    }

    /// Reads the registry and starts a core with it.
    async fn begin(&self, elected: Elected) -> Result<Term, MasterError> {
        let Elected { fence, tenure, info } = elected;
        loop {
            let begun = async {
                let begin = FencedWriter::begin;
                let writer = begin(self.client.clone(), self.clock, fence, tenure.clone()).await?;
                Ok((writer, load(&self.client).await?))
            };
            let (mut writer, (entries, revision)) = match begun.await {
                Ok(begun) => begun,
                Err(error) => {
                    let error: EtcdError = error;
                    if !error.is_passing() {
                        return Err(error.into());
                    }
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
            };
            let count = entries.len();
            let records =
                registry::decode(&place(&self.client), entries).map_err(MasterError::Registry)?;
            let (cluster_id, fresh) = core::cluster_id(&records);
            if let Some(meta) = fresh {
                match writer.commit(&[meta.put()], &[]).await {
                    Ok(()) => {}
                    // The election ends this.
                    Err(WriteError::Lost(why)) => {
                        tenure.end(why);
                        std::future::pending::<()>().await;
                    }
                    Err(WriteError::Broken(error)) => return Err(MasterError::Write(error)),
                }
            }
            tracing::info!(records = count, revision, "recovered from the registry");
            let records = core::mutations(records);
            let context = self.front.context.clone();
            let known = (records, cluster_id);
            return Term::begin(&self.settings.core, info, known, writer.into(), context);
        }
    }

    /// Serves until the leadership is over.
    async fn serve(&self, term: Term, tenure: &Tenure) -> Result<(), MasterError> {
        let Term { shell, ended, beat } = term;
        let hub = shell.hub.clone();
        self.front.set(Role::Leading(TowerToHyperService::new(router(shell))));
        tracing::info!("this master leads");
        let sender_away = tokio::spawn(send_away(hub.clone(), tenure.clone(), self.clock));
        let ended = ended.await;
        self.front.set(Role::Following);
        sender_away.abort();
        beat.abort();
        hub.close();
        match ended {
            Ok(Ok(Ended::Deposed(_) | Ended::Closed)) | Err(_) => Ok(()),
            Ok(Err(error)) => Err(MasterError::Write(error)),
        }
    }
}

/// Closes links and streams of a leader that is held for long, so that their peers look for another one.
async fn send_away(hub: Arc<Hub>, tenure: Tenure, clock: Clock) {
    loop {
        let until = tenure.acts_until();
        match tenure.standing(clock.now().at) {
            Standing::Over(_) => return,
            Standing::Acting => tokio::time::sleep(clock.until(until)).await,
            Standing::Held => {
                let limit = until.plus(STREAMS_WAIT.max(tenure.ttl() * 2));
                let wait = clock.until(limit);
                if tokio::time::timeout(wait, tenure.decided(clock)).await.is_err() {
                    tracing::warn!("the registry has not answered for long; peers are sent away");
                    hub.close();
                    tenure.decided(clock).await;
                }
            }
        }
    }
}
