//! The rules of the tree that no compiler checks: `cargo xtask tidy`, and a test of this package.
//!
//! Each rule is a function from files to [`Problem`]s, so that its own tests can show it failing.

mod bugs;
mod graph;
mod links;
mod manifests;
mod named_tests;
mod source;
mod text;
mod tree;

use std::fmt;
use std::path::Path;

use crate::codegen;
use crate::reference;

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// Path from the top of the tree.
    path: String,
    /// Counted from 1.
    line: usize,
    /// What is wrong, and what would be right.
    message: String,
}

impl Problem {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Checks the tree below `root` and prints what is wrong. Whether it is tidy.
pub(crate) fn run(root: &Path) -> anyhow::Result<bool> {
    let problems = problems(root)?;
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => println!("tidy: nothing to complain about"),
        1 => println!("tidy: 1 problem"),
        n => println!("tidy: {n} problems"),
    }
    Ok(problems.is_empty())
}

fn problems(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let files = tree::read(root)?;
    let mut problems = Vec::new();
    problems.extend(source::check(&files));
    problems.extend(text::check(&files));
    problems.extend(links::check(&files, |path| root.join(path).exists()));
    problems.extend(manifests::check(&files));
    problems.extend(bugs::check(&files));
    problems.extend(named_tests::check(&files));
    problems.extend(graph::check(&graph::metadata(root)?)?);
    if let Err(error) = codegen::check() {
        problems.push(Problem::new("crates/wire/src/generated/mod.rs", 1, format!("{error:#}")));
    }
    if let Err(error) = reference::check(root) {
        problems.push(Problem::new("docs/reference/README.md", 1, format!("{error:#}")));
    }
    problems.sort();
    Ok(problems)
}

#[cfg(test)]
mod tests {
    /// This tree keeps all of its own rules.
    #[test]
    fn the_tree_is_tidy() {
        let root = crate::root().unwrap();
        let problems: Vec<String> =
            super::problems(&root).unwrap().iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "cargo xtask tidy:\n{}", problems.join("\n"));
    }
}
