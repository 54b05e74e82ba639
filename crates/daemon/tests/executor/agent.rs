//! A server that plays the agent's side of the executor API.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::post;
use bytes::{Bytes, BytesMut};
use http_body_util::channel::Channel;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use wire::executor::{Call, Event, call, event};
use wire::media::{self, MediaType};
use wire::v1;

use crate::gate::PATIENCE;

pub(crate) const TOKEN: &str = "token-of-the-executor";

pub(crate) struct Agent {
    runtime: Option<Runtime>,
    port: u16,
    shared: Arc<Shared>,
    calls: Receiver<Call>,
    /// Updates that came with a SUBSCRIBE and were not looked at yet.
    carried: VecDeque<v1::TaskStatus>,
}

struct Shared {
    calls: Mutex<Sender<Call>>,
    stream: Mutex<Option<mpsc::UnboundedSender<Event>>>,
    /// Calls to answer with 503 before any other.
    refusals: Mutex<u32>,
}

impl Agent {
    pub(crate) fn start() -> Self {
        let (sender, calls) = channel();
        let shared = Arc::new(Shared {
            calls: Mutex::new(sender),
            stream: Mutex::new(None),
            refusals: Mutex::new(0),
        });
        let mut agent = Self { runtime: None, port: 0, shared, calls, carried: VecDeque::new() };
        agent.listen();
        agent
    }

    /// Listens, again on the same port after [`Self::stop`].
    pub(crate) fn listen(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let port = self.port;
        let listener =
            runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", port))).unwrap();
        self.port = listener.local_addr().unwrap().port();
        let router = Router::new()
            .route("/api/v1/executor", post(answer))
            .with_state(Arc::clone(&self.shared));
        runtime.spawn(async move { axum::serve(listener, router).await });
        self.runtime = Some(runtime);
    }

    /// Drops every connection and stops to listen.
    pub(crate) fn stop(&mut self) {
        *self.shared.stream.lock().unwrap() = None;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(PATIENCE);
        }
    }

    pub(crate) fn refuse_next(&self, calls: u32) {
        *self.shared.refusals.lock().unwrap() = calls;
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The next call that is no heartbeat.
    pub(crate) fn call(&mut self) -> Call {
        self.calls.recv_timeout(PATIENCE).expect("a call of the executor")
    }

    /// Waits for SUBSCRIBE and answers SUBSCRIBED; updates that came along are next to be had.
    pub(crate) fn subscribed(&mut self) -> call::Subscribe {
        let subscribe = self.call().subscribe.expect("SUBSCRIBE");
        let carried = subscribe.unacknowledged_updates.iter().map(|update| update.status.clone());
        self.carried.extend(carried);
        let killing = v1::framework_info::Capability {
            r#type: Some(v1::framework_info::capability::Type::TaskKillingState as i32),
        };
        let framework_info =
            v1::FrameworkInfo { capabilities: vec![killing], ..v1::FrameworkInfo::default() };
        self.send(Event {
            r#type: Some(event::Type::Subscribed as i32),
            subscribed: Some(Box::new(event::Subscribed {
                executor_info: v1::ExecutorInfo::default(),
                framework_info,
                agent_info: v1::AgentInfo::default(),
                container_id: Some(v1::ContainerId { value: "c".to_owned(), parent: None }),
            })),
            ..Event::default()
        });
        subscribe
    }

    pub(crate) fn send(&self, event: Event) {
        let stream = self.shared.stream.lock().unwrap();
        stream.as_ref().expect("a subscribed executor").send(event).expect("an open stream");
    }

    /// The next update, left without acknowledgement.
    pub(crate) fn update(&mut self) -> v1::TaskStatus {
        if let Some(status) = self.carried.pop_front() {
            return status;
        }
        self.call().update.expect("UPDATE").status
    }

    pub(crate) fn acknowledge(&self, status: &v1::TaskStatus) {
        self.send(Event {
            r#type: Some(event::Type::Acknowledged as i32),
            acknowledged: Some(event::Acknowledged {
                task_id: status.task_id.clone(),
                uuid: status.uuid.clone().unwrap(),
            }),
            ..Event::default()
        });
    }

    /// The next update, acknowledged: its task, state and message.
    pub(crate) fn next(&mut self) -> (String, v1::TaskState, String) {
        let status = self.update();
        self.acknowledge(&status);
        let state = v1::TaskState::try_from(status.state).unwrap();
        (status.task_id.value, state, status.message.unwrap_or_default())
    }

    /// The next update's state, whatever task it is of.
    pub(crate) fn next_state(&mut self) -> v1::TaskState {
        self.next().1
    }

    /// The states up to the terminal one, for after a lost connection: acknowledgements that were
    /// under way then may be lost with it, and their updates come once more.
    pub(crate) fn states_to_the_end(&mut self) -> Vec<v1::TaskState> {
        let mut states = Vec::new();
        while !states.last().is_some_and(|state| model::task::is_terminal(*state)) {
            states.push(self.next_state());
        }
        states
    }

    /// Launches a task and sees it running.
    pub(crate) fn run(&mut self, task: v1::TaskInfo) {
        self.launch(task);
        assert_eq!(self.next_state(), v1::TaskState::TaskStarting);
        assert_eq!(self.next_state(), v1::TaskState::TaskRunning);
    }

    pub(crate) fn launch(&self, task: v1::TaskInfo) {
        self.send(Event {
            r#type: Some(event::Type::Launch as i32),
            launch: Some(Box::new(event::Launch { task })),
            ..Event::default()
        });
    }

    pub(crate) fn launch_group(&self, tasks: Vec<v1::TaskInfo>) {
        let task_group = v1::TaskGroupInfo { tasks };
        self.send(Event {
            r#type: Some(event::Type::LaunchGroup as i32),
            launch_group: Some(event::LaunchGroup { task_group }),
            ..Event::default()
        });
    }

    pub(crate) fn kill(&self, task: &str, grace_millis: i64) {
        let grace = v1::DurationInfo { nanoseconds: grace_millis * 1_000_000 };
        self.send(Event {
            r#type: Some(event::Type::Kill as i32),
            kill: Some(event::Kill {
                task_id: v1::TaskId { value: task.to_owned() },
                kill_policy: Some(v1::KillPolicy { grace_period: Some(grace) }),
            }),
            ..Event::default()
        });
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let plain = |status, text: &str| {
        Response::builder().status(status).body(Body::from(text.to_owned())).unwrap()
    };
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if authorization != Some(&format!("Bearer {TOKEN}")) {
        return plain(StatusCode::UNAUTHORIZED, "no token");
    }
    {
        let mut refusals = shared.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return plain(StatusCode::SERVICE_UNAVAILABLE, "Agent has not finished recovery");
        }
    }
    let call: Call = media::decode(MediaType::Protobuf, &body).unwrap();
    let response = if call.subscribe.is_some() {
        let (sender, mut events) = mpsc::unbounded_channel();
        *shared.stream.lock().unwrap() = Some(sender);
        let (mut writer, reader) = Channel::<Bytes, Infallible>::new(16);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let mut frame = BytesMut::new();
                let record = media::encode(MediaType::Protobuf, &event);
                wire::recordio::encode(&record, &mut frame);
                if writer.send_data(frame.freeze()).await.is_err() {
                    break;
                }
            }
        });
        Response::builder()
            .header(header::CONTENT_TYPE, MediaType::Protobuf.name())
            .body(Body::new(reader))
            .unwrap()
    } else if shared.stream.lock().unwrap().is_none() {
        // Mesos: also after a restart, until the executor has subscribed again.
        return plain(StatusCode::FORBIDDEN, "Executor is not subscribed");
    } else {
        plain(StatusCode::ACCEPTED, "")
    };
    shared.calls.lock().unwrap().send(call).unwrap();
    response
}
