//! `cargo xtask selftest`: the simulator has to find bugs made by hand in a copy of the cores.
//!
//! The bugs are patches, one for each file of a core, in `crates/sim/bugs`. They are applied to a copy
//! below `target`, all at once; each bug is a place there that asks whether its mistake is to be made.
//! So one build has all of them, and the cores of the tree have none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::steps::Steps;

/// What a copy is made of.
const CRATES: &[&str] = &["wire", "model", "master", "agent", "sim"];
/// Crates that the patches may change.
const PATCHED: &[&str] = &["master", "agent"];
const PATCHES: &str = "crates/sim/bugs";

/// Builds the copy and lets the simulator search. Whether it found what it has to.
pub(crate) fn run(steps: &mut Steps<'_>, root: &Path) -> anyhow::Result<bool> {
    let place = Place::new(root);
    if !steps.inside("hand-made bugs", || place.prepare().map(|()| true))? {
        return Ok(false);
    }
    let manifest = place.copy.join("Cargo.toml");
    let folder = root.join("target/selftest/build");
    let (manifest, folder) = (utf8(&manifest)?, utf8(&folder)?);
    let which = ["--package", "ebb-sim", "--features", "bugs", "--test", "selftest"];
    let place = ["test", "--release", "--manifest-path", manifest, "--target-dir", folder];
    // Built anew whenever a core changes: link-time optimization takes longer than it saves.
    let build =
        ["--config", "profile.release.lto='off'", "--config", "profile.release.codegen-units=16"];
    let args =
        [&place[..], &build[..], &which[..], &["--", "--nocapture", "--test-threads=1"]].concat();
    steps.cargo_test("selftest", &args)
}

/// Writes the patches anew from what the copy has been changed to by hand.
pub(crate) fn record(root: &Path) -> anyhow::Result<()> {
    let place = Place::new(root);
    anyhow::ensure!(place.copy.is_dir(), "there is no copy yet: run cargo xtask selftest first");
    place.mirror_crates(&place.pristine)?;
    for name in PATCHED {
        let source = Path::new("crates").join(name).join("src");
        for file in files(&place.copy.join(&source))? {
            let file = file.strip_prefix(&place.copy).context("a file of the copy")?;
            place.record(file)?;
        }
    }
    Ok(())
}

struct Place {
    root: PathBuf,
    /// The tree with the patches, which is built; files whose text is unchanged are not touched.
    copy: PathBuf,
    /// What the patches are applied to.
    pristine: PathBuf,
}

impl Place {
    fn new(root: &Path) -> Self {
        let folder = root.join("target/selftest");
        Self { root: root.into(), copy: folder.join("tree"), pristine: folder.join("fresh") }
    }

    /// Makes the copy, or says which patches do not fit.
    fn prepare(&self) -> anyhow::Result<()> {
        self.mirror_crates(&self.pristine)?;
        let mut misfits = Vec::new();
        for patch in files(&self.root.join(PATCHES))? {
            misfits.extend(self.apply(&patch)?);
        }
        mirror(&self.pristine.join("crates"), &self.copy.join("crates"))?;
        let manifest = read(&self.root.join("Cargo.toml"))?;
        let members = r#"members = ["crates/*", "xtask"]"#;
        anyhow::ensure!(manifest.contains(members), "the members in Cargo.toml are not {members}");
        let manifest = manifest.replace(members, r#"members = ["crates/*"]"#);
        write(&self.copy.join("Cargo.toml"), manifest.as_bytes())?;
        if !self.copy.join("Cargo.lock").exists() {
            let lock = read(&self.root.join("Cargo.lock"))?;
            write(&self.copy.join("Cargo.lock"), lock.as_bytes())?;
        }
        anyhow::ensure!(
            misfits.is_empty(),
            "these do not fit the cores any more:\n{}\nmake their changes in {} by hand, then run cargo \
             xtask selftest --record",
            misfits.join("\n"),
            self.copy.display(),
        );
        Ok(())
    }

    fn mirror_crates(&self, to: &Path) -> anyhow::Result<()> {
        for name in CRATES {
            let part = Path::new("crates").join(name);
            mirror(&self.root.join(&part), &to.join(&part))?;
        }
        Ok(())
    }

    /// Applies a patch, or says what does not fit.
    fn apply(&self, patch: &Path) -> anyhow::Result<Option<String>> {
        let output = Command::new("git")
            .args(["apply", "--whitespace=nowarn"])
            .arg(patch)
            .current_dir(&self.pristine)
            // Not the repository around it.
            .env("GIT_CEILING_DIRECTORIES", self.root.join("target/selftest"))
            .env_remove("GIT_DIR")
            .output()
            .context("cannot run git")?;
        let talk = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let name = patch.strip_prefix(&self.root).unwrap_or(patch);
        Ok((!output.status.success()).then(|| format!("{}: {talk}", name.display())))
    }

    /// The patch of one file, if the copy differs there.
    fn record(&self, file: &Path) -> anyhow::Result<()> {
        let mut name = file.strip_prefix("crates").context("a file of a crate")?.to_owned();
        name.set_extension("patch");
        let name: Vec<String> = name
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .filter(|part| part != "src")
            .collect();
        let patch = self.root.join(PATCHES).join(name.join("-"));
        let output = Command::new("git")
            .args(["diff", "--no-index", "--no-color", "--unified=2", "--no-prefix", "--"])
            .arg(Path::new("fresh").join(file))
            .arg(Path::new("tree").join(file))
            .current_dir(self.root.join("target/selftest"))
            .output()
            .context("cannot run git")?;
        if output.stdout.is_empty() {
            return match fs::remove_file(&patch) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(error).with_context(|| format!("cannot remove {}", patch.display()))
                }
                _ => Ok(()),
            };
        }
        let text = String::from_utf8(output.stdout).context("a diff that is no text")?;
        // Only what says where and what: the rest changes with every edit elsewhere.
        let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("--- ")).collect();
        let text = format!("{}\n", lines.join("\n"));
        let text = text.replacen("--- fresh/", "--- a/", 1).replacen("+++ tree/", "+++ b/", 1);
        write(&patch, text.as_bytes())
    }
}

/// Makes `to` equal to `from` without touching what is equal already.
fn mirror(from: &Path, to: &Path) -> anyhow::Result<()> {
    for file in files(from)? {
        let part = file.strip_prefix(from).context("a file of the folder")?;
        write(&to.join(part), &fs::read(&file).with_context(|| cannot("read", &file))?)?;
    }
    if to.is_dir() {
        for file in files(to)? {
            let part = file.strip_prefix(to).context("a file of the folder")?;
            if !from.join(part).exists() {
                fs::remove_file(&file).with_context(|| cannot("remove", &file))?;
            }
        }
    }
    Ok(())
}

/// Every file below a folder, in the order of their paths.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| cannot("read", &folder))? {
            let path = entry.with_context(|| cannot("read", &folder))?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| cannot("read", path))
}

/// Writes a file, unless that is what it holds.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| cannot("make", folder))?;
    }
    fs::write(path, bytes).with_context(|| cannot("write", path))
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", path.display())
}

fn utf8(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("{} is no UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy becomes equal to its source, and what is equal keeps its time, so that nothing is built for nothing.
    #[test]
    fn mirror_touches_only_what_differs() {
        let dir = std::env::temp_dir().join(format!("ebb-mirror-{}", std::process::id()));
        let (from, to) = (dir.join("from"), dir.join("to"));
        for (path, text) in [("same", "1"), ("inner/changed", "new")] {
            write(&from.join(path), text.as_bytes()).unwrap();
        }
        for (path, text) in [("same", "1"), ("inner/changed", "old"), ("inner/extra", "x")] {
            write(&to.join(path), text.as_bytes()).unwrap();
        }
        let modified = |path: &str| fs::metadata(to.join(path)).unwrap().modified().unwrap();
        let before = modified("same");
        mirror(&from, &to).unwrap();
        assert_eq!(modified("same"), before);
        assert_eq!(fs::read(to.join("inner/changed")).unwrap(), b"new");
        assert_eq!(files(&to).unwrap().len(), 2);
        fs::remove_dir_all(&dir).unwrap();
    }
}
