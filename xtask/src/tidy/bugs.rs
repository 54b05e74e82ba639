//! Hand-made bugs: made only for the simulator's test of itself, and each of them looked for.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::File;

/// The list of all of them.
const LIST: &str = "crates/sim/src/bugs.rs";
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
    for file in files.iter().filter(|file| may_make_bugs(file)) {
        for (line, name) in names(&file.text) {
            made.insert(name);
            if !listed.contains(name) {
                let message =
                    format!("the hand-made bug {name} is not in {LIST}: nothing looks for it");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    for (line, name) in names(&list.text).filter(|(_, name)| !made.contains(name)) {
        problems.push(Problem::new(LIST, line, format!("nothing makes the hand-made bug {name}")));
    }
    problems
}

fn may_make_bugs(file: &File) -> bool {
    let crates =
        ["crates/model/src/", "crates/master/src/", "crates/agent/src/", "crates/sim/src/"];
    file.path != LIST
        && std::path::Path::new(&file.path).extension().is_some_and(|it| it == "rs")
        && crates.iter().any(|folder| file.path.starts_with(folder))
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

    /// A hand-made bug is on the list, and what is on the list is made.
    #[test]
    fn bugs_are_made_and_listed() {
        let core =
            file("crates/master/src/drain.rs", "\nunless_bug!(\n \"a\", x());\nmodel::bug(\"b\")");
        let tidy = [file(LIST, "bug(\"a\", 1);\nbug(\n\"b\""), core];
        assert_eq!(messages(&tidy), [""; 0]);
        let found =
            messages(&[file(LIST, "bug(\"c\""), file("crates/agent/src/x.rs", "bug(\"d\")")]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("nothing looks for it") && found[1].contains("nothing makes"));
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
