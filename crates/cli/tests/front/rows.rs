//! The table of what the command line client sends, and that each of its rows has a test which sends it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::client::Sent;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

/// Requests that belong together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    name: String,
    need: String,
    by: String,
    /// What each is answered with; any 2xx if it does not say.
    status: Option<u16>,
    sends: Vec<String>,
}

/// One request of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// The type and form of a call, or the body of anything else.
    pub(crate) rest: &'a str,
}

impl Row {
    /// The row of this name, which must be there.
    pub(crate) fn named(name: &str) -> Self {
        let found = all().into_iter().find(|row| row.name == name);
        found.unwrap_or_else(|| panic!("there is no row {name:?}"))
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = Request<'_>> {
        self.sends.iter().map(|line| {
            let mut parts = line.splitn(3, ' ');
            let mut next = || parts.next().unwrap_or_default();
            Request { method: next(), path: next(), rest: next() }
        })
    }

    /// Panics unless every request of the row is among those sent, and was answered as it should be.
    pub(crate) fn is_among(&self, sent: &[Sent]) {
        for request in self.requests() {
            let is_right = |it: &&Sent| match self.status {
                Some(status) => it.status == status,
                None => (200..300).contains(&it.status),
            };
            let mut tries = sent.iter().filter(|it| request.is(it)).peekable();
            assert!(tries.peek().is_some(), "{}: {request:?} was not sent: {sent:#?}", self.name);
            let refused: Vec<_> = tries.clone().map(|it| it.status).collect();
            assert!(tries.any(|it| is_right(&it)), "{}: {request:?}: {refused:?}", self.name);
        }
    }
}

impl Request<'_> {
    fn is(&self, sent: &Sent) -> bool {
        let (path, query) = self.path.split_once('?').unwrap_or((self.path, ""));
        let (sent_path, sent_query) = sent.path.split_once('?').unwrap_or((&sent.path, ""));
        self.method == sent.method
            && fits(path, sent_path)
            && (query.is_empty() || query == sent_query)
            && (self.rest.is_empty() || self.rest == sent.what)
    }
}

/// Part by part; a name in braces stands for any part.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let same = pattern.split('/').all(|wanted| match parts.next() {
        Some(part) => wanted == part || (wanted.starts_with('{') && !part.is_empty()),
        None => false,
    });
    same && parts.next().is_none()
}

fn all() -> Vec<Row> {
    let table: Table = toml::from_str(include_str!("rows.toml")).unwrap();
    table.row
}

/// A test as it is written down.
#[derive(Debug, Default)]
struct Written {
    name: String,
    /// Rows that its documentation names.
    told: Vec<String>,
    /// Rows that it checks at its end.
    checked: Vec<String>,
}

/// The tests in a file of Rust.
fn tests_of(text: &str) -> Vec<Written> {
    let mut found = Vec::new();
    let mut told = Vec::new();
    let mut is_test = false;
    let mut current: Option<Written> = None;
    for line in text.lines() {
        if let Some(test) = &mut current {
            if line == "}" {
                found.extend(current.take());
            } else if let Some((_, rest)) = line.split_once(".replayed(\"") {
                test.checked.extend(rest.split_once('"').map(|(row, _)| row.to_owned()));
            }
        } else if let Some(row) = line.strip_prefix("/// Row: ") {
            told.push(row.trim_end_matches('.').to_owned());
        } else if line.starts_with("#[tokio::test") || line == "#[test]" {
            is_test = true;
        } else if let Some((_, name)) = line.split_once("fn ").filter(|_| !line.starts_with(' ')) {
            let name = name.split('(').next().unwrap_or_default().to_owned();
            let test = Written { name, told: std::mem::take(&mut told), checked: Vec::new() };
            current = is_test.then_some(test);
            is_test = false;
        }
    }
    found
}

/// Each row is told of by one test, which checks at its end that it was sent and answered; no test has two, and none
/// has one that is not in the table.
#[test]
fn every_row_has_one_test_that_sends_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front");
    let mut tests = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "rs") {
            tests.extend(tests_of(&std::fs::read_to_string(path).unwrap()));
        }
    }
    let mut of_rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for test in &tests {
        assert_eq!(test.told, test.checked, "{}: what it tells and what it checks", test.name);
        assert!(test.told.len() < 2, "{} is about {:?}", test.name, test.told);
        for row in &test.told {
            of_rows.entry(row.clone()).or_default().push(test.name.clone());
        }
    }
    for row in all() {
        let tests = of_rows.remove(&row.name).unwrap_or_default();
        assert_eq!(tests.len(), 1, "{:?} is replayed by {tests:?}", row.name);
    }
    assert!(of_rows.is_empty(), "there are no such rows: {of_rows:?}");
}

/// The table itself makes sense: names are unique, needs are known, and every request is one.
#[test]
fn the_table_is_in_order() {
    let rows = all();
    let mut names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len());
    for row in &rows {
        assert!(["must", "soft", "nice", "no"].contains(&row.need.as_str()), "{row:?}");
        assert_eq!(row.need == "no", row.status == Some(404), "{row:?}");
        assert!(!row.by.is_empty() && !row.sends.is_empty(), "{row:?}");
        for request in row.requests() {
            assert!(["GET", "HEAD", "PUT", "POST", "DELETE"].contains(&request.method), "{row:?}");
            assert!(request.path.starts_with('/'), "{row:?}");
        }
    }
}

/// A request is another one by method, by any part of its path, by a query that the table names, and by its call.
#[test]
fn requests_are_told_apart() {
    let sent = |method: &str, path: &str, what: &str| Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        what: what.to_owned(),
        status: 200,
    };
    let request = Request { method: "GET", path: "/a/{x}/c", rest: "" };
    assert!(request.is(&sent("GET", "/a/b/c?q=1", "")));
    for path in ["/a/b", "/a/b/c/d", "/a//c", "/b/b/c", "/a/b/d"] {
        assert!(!request.is(&sent("GET", path, "")), "{path}");
    }
    assert!(!request.is(&sent("PUT", "/a/b/c", "")));
    let request = Request { method: "POST", path: "/a?q=1", rest: "X json" };
    assert!(request.is(&sent("POST", "/a?q=1", "X json")));
    assert!(!request.is(&sent("POST", "/a?q=2", "X json")));
    assert!(!request.is(&sent("POST", "/a?q=1", "X protobuf")));

    let text = "/// It does.\n///\n/// Row: one.\n#[tokio::test]\nasync fn it_does() {\n    dcos.replayed(\"one\");\n}\n\n\
                fn helper() {\n    dcos.replayed(\"two\");\n}\n";
    let tests = tests_of(text);
    assert_eq!(tests.len(), 1, "{tests:?}");
    assert_eq!(
        (&tests[0].told[..], &tests[0].checked[..]),
        (&["one".to_owned()][..], &["one".to_owned()][..])
    );
}
