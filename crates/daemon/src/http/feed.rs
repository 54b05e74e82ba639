//! One stream of events for very many readers: encoded once, its bytes shared, with one bound for all.
//!
//! Events gather into blocks; each reader is at a block. A block is kept until the slowest reader has it, and
//! when too much is kept the slowest are cut off. So memory does not grow with the number of readers, nor does
//! the work of whoever has something to say.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use bytes::{Bytes, BytesMut};
use hyper::body::Frame;
use tokio::sync::mpsc;
use wire::media::{MediaType, put_record};

use super::stream::OnClose;

/// What may wait to be encoded; beyond it, all readers have missed something.
const QUEUE: usize = 65_536;
/// Events in a block, and how large it grows before the next is begun.
const BLOCK_EVENTS: usize = 1024;
const BLOCK_BYTES: usize = 64 * 1024;
/// After a block, the time for each reader until the next: a reader costs about as much for a large block as for
/// a small one, and with a thousand of them that is most of the work.
const PAUSE_PER_READER: Duration = Duration::from_micros(20);
/// Shorter pauses are none.
const PAUSE_FROM: Duration = Duration::from_millis(1);

/// How far readers may lag behind before they are cut off.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub events: usize,
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { events: 65_536, bytes: 16 << 20 }
    }
}

enum Item<T> {
    Event(Box<T>),
    /// This reader gets what comes from here on.
    Join(u64),
}

/// Why a reader is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is too far behind.
    Slow,
    /// There are too many readers, and it is the oldest.
    TooMany,
}

/// The sending end.
pub struct Feed<T> {
    items: mpsc::Sender<Item<T>>,
    /// Until [`Feed::herald`] takes it.
    waiting: Mutex<Option<mpsc::Receiver<Item<T>>>>,
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State>,
    /// What a reader is told that is cut off.
    last_words: fn(Cut) -> T,
}

#[derive(Debug)]
struct State {
    bounds: Bounds,
    max_readers: usize,
    blocks: VecDeque<Block>,
    /// The number of the first of `blocks`.
    first: u64,
    bytes: usize,
    events: usize,
    readers: BTreeMap<u64, Reader>,
    latest_reader: u64,
    /// Readers that were cut off because they were slow, ever.
    cut_off: u64,
}

#[derive(Debug)]
struct Block {
    json: Bytes,
    protobuf: Bytes,
    events: usize,
}

#[derive(Debug)]
struct Reader {
    media: MediaType,
    /// The block it gets next; none until what was said before it came has been encoded.
    next: Option<u64>,
    waker: Option<Waker>,
    cut: Option<Cut>,
}

impl<T> std::fmt::Debug for Feed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it; if it did, the state would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: wire::Message + Send + Sync> Feed<T> {
    pub fn new(bounds: Bounds, max_readers: usize, last_words: fn(Cut) -> T) -> Self {
        let (items, waiting) = mpsc::channel(QUEUE);
        let state = State {
            bounds,
            max_readers,
            blocks: VecDeque::new(),
            first: 0,
            bytes: 0,
            events: 0,
            readers: BTreeMap::new(),
            latest_reader: 0,
            cut_off: 0,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), last_words });
        Self { items, waiting: Mutex::new(Some(waiting)), shared }
    }

    /// Says an event to all who have joined; never waits.
    pub fn publish(&self, event: T) {
        if self.items.try_send(Item::Event(Box::new(event))).is_err() {
            let all = self.shared.state().cut(Cut::Slow, |_| true);
            wake(all);
        }
    }

    /// A new reader, who gets every event that is published from now on. `on_close` runs when it is gone.
    pub fn join(&self, media: MediaType, on_close: OnClose) -> Subscription<T> {
        let (id, wakers) = self.shared.state().add(media);
        wake(wakers);
        if self.items.try_send(Item::Join(id)).is_err() {
            wake(self.shared.state().cut(Cut::Slow, |reader| reader == id));
        }
        Subscription { id, media, shared: self.shared.clone(), on_close: Some(on_close) }
    }

    /// Those who are served.
    pub fn readers(&self) -> usize {
        self.shared.state().served().count()
    }

    /// Events that the slowest reader has not been given yet.
    pub fn waiting(&self) -> usize {
        self.shared.state().events
    }

    /// How many were cut off because they were slow, ever.
    pub fn cut_off(&self) -> u64 {
        self.shared.state().cut_off
    }

    /// Ends all streams.
    pub fn close(&self) {
        let readers = std::mem::take(&mut self.shared.state().readers);
        wake(readers.into_values().filter_map(|reader| reader.waker).collect());
    }

    /// Encodes what is published and hands it out, for as long as it is polled.
    pub async fn herald(&self) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut waiting) = waiting else { return };
        let mut items = Vec::new();
        while waiting.recv_many(&mut items, BLOCK_EVENTS).await > 0 {
            let readers = self.hand_out(items.drain(..));
            let pause = PAUSE_PER_READER.saturating_mul(u32::try_from(readers).unwrap_or(u32::MAX));
            if pause >= PAUSE_FROM {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Returns how many readers there are.
    fn hand_out(&self, items: impl Iterator<Item = Item<T>>) -> usize {
        // Who joins later has its `Join` later, too.
        let (has_json, has_protobuf) = {
            let state = self.shared.state();
            let has = |wanted| state.served().any(|(_, reader)| reader.media == wanted);
            (has(MediaType::Json), has(MediaType::Protobuf))
        };
        let (mut json, mut protobuf, mut events) = (BytesMut::new(), BytesMut::new(), 0);
        let mut steps = Vec::new();
        for item in items {
            match item {
                Item::Event(event) => {
                    events += 1;
                    if has_json {
                        put_record(MediaType::Json, &*event, &mut json);
                    }
                    if has_protobuf {
                        put_record(MediaType::Protobuf, &*event, &mut protobuf);
                    }
                    if json.len().max(protobuf.len()) < BLOCK_BYTES {
                        continue;
                    }
                    steps.push(Err(Block::cut(&mut json, &mut protobuf, &mut events)));
                }
                Item::Join(id) => {
                    steps.push(Err(Block::cut(&mut json, &mut protobuf, &mut events)));
                    steps.push(Ok(id));
                }
            }
        }
        steps.push(Err(Block::cut(&mut json, &mut protobuf, &mut events)));
        let mut state = self.shared.state();
        for step in steps {
            match step {
                Ok(id) => state.place(id),
                Err(block) => state.append(block),
            }
        }
        state.trim();
        let wakers = state.bound();
        let readers = state.served().count();
        drop(state);
        wake(wakers);
        readers
    }
}

impl Block {
    fn cut(json: &mut BytesMut, protobuf: &mut BytesMut, events: &mut usize) -> Self {
        Self {
            json: json.split().freeze(),
            protobuf: protobuf.split().freeze(),
            events: std::mem::take(events),
        }
    }

    fn bytes(&self) -> usize {
        self.json.len() + self.protobuf.len()
    }
}

impl State {
    fn served(&self) -> impl Iterator<Item = (&u64, &Reader)> {
        self.readers.iter().filter(|(_, reader)| reader.cut.is_none())
    }

    fn add(&mut self, media: MediaType) -> (u64, Vec<Waker>) {
        self.latest_reader += 1;
        let reader = Reader { media, next: None, waker: None, cut: None };
        self.readers.insert(self.latest_reader, reader);
        let excess = self.served().count().saturating_sub(self.max_readers);
        let oldest: Vec<u64> = self.served().take(excess).map(|(id, _)| *id).collect();
        let wakers = self.cut(Cut::TooMany, |reader| oldest.contains(&reader));
        (self.latest_reader, wakers)
    }

    /// From here on the reader is served.
    fn place(&mut self, id: u64) {
        let next = self.first + self.blocks.len() as u64;
        if let Some(reader) = self.readers.get_mut(&id) {
            reader.next = Some(next);
        }
    }

    fn append(&mut self, block: Block) {
        if block.events > 0 && self.served().any(|(_, reader)| reader.next.is_some()) {
            self.bytes += block.bytes();
            self.events += block.events;
            self.blocks.push_back(block);
        }
    }

    /// Forgets what everybody has.
    fn trim(&mut self) {
        let end = self.first + self.blocks.len() as u64;
        let slowest = self.served().filter_map(|(_, reader)| reader.next).min().unwrap_or(end);
        while self.first < slowest
            && let Some(block) = self.blocks.pop_front()
        {
            self.first += 1;
            self.bytes -= block.bytes();
            self.events -= block.events;
        }
    }

    /// Cuts off the slowest until no more is kept than may be; the wakers are those of all who have something to do.
    fn bound(&mut self) -> Vec<Waker> {
        let mut wakers: Vec<_> =
            self.readers.values_mut().filter_map(|reader| reader.waker.take()).collect();
        // The newest block is kept for all, however large it is.
        while self.blocks.len() > 1
            && (self.bytes > self.bounds.bytes || self.events > self.bounds.events)
        {
            let first = self.first;
            let slow = self.served().filter(|(_, reader)| reader.next == Some(first));
            let slow: Vec<u64> = slow.map(|(id, _)| *id).collect();
            wakers.extend(self.cut(Cut::Slow, |reader| slow.contains(&reader)));
            self.trim();
            if slow.is_empty() {
                break;
            }
        }
        wakers
    }

    fn cut(&mut self, why: Cut, whom: impl Fn(u64) -> bool) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for (id, reader) in &mut self.readers {
            if reader.cut.is_some() || !whom(*id) {
                continue;
            }
            reader.cut = Some(why);
            wakers.extend(reader.waker.take());
            self.cut_off += u64::from(why == Cut::Slow);
            let (events, bytes) = (self.events, self.bytes);
            tracing::warn!(reader = id, ?why, events, bytes, "a subscriber to events is cut off");
        }
        wakers
    }
}

fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        waker.wake();
    }
}

/// A reader's place in the feed, which it has until this is dropped.
pub struct Subscription<T> {
    id: u64,
    media: MediaType,
    shared: Arc<Shared<T>>,
    on_close: Option<OnClose>,
}

impl<T> std::fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        let reader = self.shared.state().readers.remove(&self.id);
        drop(reader);
        if let Some(on_close) = self.on_close.take() {
            on_close();
        }
    }
}

impl<T: wire::Message + Send + Sync> Subscription<T> {
    /// 200 with a `RecordIO` stream that begins with `first`: whole records.
    pub fn response(self, first: VecDeque<Bytes>) -> Response<Body> {
        let builder = Response::builder()
            .status(StatusCode::OK)
            .header(header::CONTENT_TYPE, self.media.name());
        let body = FeedBody { first, subscription: self };
        builder.body(Body::new(body)).expect("status and headers are valid")
    }
}

struct FeedBody<T> {
    first: VecDeque<Bytes>,
    subscription: Subscription<T>,
}

impl<T: wire::Message + Send + Sync> hyper::body::Body for FeedBody<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if let Some(bytes) = this.first.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let Subscription { id, media, shared, .. } = &this.subscription;
        let mut state = shared.state();
        let State { readers, blocks, first, .. } = &mut *state;
        let Some(reader) = readers.get_mut(id) else { return Poll::Ready(None) };
        if let Some(why) = reader.cut {
            readers.remove(id);
            drop(state);
            let mut words = BytesMut::new();
            put_record(*media, &(shared.last_words)(why), &mut words);
            return Poll::Ready(Some(Ok(Frame::data(words.freeze()))));
        }
        let at = reader.next.and_then(|next| usize::try_from(next.checked_sub(*first)?).ok());
        if let Some(block) = at.and_then(|at| blocks.get(at)) {
            reader.next = reader.next.map(|next| next + 1);
            let bytes = if *media == MediaType::Json { &block.json } else { &block.protobuf };
            return Poll::Ready(Some(Ok(Frame::data(bytes.clone()))));
        }
        reader.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use wire::master::Event;
    use wire::master::event::AgentRemoved;

    use super::*;

    /// An event with a number.
    fn event(number: usize) -> Event {
        let agent_id = wire::v1::AgentId { value: number.to_string() };
        Event { agent_removed: Some(AgentRemoved { agent_id }), ..Event::default() }
    }

    fn feed(bounds: Bounds, max_readers: usize) -> Arc<Feed<Event>> {
        let feed = Arc::new(Feed::new(bounds, max_readers, |why| {
            let value = format!("{why:?}");
            let agent_id = wire::v1::AgentId { value };
            Event { agent_removed: Some(AgentRemoved { agent_id }), ..Event::default() }
        }));
        let herald = feed.clone();
        tokio::spawn(async move { herald.herald().await });
        feed
    }

    struct Hearer {
        body: Body,
        decoder: wire::recordio::Decoder,
        media: MediaType,
        ends: bool,
    }

    impl Hearer {
        fn of(feed: &Feed<Event>, media: MediaType) -> Self {
            let body = feed.join(media, Box::new(|| ())).response(VecDeque::new()).into_body();
            Self { body, decoder: wire::recordio::Decoder::new(1 << 20), media, ends: false }
        }

        /// The next `count` events, or those before the end.
        async fn hear(&mut self, count: usize) -> Vec<String> {
            let mut heard = Vec::new();
            while heard.len() < count {
                if let Some(record) = self.decoder.next().unwrap() {
                    let event: Event = wire::media::decode(self.media, &record).unwrap();
                    heard.push(event.agent_removed.unwrap().agent_id.value);
                    continue;
                }
                let Some(frame) = self.body.frame().await else {
                    self.ends = true;
                    break;
                };
                self.decoder.push(&frame.unwrap().into_data().unwrap());
            }
            heard
        }
    }

    fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|number| number.to_string()).collect()
    }

    /// A reader hears every event from the moment it joined, in order, and none from before, in either format.
    #[tokio::test]
    async fn readers_hear_all_from_their_moment_on() {
        let feed = feed(Bounds::default(), 100);
        let mut early = Hearer::of(&feed, MediaType::Json);
        (0..500).for_each(|number| feed.publish(event(number)));
        let mut late = Hearer::of(&feed, MediaType::Protobuf);
        (500..4000).for_each(|number| feed.publish(event(number)));
        assert_eq!(early.hear(4000).await, numbers(0..4000));
        assert_eq!(late.hear(3500).await, numbers(500..4000));
        feed.publish(event(4000));
        assert_eq!(early.hear(1).await, ["4000"]);
        assert_eq!(late.hear(1).await, ["4000"]);
        feed.publish(event(4001));
        early.hear(1).await;
        late.hear(1).await;
        assert!(feed.shared.state().blocks.len() <= 1, "what all have is not kept");
    }

    /// Readers of one format share the bytes.
    #[tokio::test]
    async fn readers_share_the_bytes() {
        let feed = feed(Bounds::default(), 100);
        let (mut one, mut other) =
            (Hearer::of(&feed, MediaType::Json), Hearer::of(&feed, MediaType::Json));
        feed.publish(event(1));
        let one = one.body.frame().await.unwrap().unwrap().into_data().unwrap();
        let other = other.body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(one.as_ptr(), other.as_ptr());
    }

    /// A reader that stops reading is cut off once too much is kept for it, hears so when it reads again, and is
    /// counted; a reader that keeps up hears everything.
    #[tokio::test]
    async fn a_reader_that_stops_is_cut_off_and_told() {
        let bounds = Bounds { events: 100, bytes: 1 << 20 };
        let feed = feed(bounds, 100);
        let mut slow = Hearer::of(&feed, MediaType::Json);
        let mut quick = Hearer::of(&feed, MediaType::Json);
        for number in 0..200 {
            feed.publish(event(number));
            assert_eq!(quick.hear(1).await, [number.to_string()]);
            let state = feed.shared.state();
            assert!(state.events <= bounds.events, "{}", state.events);
        }
        assert_eq!((feed.readers(), feed.cut_off()), (1, 1));
        assert_eq!(slow.hear(usize::MAX).await, ["Slow"]);
        assert!(slow.ends);
        drop(slow);
        assert_eq!(feed.readers(), 1);
    }

    /// Too many bytes cut off as too many events do.
    #[tokio::test]
    async fn bytes_are_bounded_too() {
        let feed = feed(Bounds { events: usize::MAX, bytes: 10_000 }, 100);
        let mut slow = Hearer::of(&feed, MediaType::Protobuf);
        let mut quick = Hearer::of(&feed, MediaType::Json);
        for number in 0..1000 {
            feed.publish(event(number));
            quick.hear(1).await;
        }
        assert_eq!(slow.hear(usize::MAX).await, ["Slow"]);
    }

    /// With one reader more than may be, the oldest is told and ends.
    #[tokio::test]
    async fn the_oldest_makes_room() {
        let feed = feed(Bounds::default(), 2);
        let mut readers: Vec<_> = (0..3).map(|_| Hearer::of(&feed, MediaType::Json)).collect();
        assert_eq!(feed.readers(), 2);
        feed.publish(event(1));
        assert_eq!(readers[0].hear(2).await, ["TooMany"]);
        assert_eq!(readers[1].hear(1).await, ["1"]);
        assert_eq!(readers[2].hear(1).await, ["1"]);
        feed.close();
        assert!(readers[1].hear(1).await.is_empty() && readers[1].ends);
    }
}
