//! Rules for `Cargo.toml`: sorted dependencies, versions in one place, lints in every package.

use super::Problem;
use super::tree::File;

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.name() == "Cargo.toml") {
        let mut manifest = Manifest { file, problems: &mut problems };
        manifest.dependencies();
        manifest.lints();
    }
    problems
}

struct Manifest<'a> {
    file: &'a File,
    problems: &'a mut Vec<Problem>,
}

impl Manifest<'_> {
    fn dependencies(&mut self) {
        let mut table = "";
        let mut previous = "";
        for (index, line) in self.file.text.lines().enumerate() {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                (table, previous) = (name, "");
                continue;
            }
            // A blank line starts a new group; each group is sorted by itself.
            if line.is_empty() {
                previous = "";
            }
            if !table.ends_with("dependencies") || line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim();
            let name = key.split('.').next().unwrap_or(key);
            if name < previous {
                self.report(
                    index,
                    format!("{name} stands before {previous}: keep [{table}] sorted"),
                );
            }
            previous = name;
            let inherited = key.ends_with(".workspace") || value.contains("workspace = true");
            if table != "workspace.dependencies" && !inherited {
                self.report(
                    index,
                    format!(
                        "{name} has a version of its own: put it into [workspace.dependencies] \
                             and write {name}.workspace = true"
                    ),
                );
            }
            let external = table == "workspace.dependencies" && !value.contains("path = ");
            if external && !value.contains("default-features = false") {
                self.report(
                    index,
                    format!("{name} brings its default features: name those needed"),
                );
            }
        }
    }

    fn lints(&mut self) {
        let text = &self.file.text;
        if text.contains("[package]") && !text.contains("[lints]\nworkspace = true") {
            self.report(0, "the lints of the workspace are off: add [lints] with workspace = true");
        }
    }

    fn report(&mut self, index: usize, message: impl Into<String>) {
        self.problems.push(Problem::new(&self.file.path, index + 1, message));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::file;
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        check(&[file("Cargo.toml", text)]).iter().map(ToString::to_string).collect()
    }

    /// Dependencies are sorted within each group that blank lines make.
    #[test]
    fn dependencies_are_sorted() {
        let tidy = "[dependencies]\nb.workspace = true\n\na.workspace = true\n[features]\nz = []\na = []\n";
        assert_eq!(messages(tidy), [""; 0]);
        let found = messages("[dev-dependencies]\nb.workspace = true\na.workspace = true\n");
        assert_eq!(found, ["Cargo.toml:3: a stands before b: keep [dev-dependencies] sorted"]);
    }

    /// A version is written once, at the top, with the features that are needed.
    #[test]
    fn versions_and_features_are_declared_at_the_top() {
        let found =
            messages("[dependencies]\na = \"1\"\nb = { workspace = true, features = [\"x\"] }\n");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("a has a version of its own"), "{found:?}");

        let found = messages(
            "[workspace.dependencies]\na = \"1\"\nb = { version = \"1\", default-features = false }\n\
             c = { path = \"crates/c\" }\n",
        );
        assert_eq!(found, ["Cargo.toml:2: a brings its default features: name those needed"]);
    }

    /// A package without the lints of the workspace is reported.
    #[test]
    fn packages_take_the_lints_of_the_workspace() {
        assert_eq!(messages("[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"), [""; 0]);
        assert_eq!(messages("[package]\nname = \"a\"\n").len(), 1);
    }
}
