//! Hand-made bugs: made only in a copy of the cores, for the simulator's test of itself, and each of
//! them looked for.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::File;

/// The list of all of them.
const LIST: &str = "crates/sim/src/bugs.rs";
/// What makes them, in a copy of the cores.
const PATCHES: &str = "crates/sim/bugs/";
/// Packages that may know the feature.
const MANIFESTS: [&str; 2] = ["crates/model/Cargo.toml", "crates/sim/Cargo.toml"];

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.name() == "Cargo.toml") {
        for (index, line) in file.text.lines().enumerate() {
            let is_feature = line.contains("\"bugs\"")
                || line.contains("/bugs\"")
                || line.trim_start().starts_with("bugs ");
            if is_feature && !MANIFESTS.contains(&file.path.as_str()) {
                let message = "the feature bugs is for the self-test of ebb-sim alone";
                problems.push(Problem::new(&file.path, index + 1, message));
            }
            if line.trim_start().starts_with("default = ") {
                let message = "no package has default features: name what is needed where it is";
                problems.push(Problem::new(&file.path, index + 1, message));
            }
        }
    }
    let Some(list) = files.iter().find(|file| file.path == LIST) else { return problems };
    let listed: BTreeSet<&str> = names(&list.text).map(|(_, name)| name).collect();
    let mut made = BTreeSet::new();
    for file in files {
        let text = made_by(file);
        for (line, name) in names(&text) {
            made.insert(name.to_owned());
            if is_core(file) {
                let message = format!("the cores make no bugs: {name} belongs in {PATCHES}");
                problems.push(Problem::new(&file.path, line, message));
            } else if !listed.contains(name) {
                let message =
                    format!("the hand-made bug {name} is not in {LIST}: nothing looks for it");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    for (line, name) in names(&list.text).filter(|(_, name)| !made.contains(*name)) {
        problems.push(Problem::new(LIST, line, format!("nothing makes the hand-made bug {name}")));
    }
    problems
}

/// Production code, which the patches change only in a copy.
fn is_core(file: &File) -> bool {
    let cores = ["crates/wire/src/", "crates/master/src/", "crates/agent/src/"];
    file.is_rust() && cores.iter().any(|folder| file.path.starts_with(folder))
}

/// Where bugs may be made: the lines a patch adds, the cores, and the simulator itself.
fn made_by(file: &File) -> String {
    if file.path.starts_with(PATCHES) && file.has_extension("patch") {
        // A line for each, so that their numbers are those of the patch.
        let added = file.text.lines().map(|line| line.strip_prefix('+').unwrap_or_default());
        return added.collect::<Vec<_>>().join("\n");
    }
    let is_simulator =
        file.is_rust() && file.path.starts_with("crates/sim/src/") && file.path != LIST;
    if is_core(file) || is_simulator { file.text.clone() } else { String::new() }
}

/// Names of hand-made bugs with their lines: the first text after `bug(` or `unless_bug!(`.
fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    ["bug(", "unless_bug!("].into_iter().flat_map(move |call| {
        text.match_indices(call).filter_map(move |(at, _)| {
            let rest = text[at + call.len()..].trim_start().strip_prefix('"')?;
            let (name, _) = rest.split_once('"')?;
            Some((text[..at].lines().count().max(1), name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::file;
    use super::*;

    fn messages(files: &[File]) -> Vec<String> {
        check(files).iter().map(ToString::to_string).collect()
    }

    /// A hand-made bug is on the list, and what is on the list is made, by a patch.
    #[test]
    fn bugs_are_made_and_listed() {
        let patch = "@@\n-old\n+unless_bug!(\n+ \"a\", x());\n rest\n+model::bug(\"b\")\n";
        let patch = file("crates/sim/bugs/master-drain.patch", patch);
        let tidy = [file(LIST, "bug(\"a\", 1);\nbug(\n\"b\""), patch];
        assert_eq!(messages(&tidy), [""; 0]);
        let stray = file("crates/sim/bugs/agent-x.patch", "+bug(\"d\")\n-bug(\"c\")\n");
        let found = messages(&[file(LIST, "bug(\"c\""), stray]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("nothing looks for it") && found[1].contains("nothing makes"));
    }

    /// The cores have no branch that is there for their test.
    #[test]
    fn cores_make_no_bugs() {
        let list = file(LIST, "bug(\"a\"");
        let found = messages(&[list, file("crates/master/src/x.rs", "\nmodel::bug(\"a\")")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("make no bugs") && found[0].contains("x.rs:2"), "{found:?}");
    }

    /// No other package knows the feature, and none has a default one.
    #[test]
    fn only_the_simulator_knows_the_feature() {
        let text = "model = { workspace = true, features = [\"bugs\"] }\n";
        assert_eq!(messages(&[file("crates/cli/Cargo.toml", text)]).len(), 1);
        assert_eq!(messages(&[file("crates/cli/Cargo.toml", "x = [\"sim/bugs\"]\n")]).len(), 1);
        assert_eq!(
            messages(&[file("crates/sim/Cargo.toml", "bugs = [\"model/bugs\"]\n")]),
            [""; 0]
        );
        assert_eq!(messages(&[file("crates/sim/Cargo.toml", "default = [\"bugs\"]\n")]).len(), 1);
    }
}
