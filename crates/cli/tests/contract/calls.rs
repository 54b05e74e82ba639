//! Each call of the tables: what a right one is answered, and how wrong ones are refused.

use wire::media::MediaType;
use wire::table::{Kind, Label};

use crate::answers::{Situation, assert_refused};
use crate::api::{self, Api};
use crate::http::Records;
use crate::shape;
use crate::surface::{self, Call, Refused};
use crate::target::Target;

/// Order in which the APIs are gone through: the played executor first, so that its task runs.
const ORDER: [Api; 4] = [Api::Executor, Api::Agent, Api::Scheduler, Api::Master];

/// Streams that stay open to the end: closing one would change the situation.
type Open = Vec<Records>;

fn answers_right(
    situation: &Situation,
    api: Api,
    media: MediaType,
    call: &Call,
    open: &mut Open,
) -> Result<(), String> {
    let name = format!("{} {} as {}", api.name(), call.r#type, media.name());
    let json = situation.call(api, &call.r#type, &call.parts);
    if !call.stream.is_empty() {
        let (head, mut records) = situation.open(api, media, &json);
        if head.status != 200 {
            let said = records.rest();
            return Err(format!("{name}: {}: {}", head.status, String::from_utf8_lossy(&said)));
        }
        if head.content_type() != Some(media.name()) {
            return Err(format!("{name}: a stream of {:?}", head.content_type()));
        }
        for kind in &call.stream {
            let record = records.next().ok_or(format!("{name}: the stream ended before {kind}"))?;
            let event = api.event(media, &record);
            if event["type"] != **kind {
                return Err(format!("{name}: not {kind} but {event}"));
            }
        }
        open.push(records);
        return Ok(());
    }
    let answer = situation.send(api, media, &json);
    let said = answer.text();
    if answer.status != call.status {
        return Err(format!("{name}: {} instead of {}: {said}", answer.status, call.status));
    }
    if let Some(text) = &call.text
        && !said.contains(text)
    {
        return Err(format!("{name}: does not say {text:?}: {said}"));
    }
    if call.reads {
        if answer.content_type() != Some(media.name()) {
            return Err(format!("{name}: answered as {:?}", answer.content_type()));
        }
        let message = api.decode(media, &answer.body);
        if message["type"] != *call.r#type {
            return Err(format!("{name}: {message}"));
        }
    } else if call.status < 300 && !answer.body.is_empty() {
        return Err(format!("{name}: has a body: {said}"));
    }
    let sayable = |refused: &&Refused| media == MediaType::Json || !refused.only_json;
    for refused in call.refused.iter().filter(sayable) {
        let json = situation.call(api, &call.r#type, &refused.parts);
        let answer = situation.send(api, media, &json);
        assert_refused(&format!("{name} {json}"), &answer, refused.status, &refused.text);
    }
    Ok(())
}

/// All of the tables in one format, one after another in one cluster.
fn all_answer_right(target: &Target, media: MediaType) {
    let situation = Situation::bring_about(target);
    let mut open = Open::new();
    let mut wrong = Vec::new();
    for last in [false, true] {
        for api in ORDER {
            let calls = surface::calls(api);
            for call in calls.iter().filter(|call| call.last == last && !call.streamed) {
                if last && target.is_foreign() {
                    println!("not in somebody else's cluster: {}", call.r#type);
                } else if let Err(text) = answers_right(&situation, api, media, call, &mut open) {
                    wrong.push(text);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every call that is right is answered as its entry says, in JSON; the wrong ones of the entry are refused.
#[tokio::test]
async fn every_call_is_answered_in_json() {
    let target = Target::start(1).await;
    all_answer_right(&target, MediaType::Json);
    target.end().await;
}

/// Every call that is right is answered as its entry says, in protobuf; the wrong ones of the entry are
/// refused.
#[tokio::test]
async fn every_call_is_answered_in_protobuf() {
    let target = Target::start(1).await;
    all_answer_right(&target, MediaType::Protobuf);
    target.end().await;
}

/// What a read answers in protobuf is what it answers in JSON.
///
/// Where the state moves on between the two, the fields and their types are compared.
#[tokio::test]
async fn reads_say_the_same_in_both_formats() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let mut wrong = Vec::new();
    for api in [Api::Master, Api::Agent] {
        for call in surface::calls(api).iter().filter(|call| call.reads) {
            let json = situation.call(api, &call.r#type, &call.parts);
            let ask = |media| situation.send(api, media, &json);
            let mut attempts = 0;
            loop {
                let [first, protobuf, again] =
                    [MediaType::Json, MediaType::Protobuf, MediaType::Json]
                        .map(|media| api.decode(media, &ask(media).body));
                attempts += 1;
                let moved = first != again;
                if moved && attempts < 5 {
                    continue;
                }
                let differences = shape::compare(&shape::of(&first), &shape::of(&protobuf));
                if !differences.is_empty() || (!moved && first != protobuf) {
                    let name = format!("{} {}", api.name(), call.r#type);
                    wrong.push(format!("{name}: {differences:?}\n{first}\n{protobuf}"));
                }
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    target.end().await;
}

/// A call without the part that its type needs, or with that part empty though it has required fields, is
/// refused with the name of what is missing, in both formats.
#[tokio::test]
async fn calls_with_missing_parts_are_refused_by_name() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for api in api::ALL {
        // What is a stream itself is no call as it stands.
        let is_call = |call: &&Call| !call.streamed || !call.parts.is_empty();
        for call in surface::calls(api).iter().filter(is_call) {
            let Some(part) = api.part(&call.r#type) else { continue };
            let Kind::Message(table) = part.kind else { panic!("{} is no message", part.name) };
            for media in [MediaType::Json, MediaType::Protobuf] {
                let name = format!("{} {} as {}", api.name(), call.r#type, media.name());
                if !call.optional {
                    let json = situation.call(api, &call.r#type, "");
                    let answer = situation.send(api, media, &json);
                    let text = format!(
                        "Failed to validate {}::Call: Expecting '{}' to be present",
                        api.name(),
                        part.name
                    );
                    assert_refused(&name, &answer, 400, &text);
                }
                let mut required = table.fields.iter().filter(|it| it.label == Label::Required);
                let Some(field) = required.next() else { continue };
                // Written by hand: an encoder would add the missing field.
                let request = if media == MediaType::Json {
                    let parts = format!(r#"{{"{}":{{}}}}"#, part.name);
                    let json = situation.call(api, &call.r#type, &parts);
                    situation.request(api, media, &json)
                } else {
                    let json = situation.call(api, &call.r#type, "");
                    let mut request = situation.request(api, media, &json);
                    request.body.extend_from_slice(&empty_message(part.number));
                    request
                };
                let answer = request.send(situation.base(api));
                let text = match media {
                    MediaType::Json => format!("{}.{}", part.name, field.name),
                    MediaType::Protobuf | MediaType::RecordIo => {
                        "Failed to parse body into Call protobuf".to_owned()
                    }
                };
                assert_refused(&name, &answer, 400, &text);
            }
        }
    }
    target.end().await;
}

/// A field with this number that holds a message without any field, as protobuf.
fn empty_message(number: u32) -> Vec<u8> {
    const LENGTH_DELIMITED: u32 = 2;
    let mut bytes = Vec::new();
    let mut key = number << 3 | LENGTH_DELIMITED;
    while key >= 0x80 {
        bytes.push(u8::try_from(key & 0x7f).unwrap() | 0x80);
        key >>= 7;
    }
    bytes.push(u8::try_from(key).unwrap());
    bytes.push(0);
    bytes
}
