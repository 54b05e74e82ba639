//! Backups of the registry: lines of JSON, a header first, then a record per line, and at last a line
//! that shows that nothing is missing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ::master::RecoveryError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::json::JsonError;

use super::registry::{self, Kind, Record, SCHEMA_VERSION};

const FORMAT: &str = "ebb-registry";
/// Version of the lines' form; that of the records is the schema's.
const VERSION: u32 = 1;

/// What the first line says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    schema_version: u32,
    cluster_id: Option<String>,
    records: usize,
}

/// One record; written by hand so that the record's fields keep their order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    key: String,
    value: Value,
}

/// What the last line says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    end: String,
    records: usize,
    /// Of all bytes before this line, eight hexadecimal digits.
    crc32: String,
}

/// Why a backup can't be read. Nothing of it is used then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(
        "it is empty; a backup begins with {{\"format\":\"{FORMAT}\",\"version\":{VERSION},…}}"
    )]
    Empty,
    #[error(
        "line 1 is no header of a backup ({cause}); it would be {{\"format\":\"{FORMAT}\",\"version\":{VERSION},…}}"
    )]
    Header { cause: String },
    #[error("its format is {found}, and should be \"{FORMAT}\"")]
    Format { found: Value },
    #[error(
        "its version is {found}, and this Ebb reads version {VERSION}; import it with the Ebb that wrote it, or a later one"
    )]
    Version { found: Value },
    #[error(
        "it was written by a newer Ebb: its schema is {found}, this one knows {SCHEMA_VERSION}; import it with the Ebb that wrote it, or a later one"
    )]
    Schema { found: u32 },
    #[error(
        "it is cut off: {found} of {expected} records are there, and the line that ends a backup is not; take the whole file"
    )]
    CutOff { found: usize, expected: usize },
    #[error("line {line}: {cause}")]
    Line { line: usize, cause: String },
    #[error("line {line} has the key '{key}' again, which line {first} has; each key stands once")]
    Duplicate { line: usize, first: usize, key: String },
    #[error("line {line} ends the backup, but more lines follow; it should be the last")]
    Trailing { line: usize },
    #[error(
        "it has {found} records, but its header says {header} and its end {end}; all three should be the same"
    )]
    Count { found: usize, header: usize, end: usize },
    #[error(
        "it has been changed since it was written: its checksum is {found}, its end says {expected}; take an unchanged copy"
    )]
    Checksum { found: String, expected: String },
    #[error(
        "its header and its record 'meta' differ in schema or cluster; they should be the same"
    )]
    Meta,
    #[error("a master could not start with it: {0}")]
    Recovery(#[from] RecoveryError),
}

/// The backup of these records, complete with header and end.
///
/// # Errors
/// The records are such that the backup could not be read again.
pub fn write(records: &[Record]) -> Result<String, BackupError> {
    let meta = records.iter().find_map(|record| match record {
        Record::Meta(meta) => Some(meta),
        Record::Agent(_) | Record::Framework(_) | Record::Role(_) | Record::Maintenance(_) => None,
    });
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        schema_version: meta.map_or(SCHEMA_VERSION, wire::registry::Meta::schema_version),
        cluster_id: meta.and_then(|meta| meta.cluster_id.clone()),
        records: records.len(),
    };
    let mut text = json(&header);
    text.push('\n');
    for record in records {
        let (key, value) = (json(&record.key()), record.to_json());
        writeln!(text, r#"{{"key":{key},"value":{value}}}"#).expect("a string takes all");
    }
    let end =
        Last { end: FORMAT.to_owned(), records: records.len(), crc32: checksum(text.as_bytes()) };
    text.push_str(&json(&end));
    text.push('\n');
    // A backup that can't be restored is worse than none: it would be found out too late.
    parse(text.as_bytes())?;
    Ok(text)
}

/// The records of a backup with which a master can start.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub fn read(text: &[u8]) -> Result<Vec<Record>, BackupError> {
    let records = parse(text)?;
    registry::check(&records)?;
    Ok(records)
}

fn parse(text: &[u8]) -> Result<Vec<Record>, BackupError> {
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').zip(1..);
    let (first, _) = lines.next().ok_or(BackupError::Empty)?;
    let header = header(first)?;
    let mut records = Vec::new();
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    let mut read = first.len();
    let cut_off = |found| BackupError::CutOff { found, expected: header.records };
    while let Some((bytes, line)) = lines.next() {
        let wrong = |cause: String| BackupError::Line { line, cause };
        let value: Value = match serde_json::from_slice(bytes) {
            Ok(value) => value,
            // Only what was cut off lacks its line end.
            Err(_) if !bytes.ends_with(b"\n") => return Err(cut_off(records.len())),
            Err(error) => return Err(wrong(format!("this is no JSON ({error})"))),
        };
        if value.get("end").is_some() {
            let end: Last = serde_json::from_value(value).map_err(|error| {
                let right = r#"{"end":"ebb-registry","records":…,"crc32":…}"#;
                wrong(format!("this is no end of a backup ({error}); it would be {right}"))
            })?;
            if end.end != FORMAT {
                return Err(wrong(format!(
                    "this ends a '{}', and should end a '{FORMAT}'",
                    end.end
                )));
            }
            if lines.next().is_some() {
                return Err(BackupError::Trailing { line });
            }
            return complete(&header, &end, records, checksum(&text[..read]));
        }
        let record: Line = serde_json::from_value(value).map_err(|error| {
            wrong(format!(r#"this is no record ({error}); it would be {{"key":…,"value":…}}"#))
        })?;
        if let Some(first) = keys.insert(record.key.clone(), line) {
            return Err(BackupError::Duplicate { line, first, key: record.key });
        }
        records.push(decode(&record).map_err(wrong)?);
        read += bytes.len();
    }
    Err(cut_off(records.len()))
}

fn header(bytes: &[u8]) -> Result<Header, BackupError> {
    let wrong = |cause: serde_json::Error| BackupError::Header { cause: cause.to_string() };
    let value: Value = serde_json::from_slice(bytes).map_err(wrong)?;
    // One by one: the other fields are those of this format and version only.
    match value.get("format") {
        Some(format) if format != FORMAT => {
            return Err(BackupError::Format { found: format.clone() });
        }
        Some(_) | None => {}
    }
    match value.get("version") {
        Some(version) if *version != VERSION => {
            return Err(BackupError::Version { found: version.clone() });
        }
        Some(_) | None => {}
    }
    let header: Header = serde_json::from_value(value).map_err(wrong)?;
    if header.schema_version > SCHEMA_VERSION {
        return Err(BackupError::Schema { found: header.schema_version });
    }
    Ok(header)
}

fn complete(
    header: &Header,
    end: &Last,
    records: Vec<Record>,
    checksum: String,
) -> Result<Vec<Record>, BackupError> {
    if records.len() != header.records || records.len() != end.records {
        let (header, end) = (header.records, end.records);
        return Err(BackupError::Count { found: records.len(), header, end });
    }
    if checksum != end.crc32 {
        return Err(BackupError::Checksum { found: checksum, expected: end.crc32.clone() });
    }
    let is_same = |record: &Record| match record {
        Record::Meta(meta) => {
            meta.schema_version() == header.schema_version && meta.cluster_id == header.cluster_id
        }
        Record::Agent(_) | Record::Framework(_) | Record::Role(_) | Record::Maintenance(_) => true,
    };
    if records.iter().all(is_same) { Ok(records) } else { Err(BackupError::Meta) }
}

fn decode(line: &Line) -> Result<Record, String> {
    let json = line.value.to_string();
    let json = json.as_bytes();
    let record = match Kind::of(&line.key) {
        Some(Kind::Meta) => wire::json::from_slice(json).map(Record::Meta),
        Some(Kind::Agent) => wire::json::from_slice(json).map(Box::new).map(Record::Agent),
        Some(Kind::Framework) => wire::json::from_slice(json).map(Box::new).map(Record::Framework),
        Some(Kind::Role) => wire::json::from_slice(json).map(Box::new).map(Record::Role),
        Some(Kind::Maintenance) => {
            wire::json::from_slice(json).map(Box::new).map(Record::Maintenance)
        }
        None => {
            return Err(format!(
                "'{}' is no key of the registry; those are meta, maintenance, agents/…, frameworks/… and roles/…",
                line.key
            ));
        }
    };
    let wrong = |error: JsonError| format!("the record of '{}' is malformed: {error}", line.key);
    let record = record.map_err(wrong)?;
    if record.key() != line.key {
        return Err(format!("the record of '{}' belongs to '{}'", line.key, record.key()));
    }
    // Mesos' mapping passes over what it does not know; a backup must not lose anything.
    let kept = serde_json::from_str(&record.to_json()).unwrap_or(Value::Null);
    if let Some(path) = lost(&line.value, &kept) {
        return Err(format!("the record of '{}' has an unknown field or value: {path}", line.key));
    }
    Ok(record)
}

/// What of `given` is not in `kept`: the path of the first such thing. Defaults may have come on top.
fn lost(given: &Value, kept: &Value) -> Option<String> {
    let below = |name: String, rest: String| {
        let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
        format!("{name}{dot}{rest}")
    };
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(name, value)| {
            let rest = lost(value, kept.get(name).unwrap_or(&Value::Null))?;
            Some(below(name.clone(), rest))
        }),
        (Value::Array(given), Value::Array(kept)) if given.len() == kept.len() => {
            given.iter().zip(kept).enumerate().find_map(|(index, (given, kept))| {
                Some(below(format!("[{index}]"), lost(given, kept)?))
            })
        }
        (Value::Number(given), Value::Number(kept)) if given.as_f64() == kept.as_f64() => None,
        _ => (given != kept).then(String::new),
    }
}

fn checksum(bytes: &[u8]) -> String {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    format!("{:08x}", crc.sum())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers can be written")
}

#[cfg(test)]
mod tests {
    use wire::registry::{Admission, AgentRecord, Drain, FrameworkRecord, Meta};
    use wire::v1::{AgentId, AgentInfo, DrainConfig, DrainState, FrameworkId, FrameworkInfo};

    use super::*;

    /// The last there can be, and no double.
    const GENERATION: u64 = u64::MAX - (1 << 32);

    fn records() -> Vec<Record> {
        let agent = |id: &str| {
            let agent_id = Some(AgentId { value: id.to_owned() });
            let hostname = "a \"host\"\nof two lines, ü".to_owned();
            Record::Agent(Box::new(AgentRecord {
                agent_id: agent_id.clone(),
                info: Some(AgentInfo { hostname, id: agent_id, ..AgentInfo::default() }),
                admission: Some(Admission::Admitted.into()),
                drain: Some(Drain {
                    generation: Some(GENERATION),
                    state: Some(DrainState::Drained.into()),
                    config: Some(DrainConfig::default()),
                    ..Drain::default()
                }),
                last_generation: Some(GENERATION),
                ..AgentRecord::default()
            }))
        };
        let framework = Record::Framework(Box::new(FrameworkRecord {
            info: Some(FrameworkInfo {
                id: Some(FrameworkId { value: "F".to_owned() }),
                failover_timeout: Some(0.1 + 0.2),
                ..FrameworkInfo::default()
            }),
            ..FrameworkRecord::default()
        }));
        let meta = Meta { schema_version: Some(1), cluster_id: Some("c".to_owned()) };
        vec![agent("S0"), agent("S1"), framework, Record::Meta(meta)]
    }

    /// The same records as JSON: reading makes defaults explicit that were only implied.
    fn shown(records: &[Record]) -> Vec<(String, String)> {
        records.iter().map(|record| (record.key(), record.to_json())).collect()
    }

    /// `text` with one thing changed and the end made right again.
    fn changed(text: &str, from: &str, to: &str) -> String {
        assert!(text.contains(from), "{from} in {text}");
        let text = text.replacen(from, to, 1);
        let body = &text[..text.find("{\"end\"").unwrap()];
        let records = body.lines().count() - 1;
        let crc32 = checksum(body.as_bytes());
        format!("{body}{}\n", json(&Last { end: FORMAT.to_owned(), records, crc32 }))
    }

    /// What was written is read again with nothing lost, down to the last bit of a number.
    #[test]
    fn a_backup_is_read_as_it_was_written() {
        let text = write(&records()).unwrap();
        assert_eq!(text.lines().count(), records().len() + 2);
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(shown(&read), shown(&records()));
        assert_eq!(write(&read).unwrap(), text);
        let empty = write(&[]).unwrap();
        assert_eq!(super::read(empty.as_bytes()).unwrap(), []);
    }

    /// A backup cut off anywhere, but for its last line end, is refused.
    #[test]
    fn a_backup_cut_off_anywhere_is_refused() {
        let text = write(&records()).unwrap();
        for end in 0..text.len() - 1 {
            let error = read(&text.as_bytes()[..end]).unwrap_err();
            let is_early = end <= text.find('\n').unwrap();
            let expected = if is_early {
                matches!(error, BackupError::Empty | BackupError::Header { .. })
                    || end == text.find('\n').unwrap()
            } else {
                matches!(error, BackupError::CutOff { expected: 4, .. })
            };
            assert!(expected, "cut at {end}: {error}");
        }
        assert!(read(text.trim_end().as_bytes()).is_ok());
    }

    /// A backup with any bit of it changed is refused, or says the same.
    #[test]
    fn a_backup_with_a_flipped_bit_is_refused() {
        let bytes = write(&records()).unwrap().into_bytes();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            if let Ok(read) = read(&bytes) {
                panic!("the bit of byte {at} was not noticed: {read:?}");
            }
        }
    }

    /// Each thing that can be wrong is said with its line and what would be right.
    #[test]
    fn what_is_wrong_is_said() {
        let text = write(&records()).unwrap();
        let again = format!("{}\n", text.lines().nth(1).unwrap());
        for (from, to, expected) in [
            (
                "ebb-registry",
                "ebb-checkpoint",
                "\"ebb-checkpoint\", and should be \"ebb-registry\"",
            ),
            ("\"version\":1", "\"version\":2", "its version is 2, and this Ebb reads version 1"),
            ("\"schema_version\":1", "\"schema_version\":2", "its schema is 2, this one knows 1"),
            ("\"format\":\"ebb-registry\",", "", "missing field `format`"),
            ("\"version\":1,\"schema", "\"schema", "missing field `version`"),
            ("\"records\":4", "\"records\":5", "4 records, but its header says 5 and its end 4"),
            ("\"cluster_id\":\"c\"", "\"cluster_id\":\"d\"", "and its record 'meta' differ"),
            (&again, "nothing\n", "line 2: this is no JSON"),
            (&again, "{\"key\":\"meta\"}\n", "line 2: this is no record (missing field `value`)"),
            (
                "{\"key\":\"agents/S1\"",
                &format!("{again}{{\"key\":\"agents/S1\""),
                "line 3 has the key 'agents/S0' again, which line 2 has",
            ),
            ("\"agents/S0\"", "\"agents/S9\"", "the record of 'agents/S9' belongs to 'agents/S0'"),
            ("\"agents/S0\"", "\"folders/S0\"", "'folders/S0' is no key of the registry"),
            ("\"ADMITTED\"", "\"LET_IN\"", "an unknown field or value: admission"),
            ("\"ADMITTED\"", "\"UNKNOWN\"", "an unknown field or value: admission"),
            ("\"ADMITTED\"", "\"GONE\"", "agent S0 contradicts itself: it is gone, and still"),
            ("\"ADMITTED\"", "\"ADMISSION_UNKNOWN\"", "about the admission of agent S0"),
            ("\"admission\"", "\"permission\"", "an unknown field or value: permission"),
            ("\"generation\":18", "\"generation\":-18", "the record of 'agents/S0' is malformed"),
            ("\"generation\":", "\"generations\":", "an unknown field or value: drain.generations"),
        ] {
            let error = read(changed(&text, from, to).as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{from} → {to}: {error}");
        }
        let trailing = format!("{text}{again}");
        let error = read(trailing.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("line 6 ends the backup, but more lines follow"), "{error}");
        let error = read(text.replace("two lines", "2 lines").as_bytes()).unwrap_err();
        assert!(matches!(error, BackupError::Checksum { .. }), "{error}");
    }
}
