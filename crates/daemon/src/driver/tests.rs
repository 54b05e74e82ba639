use std::sync::{Arc, Mutex};
use std::time::Duration;

use master::leadership::Deposed;
use model::{Moment, Now};

use super::*;
use crate::registry::Tenure;
use crate::store::Store;

const TTL: Duration = Duration::from_mins(1);

/// Adds up numbers.
#[derive(Default)]
struct Sum {
    sum: u32,
    heard: Vec<&'static str>,
}

#[derive(Debug)]
enum Event {
    Add(u32),
    /// Somebody waits for an answer.
    Ask,
    Woke,
}

impl Core for Sum {
    type Event = Event;
    type Message = &'static str;
    type Note = ();

    fn apply(&mut self, _: Now, event: Event) -> Outcome<Self> {
        let mut messages = Vec::new();
        match event {
            Event::Add(number) => {
                self.sum += number;
                self.heard.push("add");
            }
            Event::Ask => messages.push("answer"),
            Event::Woke => self.heard.push("woke"),
        }
        Outcome { writes: Vec::new(), messages, notes: Vec::new() }
    }

    fn next_wake(&self) -> Option<Moment> {
        None
    }

    fn woke() -> Event {
        Event::Woke
    }
}

#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    fn push(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Outbox<Sum> for Said {
    fn deliver(&mut self, messages: Vec<&'static str>) {
        for message in messages {
            self.push(message.to_owned());
        }
    }

    fn note(&mut self, _: Vec<()>) {}

    fn refuse(&mut self, messages: &[&'static str], _: &Undone<'_>) {
        for message in messages {
            self.push(format!("no {message}"));
        }
    }

    fn turn_away(&mut self, event: Event, why: &str) -> Option<Event> {
        if matches!(event, Event::Ask) {
            self.push(format!("turned away: {why}"));
            return None;
        }
        Some(event)
    }
}

type Ending = tokio::sync::oneshot::Receiver<Result<Ended, StoreError>>;

/// A core whose lease is unsure, and what it runs with.
fn held() -> (Mailbox<Sum>, Tenure, Said, Ending, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store")).unwrap();
    let clock = Clock::start();
    let tenure = Tenure::new("etcd://a:1/ebb", Moment(1), TTL, model::Timestamp(0));
    let said = Said::default();
    let (mut driver, mailbox) = Driver::new(Sum::default(), store, clock, |_| said.clone());
    driver.desk.tenure = Some(tenure.clone());
    let ended = driver.spawn("sum").unwrap();
    (mailbox, tenure, said, ended, dir)
}

fn far() -> Moment {
    Moment::default().plus(Duration::from_hours(1000))
}

/// While the lease is unsure nothing is applied, callers are told why, and what there is can be seen. Then
/// everything goes on in its order.
#[tokio::test]
async fn a_core_whose_lease_is_unsure_holds_and_goes_on() {
    let (mailbox, tenure, said, _ended, _dir) = held();
    mailbox.send(Event::Add(1)).await.unwrap();
    mailbox.send(Event::Ask).await.unwrap();
    mailbox.send(Event::Add(2)).await.unwrap();
    let sum = mailbox.look(|core, _| core.sum).await.unwrap();
    assert_eq!(sum, 0);
    let told = said.take();
    assert_eq!(told.len(), 1, "{told:?}");
    for part in ["etcd://a:1/ebb", "since 1970-01-01T00:00:00Z", "Nothing was changed by this call"]
    {
        assert!(told[0].contains(part), "{told:?}");
    }

    tenure.extend(far(), TTL, model::Timestamp(1));
    mailbox.send(Event::Ask).await.unwrap();
    let (sum, heard) = mailbox.look(|core, _| (core.sum, core.heard.clone())).await.unwrap();
    assert_eq!((sum, heard), (3, vec!["add", "add"]));
    assert_eq!(said.take(), ["answer"]);
}

/// A core that is deposed ends at once, though nothing arrives, and answers nobody but with where to go.
#[tokio::test]
async fn a_deposed_core_ends_and_turns_everybody_away() {
    for acts_until in [Moment(1), far()] {
        let (mailbox, tenure, said, ended, _dir) = held();
        tenure.extend(acts_until, TTL, model::Timestamp(1));
        mailbox.look(|_, _| ()).await.unwrap();
        tenure.end(Deposed::AnotherLeads);
        let ended = tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap();
        assert_eq!(ended.unwrap().unwrap(), Ended::Deposed(Deposed::AnotherLeads));
        assert_eq!(mailbox.send(Event::Ask).await, Err(Stopped));
        assert_eq!(said.take(), Vec::<String>::new());
    }
    let (mailbox, tenure, said, ended, _dir) = held();
    tenure.end(Deposed::AnotherLeads);
    // It may come before or after the end; it is never applied.
    mailbox.tell(Event::Ask).await;
    drop(ended.await);
    let told = said.take();
    assert!(
        told.iter().all(|text| text.contains("stopped leading (another master leads)")),
        "{told:?}"
    );
}
