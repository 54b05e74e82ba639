//! Large messages written field by field, in either format: what is written is never held as a message.
//!
//! What comes out is what [`media::encode`](crate::media::encode) makes of the same message, but for lengths in
//! protobuf, which stand in a longer form where the content was not known before.

use std::borrow::Borrow;

use crate::cursor;
use crate::json::Writer;
use crate::media::MediaType;
use crate::protobuf;
use crate::table::{FieldTable, Label, Message, MessageTable, positions};

/// Where composed bytes go.
pub trait Sink {
    /// The end of what is written so far. What is appended is written.
    fn end(&mut self) -> &mut Vec<u8>;
    /// Called every some thousand bytes: the sink may go on in another buffer.
    fn turn(&mut self);
    /// How many bytes have been written.
    fn position(&mut self) -> usize;
    /// Writes over bytes that have been written before.
    fn patch(&mut self, position: usize, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn end(&mut self) -> &mut Vec<u8> {
        self
    }

    fn turn(&mut self) {}

    fn position(&mut self) -> usize {
        self.len()
    }

    fn patch(&mut self, position: usize, bytes: &[u8]) {
        self[position..position + bytes.len()].copy_from_slice(bytes);
    }
}

/// Writes the fields of one message, in the order in which the proto file declares them.
pub struct Composer<'a> {
    media: MediaType,
    table: &'static MessageTable,
    /// Position of the first field that has not been passed yet.
    next: usize,
    is_first: bool,
    sink: &'a mut dyn Sink,
    tools: &'a mut Tools,
}

impl std::fmt::Debug for Composer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composer").field("table", self.table).finish_non_exhaustive()
    }
}

/// Memory that is used again for each part.
#[derive(Debug, Default)]
struct Tools {
    encoded: Vec<u8>,
    json: Writer,
}

/// Writes a message of type `M` whose fields `fill` writes. `media` is JSON or protobuf.
///
/// # Panics
/// If `fill` names a field that there is not, or one after a later one.
pub fn message<M: Message>(
    media: MediaType,
    sink: &mut dyn Sink,
    fill: impl FnOnce(&mut Composer<'_>),
) {
    let mut tools = Tools::default();
    whole(media, M::TABLE, sink, &mut tools, fill);
    sink.turn();
}

fn whole(
    media: MediaType,
    table: &'static MessageTable,
    sink: &mut dyn Sink,
    tools: &mut Tools,
    fill: impl FnOnce(&mut Composer<'_>),
) {
    if media == MediaType::Protobuf {
        fill(&mut Composer { media, table, next: 0, is_first: true, sink, tools });
        return;
    }
    sink.end().push(b'{');
    let mut composer = Composer { media, table, next: 0, is_first: true, sink, tools };
    fill(&mut composer);
    composer.pass(table.fields.len());
    composer.sink.end().push(b'}');
}

/// The place of one message of a repeated field.
pub struct Slot<'a, 'b> {
    composer: &'a mut Composer<'b>,
    field: &'static FieldTable,
}

impl std::fmt::Debug for Slot<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").field("field", self.field).finish_non_exhaustive()
    }
}

impl Slot<'_, '_> {
    /// The message as it is.
    pub fn message<M: Message>(self, message: &M) {
        self.composer.part(self.field, message);
    }

    /// The message field by field.
    pub fn compose(self, fill: impl FnOnce(&mut Composer<'_>)) {
        self.composer.composed(self.field, fill);
    }
}

impl Composer<'_> {
    /// A field that is a message.
    pub fn message<M: Message>(&mut self, name: &str, message: &M) {
        let field = self.begin(name);
        self.part(field, message);
    }

    /// A field that is a message or missing.
    pub fn optional<M: Message>(&mut self, name: &str, message: Option<&M>) {
        if let Some(message) = message {
            self.message(name, message);
        }
    }

    /// A repeated field of messages.
    pub fn messages<M: Message>(
        &mut self,
        name: &str,
        messages: impl IntoIterator<Item = impl Borrow<M>>,
    ) {
        self.list(name, messages, |composer, field, message| {
            composer.part(field, message.borrow());
        });
    }

    /// A field that is a message, composed in its turn.
    pub fn nested(&mut self, name: &str, fill: impl FnOnce(&mut Composer<'_>)) {
        let field = self.begin(name);
        self.composed(field, fill);
    }

    /// A repeated field of messages that are composed each.
    pub fn each<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Composer<'_>, T),
    ) {
        self.slots(name, items, |slot, item| slot.compose(|it| fill(it, item)));
    }

    /// A repeated field of messages, each given whole or composed as `put` likes it.
    pub fn slots<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut put: impl FnMut(Slot<'_, '_>, T),
    ) {
        self.list(name, items, |composer, field, item| put(Slot { composer, field }, item));
    }

    /// A field that is an id: a message of nothing but a text.
    pub fn id(&mut self, name: &str, id: &str) {
        self.nested(name, |it| it.text("value", id));
    }

    /// A field with bytes.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) {
        let field = self.begin(name);
        let out = self.sink.end();
        match self.media {
            MediaType::Protobuf => cursor::put_bytes_field(out, field.number, bytes),
            MediaType::Json | MediaType::RecordIo => {
                self.tools.json.append(out, |json| json.base64(bytes));
            }
        }
    }

    /// A field with a text.
    pub fn text(&mut self, name: &str, text: &str) {
        let field = self.begin(name);
        self.put_text(field, text);
    }

    /// A repeated field of texts.
    pub fn texts<'t>(&mut self, name: &str, texts: impl IntoIterator<Item = &'t str>) {
        self.list(name, texts, Self::put_text);
    }

    fn put_text(&mut self, field: &FieldTable, text: &str) {
        let out = self.sink.end();
        match self.media {
            MediaType::Protobuf => cursor::put_bytes_field(out, field.number, text.as_bytes()),
            MediaType::Json | MediaType::RecordIo => {
                self.tools.json.append(out, |json| json.string(text.as_bytes()));
            }
        }
    }

    /// A field that is true or false.
    pub fn boolean(&mut self, name: &str, value: bool) {
        let field = self.begin(name);
        let out = self.sink.end();
        match self.media {
            MediaType::Protobuf => {
                cursor::put_varint_field(out, field.number, u64::from(value));
            }
            MediaType::Json | MediaType::RecordIo => {
                out.extend_from_slice(if value { b"true" } else { b"false" });
            }
        }
    }

    /// A field with one of an enum's numbers.
    pub fn number_of(&mut self, name: &str, number: i32) {
        let field = self.begin(name);
        let out = self.sink.end();
        match (self.media, field.kind) {
            (MediaType::Protobuf, _) => {
                let number = i64::from(number).cast_unsigned();
                cursor::put_varint_field(out, field.number, number);
            }
            (_, crate::table::Kind::Enum(names)) => {
                out.push(b'"');
                let name = names.name_of(number).unwrap_or_default();
                out.extend_from_slice(name.as_bytes());
                out.push(b'"');
            }
            (MediaType::Json | MediaType::RecordIo, _) => out.extend_from_slice(b"null"),
        }
    }

    /// A field with a number that need not be whole.
    pub fn real(&mut self, name: &str, value: f64) {
        let field = self.begin(name);
        let out = self.sink.end();
        match self.media {
            MediaType::Protobuf => {
                cursor::put_fixed64_field(out, field.number, value.to_bits());
            }
            MediaType::Json | MediaType::RecordIo => {
                self.tools.json.append(out, |json| json.real(value, &value));
            }
        }
    }

    fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut put: impl FnMut(&mut Self, &'static FieldTable, T),
    ) {
        let is_json = self.media != MediaType::Protobuf;
        let mut begun = None;
        for item in items {
            let field = if let Some(field) = begun {
                if is_json {
                    self.sink.end().push(b',');
                }
                field
            } else {
                let field = self.begin(name);
                debug_assert_eq!(field.label, Label::Repeated, "{name} of {}", self.table.name);
                if is_json {
                    self.sink.end().push(b'[');
                }
                *begun.insert(field)
            };
            put(self, field, item);
            self.sink.turn();
        }
        if is_json && begun.is_some() {
            self.sink.end().push(b']');
        }
    }

    fn part<M: Message>(&mut self, field: &'static FieldTable, message: &M) {
        let Tools { encoded, json } = &mut *self.tools;
        let out = self.sink.end();
        encoded.clear();
        message.encode_raw(encoded);
        *encoded = protobuf::completed::<M>(std::mem::take(encoded));
        match self.media {
            MediaType::Protobuf => {
                cursor::put_bytes_field(out, field.number, encoded);
            }
            MediaType::Json | MediaType::RecordIo => {
                json.append(out, |json| json.message(M::TABLE, encoded, 0));
            }
        }
    }

    fn composed(&mut self, field: &'static FieldTable, fill: impl FnOnce(&mut Composer<'_>)) {
        let crate::table::Kind::Message(table) = field.kind else {
            unreachable!("{} of {} is no message", field.name, self.table.name)
        };
        if self.media != MediaType::Protobuf {
            return whole(self.media, table, self.sink, self.tools, fill);
        }
        let length = cursor::put_open_length(self.sink.end(), field.number);
        let begin = self.sink.position();
        whole(self.media, table, self.sink, self.tools, fill);
        let bytes = self.sink.position() - begin;
        self.sink.patch(begin - length, &cursor::padded_length(bytes));
    }

    /// Passes to the field of this name and writes what stands before its value.
    fn begin(&mut self, name: &str) -> &'static FieldTable {
        let table = self.table;
        let rest = &table.fields[self.next..];
        let found = rest.iter().position(|field| field.name == name);
        let position = self.next
            + found.unwrap_or_else(|| {
                panic!("{} has no field {name}, or it has been passed", table.name)
            });
        let field = &table.fields[position];
        if self.media == MediaType::Protobuf {
            self.next = position + 1;
            return field;
        }
        self.pass(position);
        self.next = position + 1;
        let first = &mut self.is_first;
        self.tools.json.append(self.sink.end(), |json| json.name(field, first));
        field
    }

    /// Writes what JSON shows of fields that are not there.
    fn pass(&mut self, position: usize) {
        let passed = self.next..position;
        for at in positions(self.table.shown_missing).filter(|at| passed.contains(at)) {
            let (field, first) = (&self.table.fields[at], &mut self.is_first);
            self.tools.json.append(self.sink.end(), |json| json.missing(field, first));
        }
        self.next = position;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master::{Response, response};
    use crate::{json, media, v1};

    fn task(name: &str) -> v1::Task {
        v1::Task {
            name: name.to_owned(),
            limits: [("mem".to_owned(), v1::value::Scalar { value: 0.0 })].into(),
            statuses: vec![v1::TaskStatus {
                message: Some("\u{1}\"".into()),
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    fn whole() -> Response {
        let get_tasks = response::GetTasks {
            tasks: vec![task("a"), task("b")],
            completed_tasks: vec![task("c")],
            ..Default::default()
        };
        let get_state =
            response::GetState { get_tasks: Some(get_tasks), ..response::GetState::default() };
        Response {
            r#type: Some(response::Type::GetState.into()),
            get_state: Some(get_state),
            ..Response::default()
        }
    }

    fn composed(media: MediaType) -> Vec<u8> {
        let mut out = Vec::new();
        message::<Response>(media, &mut out, |answer| {
            answer.number_of("type", response::Type::GetState.into());
            answer.nested("get_state", |state| {
                state.nested("get_tasks", |tasks| {
                    tasks.messages::<v1::Task>("tasks", [task("a"), task("b")]);
                    tasks.messages::<v1::Task>("unreachable_tasks", [] as [v1::Task; 0]);
                    tasks.messages::<v1::Task>("completed_tasks", [&task("c")]);
                });
            });
        });
        out
    }

    /// A composed message is the same text as one written at once.
    #[test]
    fn composed_json_is_the_json_of_the_message() {
        let text = String::from_utf8(composed(MediaType::Json)).unwrap();
        assert_eq!(text, json::to_string(&whole()));
    }

    /// A composed message reads as the message, required values of maps included.
    #[test]
    fn composed_protobuf_reads_as_the_message() {
        let bytes = composed(MediaType::Protobuf);
        let read: Response = media::decode(MediaType::Protobuf, &bytes).unwrap();
        assert_eq!(read, whole());
    }

    /// What is composed piece by piece is what is written by field: texts, numbers, truth, lists of composed
    /// messages.
    #[test]
    fn fields_of_every_kind_are_written_alike() {
        let resource = v1::Resource {
            name: "cpus".into(),
            r#type: v1::value::Type::Scalar.into(),
            scalar: Some(v1::value::Scalar { value: 1.5 }),
            ..Default::default()
        };
        let info = v1::AgentInfo {
            hostname: "h\n".into(),
            resources: vec![resource.clone()],
            ..Default::default()
        };
        let agent = response::get_agents::Agent {
            agent_info: info,
            active: true,
            version: "1".into(),
            total_resources: vec![resource],
            ..Default::default()
        };
        let whole = response::GetAgents { agents: vec![agent], ..Default::default() };
        for media in [MediaType::Json, MediaType::Protobuf] {
            let mut out = Vec::new();
            message::<response::GetAgents>(media, &mut out, |agents| {
                agents.each("agents", &whole.agents, |it, agent| {
                    it.nested("agent_info", |it| {
                        it.text("hostname", &agent.agent_info.hostname);
                        it.each("resources", &agent.agent_info.resources, |it, resource| {
                            it.text("name", &resource.name);
                            it.number_of("type", resource.r#type);
                            it.nested("scalar", |it| it.real("value", 1.5));
                        });
                    });
                    it.boolean("active", true);
                    it.text("version", "1");
                    it.messages::<v1::Resource>("total_resources", &agent.total_resources);
                });
            });
            if media == MediaType::Json {
                assert_eq!(String::from_utf8(out).unwrap(), json::to_string(&whole));
            } else {
                let read: response::GetAgents = media::decode(media, &out).unwrap();
                assert_eq!(read, whole);
            }
        }
    }
}
