//! Which package may use which, read from `cargo metadata`.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use super::Problem;
use crate::steps;

/// Package (`ebb-` left out) and the packages of this workspace it may use. Arrows point one way:
/// wire ← model ← cores ← shells.
const ALLOWED: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("model", &["wire"]),
    ("master", &["model", "wire"]),
    ("agent", &["model", "wire"]),
    ("orchestrator", &["model", "wire"]),
    ("ui", &["agent", "master", "model", "orchestrator", "wire"]),
    ("sim", &["agent", "master", "model", "orchestrator", "wire"]),
    ("daemon", &["agent", "master", "model", "orchestrator", "ui", "wire"]),
    // `ebb bench core` drives the master core without a daemon around it, `ebb sim` all of them.
    ("cli", &["daemon", "master", "model", "sim", "wire"]),
    ("xtask", &[]),
    ("fuzz", &["model", "wire"]),
];

/// Packages that do no IO, and what they must not reach through any chain of dependencies.
const PURE: &[&str] = &["wire", "model", "master", "agent", "orchestrator"];
const IMPURE: &[&str] =
    &["tokio", "hyper", "axum", "rustix", "redb", "getrandom", "reqwest", "mio", "socket2"];

/// What cargo says of this workspace and everything it depends on.
pub(super) fn metadata(root: &Path) -> anyhow::Result<Value> {
    // Only what is built here: packages for other systems need not be on this machine.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = steps::cargo()
        .args(["metadata", "--format-version=1", "--filter-platform", &platform])
        .current_dir(root)
        .output()
        .context("cannot run cargo metadata")?;
    let talk = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "cargo metadata failed: {}", talk.trim());
    serde_json::from_slice(&output.stdout).context("cannot read what cargo metadata says")
}

pub(super) fn check(metadata: &Value) -> anyhow::Result<Vec<Problem>> {
    let graph = Graph::read(metadata).context("cargo metadata has not the form expected")?;
    let mut problems = Vec::new();
    for member in &graph.members {
        graph.check_edges(member, &mut problems);
        if PURE.contains(&member.name) {
            graph.check_reach(member, &mut problems);
        }
    }
    Ok(problems)
}

struct Member<'a> {
    id: &'a str,
    /// The package's name without `ebb-`; the package `ebb` is `cli`.
    name: &'a str,
    /// Path of its manifest from the top of the tree.
    manifest: String,
}

struct Edge<'a> {
    to: &'a str,
    /// For use in the built program, not only in tests or build scripts.
    normal: bool,
}

struct Graph<'a> {
    members: Vec<Member<'a>>,
    names: BTreeMap<&'a str, &'a str>,
    edges: BTreeMap<&'a str, Vec<Edge<'a>>>,
}

impl<'a> Graph<'a> {
    fn read(metadata: &'a Value) -> Option<Self> {
        let root = metadata["workspace_root"].as_str()?;
        let ids: Vec<&str> =
            metadata["workspace_members"].as_array()?.iter().filter_map(Value::as_str).collect();
        let mut names = BTreeMap::new();
        let mut members = Vec::new();
        for package in metadata["packages"].as_array()? {
            let (id, name) = (package["id"].as_str()?, package["name"].as_str()?);
            names.insert(id, name);
            if ids.contains(&id) {
                let manifest = package["manifest_path"].as_str()?;
                let manifest = manifest.strip_prefix(root).unwrap_or(manifest);
                let manifest = manifest.trim_start_matches('/').to_owned();
                members.push(Member { id, name: short(name), manifest });
            }
        }
        let mut edges = BTreeMap::new();
        for node in metadata["resolve"]["nodes"].as_array()? {
            let mut found = Vec::new();
            for dependency in node["deps"].as_array()? {
                let kinds = dependency["dep_kinds"].as_array()?;
                let normal = kinds.iter().any(|kind| kind["kind"].is_null());
                found.push(Edge { to: dependency["pkg"].as_str()?, normal });
            }
            edges.insert(node["id"].as_str()?, found);
        }
        Some(Self { members, names, edges })
    }

    /// Direct dependencies within the workspace, those of tests included.
    fn check_edges(&self, member: &Member<'_>, problems: &mut Vec<Problem>) {
        let allowed = ALLOWED.iter().find(|(name, _)| *name == member.name);
        let Some((_, allowed)) = allowed else {
            problems.push(Problem::new(
                &member.manifest,
                1,
                format!(
                    "{} has no place in the graph: give it one in xtask/src/tidy/graph.rs",
                    member.name
                ),
            ));
            return;
        };
        for edge in self.edges.get(member.id).into_iter().flatten() {
            let Some(used) = self.members.iter().find(|other| other.id == edge.to) else {
                continue;
            };
            if !allowed.contains(&used.name) {
                problems.push(Problem::new(
                    &member.manifest,
                    1,
                    format!(
                        "{} may not use {}; it may use: {}",
                        member.name,
                        used.name,
                        list(allowed)
                    ),
                ));
            }
        }
    }

    /// Everything that ends up in the built package, with the way it got there.
    fn check_reach(&self, member: &Member<'_>, problems: &mut Vec<Problem>) {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([member.id]);
        while let Some(id) = queue.pop_front() {
            for edge in self.edges.get(id).into_iter().flatten().filter(|edge| edge.normal) {
                if edge.to == member.id || came_from.contains_key(edge.to) {
                    continue;
                }
                came_from.insert(edge.to, id);
                queue.push_back(edge.to);
            }
        }
        for id in came_from.keys() {
            let name = self.names.get(id).copied().unwrap_or_default();
            if !IMPURE.contains(&name) {
                continue;
            }
            let mut way = vec![name];
            let mut at = *id;
            while let Some(before) = came_from.get(at) {
                way.push(self.names.get(before).copied().map_or("", short));
                at = before;
            }
            way.reverse();
            problems.push(Problem::new(
                &member.manifest,
                1,
                format!("{} does no IO and may not reach {name}: {}", member.name, way.join(" → ")),
            ));
        }
    }
}

fn short(package: &str) -> &str {
    match package {
        "ebb" => "cli",
        other => other.strip_prefix("ebb-").unwrap_or(other),
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing of this workspace".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Metadata in which each `(from, to, kind)` is a dependency; names with `ebb` are members.
    fn metadata(edges: &[(&str, &str, Option<&str>)]) -> Value {
        let mut names: Vec<&str> = edges.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
        names.sort_unstable();
        names.dedup();
        let members: Vec<&&str> = names.iter().filter(|name| name.starts_with("ebb")).collect();
        let packages: Vec<Value> = names
            .iter()
            .map(|name| {
                json!({ "id": name, "name": name, "manifest_path": format!("/top/{name}/Cargo.toml") })
            })
            .collect();
        let nodes: Vec<Value> = names
            .iter()
            .map(|name| {
                let deps: Vec<Value> = edges
                    .iter()
                    .filter(|(from, ..)| from == name)
                    .map(|(_, to, kind)| json!({ "pkg": to, "dep_kinds": [{ "kind": kind }] }))
                    .collect();
                json!({ "id": name, "deps": deps })
            })
            .collect();
        json!({
            "workspace_root": "/top", "workspace_members": members,
            "packages": packages, "resolve": { "nodes": nodes },
        })
    }

    fn messages(edges: &[(&str, &str, Option<&str>)]) -> Vec<String> {
        check(&metadata(edges)).unwrap().iter().map(ToString::to_string).collect()
    }

    /// Arrows that point the right way pass, an arrow that points back is reported.
    #[test]
    fn edges_point_one_way() {
        let right = [
            ("ebb-model", "ebb-wire", None),
            ("ebb-master", "ebb-model", None),
            ("ebb-daemon", "ebb-master", None),
            ("ebb", "ebb-daemon", None),
        ];
        assert_eq!(messages(&right), [""; 0]);
        assert_eq!(
            messages(&[("ebb-master", "ebb-agent", None)]),
            ["ebb-master/Cargo.toml:1: master may not use agent; it may use: model, wire"]
        );
        assert_eq!(messages(&[("ebb-wire", "ebb-model", Some("dev"))]).len(), 1);
    }

    /// A new package has to be given a place before anything may use it.
    #[test]
    fn unknown_packages_are_reported() {
        let found = messages(&[("ebb-new", "serde", None)]);
        assert!(found[0].contains("new has no place in the graph"), "{found:?}");
    }

    /// A core that reaches IO is reported with the way there, however long.
    #[test]
    fn cores_reach_no_io() {
        let found = messages(&[
            ("ebb-master", "ebb-model", None),
            ("ebb-model", "innocent", None),
            ("innocent", "getrandom", None),
        ]);
        assert_eq!(
            found,
            [
                "ebb-master/Cargo.toml:1: master does no IO and may not reach getrandom: \
                 master → model → innocent → getrandom",
                "ebb-model/Cargo.toml:1: model does no IO and may not reach getrandom: \
                 model → innocent → getrandom",
            ]
        );
    }

    /// The tests of a core may use what they like, and so may the daemon.
    #[test]
    fn tests_and_shells_may_do_io() {
        let edges = [
            ("ebb-model", "proptest", Some("dev")),
            ("proptest", "getrandom", None),
            ("ebb-daemon", "tokio", None),
        ];
        assert_eq!(messages(&edges), [""; 0]);
    }

    /// Metadata of another form is an error, never a clean bill.
    #[test]
    fn other_forms_of_metadata_are_refused() {
        assert!(check(&json!({ "packages": [] })).is_err());
    }
}
