//! Recorded requests to Apache Mesos, sent again to a cluster in the same situation: the same statuses, the
//! same fields, the same types.
//!
//! Runs where `EBB_CAPTURES` names the folder of the records. What differs has to be in `differences.toml`,
//! with the reason.

mod differences;
mod drains;
mod exchange;
mod situations;

use std::path::PathBuf;

use self::differences::Known;
use self::exchange::Exchange;

/// The folder of the records, if there is one.
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("EBB_CAPTURES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: needs EBB_CAPTURES, the folder of recorded requests and answers");
    }
    folder
}

fn read(file: &str) -> Vec<Exchange> {
    let path = folder().unwrap_or_default().join(file);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let records: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
    records.iter().map(Exchange::read).collect()
}

/// Every line of `differences.toml` can be read, and says why.
#[test]
fn every_known_difference_has_a_reason() {
    let known = Known::read();
    assert!(known.groups().all(|group| group.why.len() > 20 && group.why.ends_with('.')));
}
