//! Writes `docs/reference/`: calls, endpoints, events, metrics and reasons, from `proto/` and from the tables
//! that the contract suite proves on running clusters.

mod pages;
mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

const FOLDER: &str = "docs/reference";

/// Writes the pages anew.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    for (name, text) in generate(root)? {
        let path = root.join(FOLDER).join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Fails, naming the pages, when they are not what the tables give now.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let fresh = generate(root)?;
    let is_stale = |name: &str, text: &str| {
        std::fs::read_to_string(root.join(FOLDER).join(name)).ok().as_deref() != Some(text)
    };
    let stale: Vec<&str> =
        fresh.iter().filter(|(name, text)| is_stale(name, text)).map(|(name, _)| &**name).collect();
    anyhow::ensure!(
        stale.is_empty(),
        "{FOLDER} is not what the tables give: {}; run `cargo xtask reference`",
        stale.join(", ")
    );
    Ok(())
}

/// Every page by its name.
fn generate(root: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let pool = crate::codegen::pool()?;
    let tables = tables::read(root)?;
    Ok(BTreeMap::from([
        ("calls.md".to_owned(), pages::calls(&pool, &tables)?),
        ("endpoints.md".to_owned(), pages::endpoints(&tables)),
        ("events.md".to_owned(), pages::events(&pool, &tables)?),
        ("metrics.md".to_owned(), pages::metrics(&tables)),
        ("reasons.md".to_owned(), pages::reasons(&pool, &tables)?),
        ("recorded-differences.md".to_owned(), pages::differences(&tables)),
    ]))
}

#[cfg(test)]
mod tests {
    /// The pages of the reference are what the tables give.
    #[test]
    fn the_reference_is_current() {
        super::check(&crate::root().unwrap()).unwrap();
    }
}
