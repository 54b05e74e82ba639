//! One recorded request with its answer, and how another answer to the same request compares.

use serde_json::Value;

use crate::http::{Answer, Request};
use crate::shape::{self, Difference, Shape};

/// A request and its answer, as they were recorded.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) name: String,
    request: Value,
    response: Value,
}

impl Exchange {
    pub(super) fn read(record: &Value) -> Self {
        Self {
            name: record["name"].as_str().unwrap().to_owned(),
            request: record["request"].clone(),
            response: record["response"].clone(),
        }
    }

    fn header<'a>(message: &'a Value, name: &str) -> Option<&'a str> {
        let headers = message["headers"].as_array()?;
        let found = headers
            .iter()
            .find(|it| it[0].as_str().is_some_and(|it| it.eq_ignore_ascii_case(name)))?;
        found[1].as_str()
    }

    /// Whether it was sent to an agent.
    pub(super) fn is_for_agent(&self) -> bool {
        let host = Self::header(&self.request, "Host");
        host.is_some_and(|host| host.ends_with(":5051")) || self.name.contains("agent-G")
    }

    fn line(&self) -> (&str, &str) {
        let line = self.request["line"].as_str().unwrap();
        let mut words = line.split(' ');
        (words.next().unwrap(), words.next().unwrap())
    }

    /// What is asked, in a word: the type of a call, or the path.
    pub(super) fn about(&self) -> String {
        let who = if self.is_for_agent() { "agent" } else { "master" };
        let (method, path) = self.line();
        let path = path.split('?').next().unwrap();
        let is_call = path.contains("/api/v1") && method == "POST";
        let kind = self.request["body_json"]["type"].as_str().filter(|_| is_call);
        let path = path.strip_prefix("/master").or(path.strip_prefix("/slave(1)")).unwrap_or(path);
        format!("{who} {}", kind.unwrap_or(path))
    }

    /// The agent that a `DRAIN_AGENT` is about.
    pub(super) fn drained_agent(&self) -> Option<&str> {
        self.request["body_json"]["drain_agent"]["agent_id"]["value"].as_str()
    }

    /// The body that was sent.
    fn body(&self) -> Vec<u8> {
        if let Some(text) = self.request["body_text"].as_str() {
            return text.as_bytes().to_vec();
        }
        match self.request.get("body_json") {
            Some(body) => body.to_string().into_bytes(),
            None => Vec::new(),
        }
    }

    /// The request, with ids replaced by `rename`.
    pub(super) fn request(&self, rename: impl Fn(&str) -> String) -> Request {
        let (method, path) = self.line();
        let mut request = Request::new(method, &rename(path));
        for pair in self.request["headers"].as_array().into_iter().flatten() {
            let (name, value) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
            if !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("content-length") {
                request = request.header(name, value);
            }
        }
        request.body = rename(&String::from_utf8(self.body()).unwrap()).into_bytes();
        if self.request["line"].as_str().unwrap().ends_with("HTTP/1.0") {
            request.version = "HTTP/1.0";
        }
        request.host =
            request.version == "HTTP/1.0" || Self::header(&self.request, "Host").is_some();
        request
    }

    fn status(&self) -> u16 {
        let line = self.response["status_line"].as_str().unwrap();
        line.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// How an answer differs from the recorded one; one line each, with a sign: `-` is missing, `+` is
    /// added, `~` is different.
    pub(super) fn compare(&self, answer: &Answer, rename: impl Fn(&str) -> String) -> Vec<String> {
        let expected = self.status();
        if answer.status != expected {
            return vec![format!("~status {expected}, {}", answer.status)];
        }
        let mut lines = Vec::new();
        for name in ["content-type", "content-encoding", "allow"] {
            let expected = Self::header(&self.response, name);
            // An answer without a body has no type that matters.
            let found =
                answer.header(name).filter(|_| name != "content-type" || !answer.body.is_empty());
            if expected.filter(|_| !self.is_empty()) != found {
                lines.push(format!("~{name} {expected:?}, {found:?}"));
            }
        }
        if self.line().0 == "HEAD" {
            return lines;
        }
        if let Some(text) = self.response["body_text"].as_str() {
            let is_page = text.starts_with("<html") || text.starts_with("<!DOCTYPE");
            let expected = rename(text);
            if !is_page && !text.starts_with("cb(") && expected != answer.text() {
                lines.push(format!("~text {expected:?}, {:?}", answer.text()));
            }
        }
        if let Some(body) = self.response.get("body_json") {
            match serde_json::from_slice::<Value>(&answer.body) {
                Ok(found) => lines.extend(differences(body, &found)),
                Err(_) => lines.push("~body is no JSON".to_owned()),
            }
        }
        lines
    }

    fn is_empty(&self) -> bool {
        ["body_text", "body_json", "body_base64"]
            .iter()
            .all(|name| self.response.get(name).is_none())
    }
}

/// Objects whose members are names of things, not fields.
const OF_NAMES: &[&str] = &["flags", "attributes"];

/// How one JSON value differs from another in fields and types, a line each.
pub(super) fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let (expected, found) = (shape::of(expected), shape::of(found));
    let mut lines = Vec::new();
    for difference in shape::compare(&expected, &found) {
        let path = difference.path();
        if is_inside(path, OF_NAMES) || is_unseen(path, &expected) || is_unseen(path, &found) {
            continue;
        }
        lines.push(match difference {
            Difference::Missing(path) => format!("-{path}"),
            Difference::Added(path) => format!("+{path}"),
            Difference::Type(path, types) => format!("~{path} {types}"),
        });
    }
    lines
}

fn is_inside(path: &str, names: &[&str]) -> bool {
    let mut parts: Vec<&str> = path.split('.').collect();
    parts.pop();
    // Names of metrics hold slashes.
    path.contains('/') || parts.iter().any(|part| names.contains(part))
}

/// Whether the path is inside of a list that has no items.
fn is_unseen(path: &str, shape: &Shape) -> bool {
    path.match_indices("[]").any(|(at, _)| {
        let (list, item) = (&path[..at], &path[..at + 2]);
        shape.contains_key(list) && !shape.contains_key(item)
    })
}
