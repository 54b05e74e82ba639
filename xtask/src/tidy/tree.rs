//! The files the rules look at.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

/// A text file of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// Path from the top of the tree, parts divided by `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(super) fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    pub(super) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    /// Written by `cargo xtask codegen`, not by hand.
    pub(super) fn is_generated(&self) -> bool {
        self.path.contains("/generated/")
    }

    /// Wholly test or benchmark code. A `mod tests` inside an ordinary file does not count.
    pub(super) fn is_test(&self) -> bool {
        matches!(self.name(), "tests.rs" | "testing.rs")
            || self.name().ends_with("_tests.rs")
            || self.path.split('/').any(|part| part == "tests" || part == "benches")
    }

    /// The folder of the package the file belongs to: `crates/<name>`, or the first part of the path.
    pub(super) fn package(&self) -> &str {
        let parts = if self.path.starts_with("crates/") { 2 } else { 1 };
        let end = self.path.match_indices('/').nth(parts - 1).map_or(self.path.len(), |(at, _)| at);
        &self.path[..end]
    }
}

/// Every text file that git would commit; where there is no git, every one outside `target`.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<File>> {
    let mut paths = match listed_by_git(root) {
        Some(paths) => paths,
        None => walk(root)?,
    };
    paths.sort();
    paths.dedup();
    let mut files = Vec::new();
    for path in paths {
        let full = root.join(&path);
        // Listed by git and deleted since.
        if !full.is_file() {
            continue;
        }
        let bytes = std::fs::read(&full).with_context(|| format!("cannot read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File { path, text });
        }
    }
    Ok(files)
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<_> = text.split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

fn walk(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                if !matches!(entry.file_name().to_str(), Some("target" | ".git")) {
                    folders.push(path);
                }
            } else if let Some(path) = path.strip_prefix(root).ok().and_then(Path::to_str) {
                paths.push(path.to_owned());
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
pub(super) fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With and without git the same sources are found, and no build output.
    #[test]
    fn walk_finds_what_git_lists() {
        let root = crate::root().unwrap();
        let walked = walk(&root).unwrap();
        assert!(walked.contains(&"xtask/src/tidy/tree.rs".to_owned()));
        assert!(!walked.iter().any(|path| path.starts_with("target/")));
        let read = read(&root).unwrap();
        assert!(read.iter().any(|file| file.path == "xtask/src/tidy/tree.rs"));
    }

    /// Rules that hold for one package at a time find it in the path.
    #[test]
    fn package_is_the_folder_below_crates() {
        assert_eq!(file("crates/master/src/lib.rs", "").package(), "crates/master");
        assert_eq!(file("xtask/src/main.rs", "").package(), "xtask");
        assert_eq!(file("README.md", "").package(), "README.md");
    }

    /// `tests.rs`, `…_tests.rs` and everything below `tests/` is test code; a file that has `mod tests` is not.
    #[test]
    fn test_files_are_told_by_their_path() {
        assert!(file("crates/model/src/duration/tests.rs", "").is_test());
        assert!(file("crates/daemon/src/spawn_tests.rs", "").is_test());
        assert!(file("crates/cli/tests/e2e/drain.rs", "").is_test());
        assert!(!file("crates/model/src/duration.rs", "mod tests {}").is_test());
    }
}
