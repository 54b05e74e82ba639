//! Backups of a registry.

use daemon::master::backup;

/// A backup as it stands if the first byte is zero; else lines of records to which a right header and a
/// right end are put, for what comes after the checksum.
pub fn backup(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let sealed;
    let text = if *kind == 0 {
        rest
    } else {
        sealed = seal(rest);
        &sealed
    };
    let records = match backup::read(text) {
        Ok(records) => records,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let again = backup::write(&records).expect("what was read can be backed up");
    let read = backup::read(again.as_bytes()).expect("what was backed up can be read");
    let shown = |records: &[daemon::master::registry::Record]| -> Vec<_> {
        records.iter().map(|record| (record.key(), record.to_json())).collect()
    };
    assert_eq!(shown(&read), shown(&records));
}

fn seal(lines: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> =
        lines.split(|byte| *byte == b'\n').filter(|it| !it.is_empty()).collect();
    let count = lines.len();
    let mut text = format!(
        "{{\"format\":\"ebb-registry\",\"version\":1,\"schema_version\":1,\"cluster_id\":null,\"records\":{count}}}\n"
    )
    .into_bytes();
    for line in lines {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let mut crc = flate2::Crc::new();
    crc.update(&text);
    let sum = crc.sum();
    let end = format!("{{\"end\":\"ebb-registry\",\"records\":{count},\"crc32\":\"{sum:08x}\"}}\n");
    text.extend_from_slice(end.as_bytes());
    text
}
