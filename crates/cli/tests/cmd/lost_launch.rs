//! A master that dies between taking a launch and handing it on, played by a small server.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use model::Resources;
use wire::media::{self, MediaType};
use wire::scheduler::call::Type;
use wire::scheduler::{Call, Event, event};
use wire::v1::task_status::{Reason, Source};
use wire::v1::{AgentId, FrameworkId, Offer, OfferId, TaskId, TaskState, TaskStatus};

use crate::played::request;
use crate::program::ebb;

/// What the master knows, through its death.
#[derive(Default)]
struct State {
    stream: Option<TcpStream>,
    launched: Vec<String>,
    calls: Vec<Type>,
}

impl State {
    /// Begins the event stream of a SUBSCRIBE.
    fn subscribe(&mut self, mut stream: TcpStream) {
        let head = "HTTP/1.1 200 OK\r\nMesos-Stream-Id: s\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("the scheduler listens");
        self.stream = Some(stream);
        let framework_id = FrameworkId { value: "F".to_owned() };
        let subscribed = event::Subscribed { framework_id, ..event::Subscribed::default() };
        self.send(event::Type::Subscribed, |event| event.subscribed = Some(Box::new(subscribed)));
    }

    fn send(&mut self, kind: event::Type, fill: impl FnOnce(&mut Event)) {
        let mut event = Event { r#type: Some(kind.into()), ..Event::default() };
        fill(&mut event);
        let mut record = BytesMut::new();
        media::put_record(MediaType::Protobuf, &event, &mut record);
        let stream = self.stream.as_mut().expect("a subscription");
        stream.write_all(&record).expect("the scheduler listens");
    }

    fn offer(&mut self) {
        let offer = Offer {
            id: OfferId { value: format!("o{}", self.launched.len()) },
            agent_id: AgentId { value: "A".to_owned() },
            resources: Resources::parse("cpus:1;mem:64", "*").expect("resources").to_wire(),
            ..Offer::default()
        };
        let offers = event::Offers { offers: vec![offer] };
        self.send(event::Type::Offers, |event| event.offers = Some(offers));
    }

    fn update(&mut self, task: &str, state: TaskState, reason: Option<Reason>) {
        let status = TaskStatus {
            task_id: TaskId { value: task.to_owned() },
            state: state.into(),
            source: Some(Source::Master.into()),
            reason: reason.map(Into::into),
            uuid: reason.is_none().then(|| Bytes::from_static(&[7; 16])),
            agent_id: Some(AgentId { value: "A".to_owned() }),
            ..TaskStatus::default()
        };
        let update = event::Update { status };
        self.send(event::Type::Update, |event| event.update = Some(update));
    }

    fn take(&mut self, kind: Type, call: &Call) {
        let tasks = call.accept.iter().flat_map(|accept| &accept.operations);
        let tasks = tasks.flat_map(|it| &it.launch).flat_map(|launch| &launch.task_infos);
        let tasks: Vec<String> = tasks.map(|task| task.task_id.value.clone()).collect();
        self.launched.extend(tasks);
        let asked = call.reconcile.iter().flat_map(|it| &it.tasks).next();
        match (kind, self.launched.as_slice(), asked) {
            // It dies with the launch.
            (Type::Accept, [_], _) => self.stream = None,
            (Type::Accept, [_, second], _) => {
                let second = second.clone();
                self.update(&second, TaskState::TaskFinished, None);
            }
            (Type::Reconcile, _, Some(asked)) => {
                let id = asked.task_id.value.clone();
                self.update(&id, TaskState::TaskGone, Some(Reason::Reconciliation));
            }
            (Type::Revive, [_], _) => self.offer(),
            _ => {}
        }
    }
}

fn serve(listener: &TcpListener, state: &Mutex<State>) {
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let Some((_, body)) = request(&stream) else { continue };
        let call: Call = media::decode(MediaType::Protobuf, &body).expect("a call");
        let kind = call.r#type.and_then(|number| Type::try_from(number).ok()).expect("a type");
        let mut state = state.lock().expect("no test panicked with it");
        state.calls.push(kind);
        if kind == Type::Subscribe {
            state.subscribe(stream);
            if state.launched.is_empty() {
                state.offer();
            }
            continue;
        }
        let accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(accepted.as_bytes()).expect("the scheduler waits");
        state.take(kind, &call);
    }
}

/// A launch that neither the next master nor the agent knows is asked about and made again, under another
/// id; the run ends with that one.
#[test]
fn a_launch_that_died_with_its_master_is_made_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let state: Arc<Mutex<State>> = Arc::default();
    let shared = state.clone();
    std::thread::spawn(move || serve(&listener, &shared));
    let said = ebb(&["--master", &address, "task", "run", "--name", "web", "--", "true"]);
    assert_eq!(said.code, 0, "{said:?}");
    let state = state.lock().unwrap();
    let [first, second] = state.launched.as_slice() else { panic!("{:?}", state.launched) };
    assert_eq!(*second, format!("{first}.1"));
    let subscriptions = state.calls.iter().filter(|kind| **kind == Type::Subscribe).count();
    assert_eq!(subscriptions, 2);
    assert_eq!(state.calls.last(), Some(&Type::Teardown));
}
