//! Large messages written field by field, in either format: what is written is never held as a message.
//!
//! What comes out is what [`media::encode`](crate::media::encode) makes of the same message, but that in protobuf the
//! lengths of [sections](Composer::section) stand in a longer form, and fields in the order of their declaration.
//!
//! Fields are named with [`field!`](crate::field), which finds them when the program is built.

mod memo;
mod named;

use std::borrow::Borrow;

use crate::cursor;
use crate::json::Writer;
use crate::media::MediaType;
use crate::protobuf;
use crate::table::{FieldTable, Kind, Label, Message, MessageTable, positions};

pub use memo::Memo;
pub use named::Field;

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

/// How much is written before the sink is asked whether it goes on in another buffer.
const TURN_BYTES: usize = 32 << 10;

/// Writes the fields of one message, in the order in which the proto file declares them.
pub struct Composer<'a> {
    is_json: bool,
    /// Whether what is written may leave for another buffer between the items of a list.
    is_section: bool,
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

#[derive(Debug, Default)]
struct Tools {
    /// Writes to the end of the sink, which is here while a message is written: it is asked for once per buffer
    /// and not once per field.
    json: Writer,
    /// Memory that is used again for each part.
    encoded: Vec<u8>,
}

impl Tools {
    fn out(&mut self) -> &mut Vec<u8> {
        &mut self.json.out
    }
}

/// Writes a message of type `M` whose fields `fill` writes. `media` is JSON or protobuf.
///
/// # Panics
/// If `fill` names a field after a later one.
pub fn message<M: Message>(
    media: MediaType,
    sink: &mut dyn Sink,
    fill: impl FnOnce(&mut Composer<'_>),
) {
    let mut tools = Tools::default();
    std::mem::swap(tools.out(), sink.end());
    let mut composer = Composer {
        is_json: media != MediaType::Protobuf,
        is_section: true,
        table: M::TABLE,
        next: 0,
        is_first: true,
        sink,
        tools: &mut tools,
    };
    composer.fill(fill);
    composer.turn();
    std::mem::swap(tools.out(), sink.end());
    sink.turn();
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
    pub fn message<M: Message>(&mut self, field: &'static Field, message: &M) {
        let field = self.begin(field);
        self.part(field, message);
    }

    /// A field that is a message or missing.
    pub fn optional<M: Message>(&mut self, field: &'static Field, message: Option<&M>) {
        if let Some(message) = message {
            self.message(field, message);
        }
    }

    /// A repeated field of messages.
    pub fn messages<M: Message>(
        &mut self,
        field: &'static Field,
        messages: impl IntoIterator<Item = impl Borrow<M>>,
    ) {
        self.list(field, messages, |composer, field, message| {
            composer.part(field, message.borrow());
        });
    }

    /// A field that is a message, composed in its turn.
    pub fn nested(&mut self, field: &'static Field, fill: impl FnOnce(&mut Composer<'_>)) {
        let field = self.begin(field);
        self.composed(field, fill);
    }

    /// A field that is a large message, composed in its turn: it may go through several buffers. May stand in
    /// sections and outermost only.
    pub fn section(&mut self, field: &'static Field, fill: impl FnOnce(&mut Composer<'_>)) {
        debug_assert!(self.is_section, "a section in {}, which is none", self.table.name);
        let field = self.begin(field);
        if self.is_json {
            return self.inner(field, true).fill(fill);
        }
        let length = cursor::put_open_length(self.tools.out(), field.number);
        let begin = self.position();
        self.inner(field, true).fill(fill);
        let bytes = cursor::padded_length(self.position() - begin);
        let (at, taken) = (begin - length, self.sink.position());
        match at.checked_sub(taken) {
            Some(at) => self.tools.out().patch(at, &bytes),
            None => self.sink.patch(at, &bytes),
        }
    }

    /// A repeated field of messages that are composed each.
    pub fn each<T>(
        &mut self,
        field: &'static Field,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Composer<'_>, T),
    ) {
        self.slots(field, items, |slot, item| slot.compose(|it| fill(it, item)));
    }

    /// A repeated field of messages, each given whole or composed as `put` likes it.
    pub fn slots<T>(
        &mut self,
        field: &'static Field,
        items: impl IntoIterator<Item = T>,
        mut put: impl FnMut(Slot<'_, '_>, T),
    ) {
        self.list(field, items, |composer, field, item| put(Slot { composer, field }, item));
    }

    /// A field that is a message of nothing but a text, which is its first field: an id.
    pub fn id(&mut self, field: &'static Field, id: &str) {
        let field = self.begin(field);
        let text = &message_table(field).fields[0];
        if self.is_json {
            let out = self.tools.out();
            out.push(b'{');
            out.extend_from_slice(&text.key.as_bytes()[1..]);
            self.tools.json.string(id.as_bytes());
            self.tools.out().push(b'}');
        } else {
            let out = self.tools.out();
            cursor::put_bytes_key(out, field.number);
            cursor::put_varint(out, cursor::bytes_field_length(text.number, id.len()));
            cursor::put_bytes_field(out, text.number, id.as_bytes());
        }
    }

    /// A field with bytes.
    pub fn bytes(&mut self, field: &'static Field, bytes: &[u8]) {
        let field = self.begin(field);
        if self.is_json {
            self.tools.json.base64(bytes);
        } else {
            cursor::put_bytes_field(self.tools.out(), field.number, bytes);
        }
    }

    /// A field with a text.
    pub fn text(&mut self, field: &'static Field, text: &str) {
        let field = self.begin(field);
        self.put_text(field, text);
    }

    /// A field with a text or missing.
    pub fn optional_text(&mut self, field: &'static Field, text: Option<&str>) {
        if let Some(text) = text {
            self.text(field, text);
        }
    }

    /// A repeated field of texts.
    pub fn texts<'t>(&mut self, field: &'static Field, texts: impl IntoIterator<Item = &'t str>) {
        self.list(field, texts, Self::put_text);
    }

    fn put_text(&mut self, field: &FieldTable, text: &str) {
        if self.is_json {
            self.tools.json.string(text.as_bytes());
        } else {
            cursor::put_bytes_field(self.tools.out(), field.number, text.as_bytes());
        }
    }

    /// A field that is true or false.
    pub fn boolean(&mut self, field: &'static Field, value: bool) {
        let field = self.begin(field);
        if self.is_json {
            self.tools.out().extend_from_slice(if value { b"true" } else { b"false" });
        } else {
            cursor::put_varint_field(self.tools.out(), field.number, u64::from(value));
        }
    }

    /// A field with one of an enum's numbers.
    pub fn number_of(&mut self, field: &'static Field, number: i32) {
        if !self.is_json {
            let field = self.begin(field);
            let number = i64::from(number).cast_unsigned();
            return cursor::put_varint_field(self.tools.out(), field.number, number);
        }
        let Kind::Enum(names) = field.table.kind else {
            unreachable!("{} of {} is no enum", field.table.name, self.table.name)
        };
        // A number without a name is as good as unset.
        let Some(name) = names.name_of(number) else { return };
        self.begin(field);
        let out = self.tools.out();
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
    }

    /// A field with a whole number that is not negative.
    pub fn whole(&mut self, field: &'static Field, value: u64) {
        let field = self.begin(field);
        if self.is_json {
            self.tools.json.digits(value);
        } else {
            cursor::put_varint_field(self.tools.out(), field.number, value);
        }
    }

    /// A field with a number that need not be whole.
    pub fn real(&mut self, field: &'static Field, value: f64) {
        let field = self.begin(field);
        if self.is_json {
            self.tools.json.real(value, &value);
        } else {
            cursor::put_fixed64_field(self.tools.out(), field.number, value.to_bits());
        }
    }

    /// Fields that are the same for the same `key`: written by `fill`, and copied as long as the key stays. They
    /// must not be the first of their message.
    pub fn alike<K: PartialEq>(
        &mut self,
        memo: &mut Memo<K>,
        key: K,
        fill: impl FnOnce(&mut Self),
    ) {
        debug_assert!(!self.is_first && !self.is_section, "in {}", self.table.name);
        if let Some((bytes, next)) = memo.of(&key) {
            self.tools.out().extend_from_slice(bytes);
            self.next = next;
            return;
        }
        let begin = self.tools.out().len();
        fill(self);
        memo.keep(key, &self.tools.out()[begin..], self.next);
    }

    fn list<T>(
        &mut self,
        field: &'static Field,
        items: impl IntoIterator<Item = T>,
        mut put: impl FnMut(&mut Self, &'static FieldTable, T),
    ) {
        let table = field.table;
        debug_assert_eq!(table.label, Label::Repeated, "{} of {}", table.name, self.table.name);
        let mut is_empty = true;
        for item in items {
            if std::mem::replace(&mut is_empty, false) {
                self.begin(field);
                if self.is_json {
                    self.tools.out().push(b'[');
                }
            } else if self.is_json {
                self.tools.out().push(b',');
            }
            put(self, table, item);
            if self.is_section {
                self.turn();
            }
        }
        if self.is_json && !is_empty {
            self.tools.out().push(b']');
        }
    }

    fn part<M: Message>(&mut self, field: &'static FieldTable, message: &M) {
        let Tools { encoded, json } = &mut *self.tools;
        encoded.clear();
        message.encode_raw(encoded);
        *encoded = protobuf::completed::<M>(std::mem::take(encoded));
        if self.is_json {
            json.message(M::TABLE, encoded, 0);
        } else {
            cursor::put_bytes_field(&mut json.out, field.number, encoded);
        }
    }

    fn composed(&mut self, field: &'static FieldTable, fill: impl FnOnce(&mut Composer<'_>)) {
        if self.is_json {
            return self.inner(field, false).fill(fill);
        }
        cursor::put_bytes_key(self.tools.out(), field.number);
        let open = cursor::open_short_length(self.tools.out());
        self.inner(field, false).fill(fill);
        cursor::close_short_length(self.tools.out(), &open);
    }

    fn inner(&mut self, field: &'static FieldTable, is_section: bool) -> Composer<'_> {
        Composer {
            is_json: self.is_json,
            is_section,
            table: message_table(field),
            next: 0,
            is_first: true,
            sink: &mut *self.sink,
            tools: &mut *self.tools,
        }
    }

    fn fill(&mut self, fill: impl FnOnce(&mut Composer<'_>)) {
        if !self.is_json {
            return fill(self);
        }
        self.tools.out().push(b'{');
        fill(self);
        self.pass(self.table.fields.len());
        self.tools.out().push(b'}');
    }

    /// Passes to a field and writes what stands before its value.
    fn begin(&mut self, field: &'static Field) -> &'static FieldTable {
        debug_assert!(
            std::ptr::eq(field.of, self.table),
            "{} is no field of {}, but of {}",
            field.table.name,
            self.table.name,
            field.of.name
        );
        assert!(self.next <= field.position, "{} has been passed", field.table.name);
        if self.is_json {
            self.pass(field.position);
            self.tools.json.name(field.table, &mut self.is_first);
        }
        self.is_first = false;
        self.next = field.position + 1;
        field.table
    }

    /// Writes what JSON shows of fields that are not there.
    fn pass(&mut self, position: usize) {
        let shown = self.table.shown_missing;
        // Nearly always there are none.
        if shown == 0 {
            self.next = position;
            return;
        }
        let passed = self.next..position;
        for at in positions(shown).filter(|at| passed.contains(at)) {
            self.tools.json.missing(&self.table.fields[at], &mut self.is_first);
        }
        self.next = position;
    }

    /// How many bytes have been written.
    fn position(&mut self) -> usize {
        self.sink.position() + self.tools.out().len()
    }

    /// Lets the sink go on in another buffer.
    fn turn(&mut self) {
        if self.tools.out().len() >= TURN_BYTES {
            std::mem::swap(self.tools.out(), self.sink.end());
            self.sink.turn();
            std::mem::swap(self.tools.out(), self.sink.end());
        }
    }
}

fn message_table(field: &'static FieldTable) -> &'static MessageTable {
    let Kind::Message(table) = field.kind else { unreachable!("{} is no message", field.name) };
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field;
    use crate::master::Response;
    use crate::master::response::get_agents::Agent;
    use crate::master::response::{self, GetTasks};
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
        let get_tasks = GetTasks {
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
            answer.number_of(field!(Response, "type"), response::Type::GetState.into());
            answer.section(field!(Response, "get_state"), |state| {
                state.section(field!(response::GetState, "get_tasks"), |tasks| {
                    tasks.messages::<v1::Task>(field!(GetTasks, "tasks"), [task("a"), task("b")]);
                    tasks.messages::<v1::Task>(
                        field!(GetTasks, "unreachable_tasks"),
                        [] as [v1::Task; 0],
                    );
                    tasks.messages::<v1::Task>(field!(GetTasks, "completed_tasks"), [&task("c")]);
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
        let agent = Agent {
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
                agents.each(field!(response::GetAgents, "agents"), &whole.agents, |it, agent| {
                    it.nested(field!(Agent, "agent_info"), |it| {
                        it.text(field!(v1::AgentInfo, "hostname"), &agent.agent_info.hostname);
                        it.each(
                            field!(v1::AgentInfo, "resources"),
                            &agent.agent_info.resources,
                            |it, resource| {
                                it.text(field!(v1::Resource, "name"), &resource.name);
                                it.number_of(field!(v1::Resource, "type"), resource.r#type);
                                it.nested(field!(v1::Resource, "scalar"), |it| {
                                    it.real(field!(v1::value::Scalar, "value"), 1.5);
                                });
                            },
                        );
                    });
                    it.boolean(field!(Agent, "active"), true);
                    it.text(field!(Agent, "version"), "1");
                    it.messages::<v1::Resource>(
                        field!(Agent, "total_resources"),
                        &agent.total_resources,
                    );
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
