//! Rules for Rust files, read as tokens so that comments and strings cannot confuse them.

mod functions;

use std::str::FromStr as _;

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::Problem;
use super::tree::File;

const MAX_LINES: usize = 600;

/// Names that say nothing about what is inside.
const VAGUE: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

/// The one place that may hold `unsafe`.
const SYS: &[&str] = &["crates/daemon/src/sys.rs", "crates/daemon/src/sys/"];

/// Packages whose results depend on nothing but their input.
const PURE: &[&str] =
    &["crates/wire", "crates/model", "crates/master", "crates/agent", "crates/orchestrator"];

/// What they must not name, and what to take instead.
const NOT_PURE: &[(&str, &str)] = &[
    ("HashMap", "its order is random: use BTreeMap"),
    ("HashSet", "its order is random: use BTreeSet"),
    ("Instant", "time is an input: use Moment"),
    ("SystemTime", "time is an input: use Moment"),
];

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut parsed = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && !file.is_generated()) {
        shape(file, &mut problems);
        match TokenStream::from_str(&file.text) {
            Ok(tokens) => parsed.push((file, tokens)),
            Err(error) => {
                let line = error.span().start().line;
                problems.push(Problem::new(&file.path, line, format!("not Rust: {error}")));
            }
        }
    }
    for (file, tokens) in &parsed {
        names(file, tokens, &mut problems);
    }
    functions::check(&parsed, &mut problems);
    problems
}

/// Rules for the file as a whole.
fn shape(file: &File, problems: &mut Vec<Problem>) {
    let lines = file.text.lines().count();
    if lines > MAX_LINES {
        problems.push(Problem::new(
            &file.path,
            MAX_LINES + 1,
            format!("{lines} lines: divide it by theme, at most {MAX_LINES} a file"),
        ));
    }
    let vague = file
        .path
        .split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part))
        .find(|part| VAGUE.contains(part));
    if let Some(vague) = vague {
        problems.push(Problem::new(
            &file.path,
            1,
            format!("`{vague}` names nothing: name the file after what is in it"),
        ));
    }
    if !file.is_test() && !file.text.starts_with("//! ") {
        problems.push(Problem::new(
            &file.path,
            1,
            "begin with a line `//! ` that says what the file is for",
        ));
    }
}

/// Rules for single names, wherever they stand.
fn names(file: &File, tokens: &TokenStream, problems: &mut Vec<Problem>) {
    let may_be_unsafe = SYS.iter().any(|sys| file.path.starts_with(sys));
    let pure = PURE.contains(&file.package()) && !file.is_test();
    for_each_ident(tokens, &mut |ident| {
        let line = ident.span().start().line;
        if ident == "unsafe" && !may_be_unsafe {
            problems.push(Problem::new(
                &file.path,
                line,
                "unsafe outside crates/daemon/src/sys: offer a safe function there",
            ));
        }
        let banned = NOT_PURE.iter().find(|(name, _)| pure && ident == name);
        if let Some((name, instead)) = banned {
            problems.push(Problem::new(&file.path, line, format!("{name} in a core: {instead}")));
        }
    });
}

fn for_each_ident(tokens: &TokenStream, act: &mut impl FnMut(&Ident)) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => act(&ident),
            TokenTree::Group(group) => for_each_ident(&group.stream(), act),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::file;
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&[file(path, text)]).iter().map(ToString::to_string).collect()
    }

    /// A file that is too long is reported at the first line that is too much.
    #[test]
    fn long_files_are_reported() {
        let text = |lines: usize| format!("//! x\n{}", "\n".repeat(lines - 1));
        assert_eq!(messages("a.rs", &text(600)), [""; 0]);
        assert_eq!(
            messages("a.rs", &text(601)),
            ["a.rs:601: 601 lines: divide it by theme, at most 600 a file"]
        );
    }

    /// A vague name is reported for a file and for a folder; generated code is nobody's fault.
    #[test]
    fn vague_names_are_reported() {
        for path in ["a/utils.rs", "a/common/drain.rs", "src/manager.rs"] {
            assert_eq!(messages(path, "//! x\n").len(), 1, "{path}");
        }
        assert_eq!(messages("a/utilities_of_agents.rs", "//! x\n"), [""; 0]);
        assert_eq!(messages("a/generated/common.rs", "unsafe fn x() {}"), [""; 0]);
    }

    /// Every file says first what it is for; test files say it in their tests.
    #[test]
    fn files_begin_with_what_they_are_for() {
        assert_eq!(messages("a.rs", "use std::fmt;\n").len(), 1);
        assert_eq!(messages("crates/cli/tests/drain.rs", "use std::fmt;\n"), [""; 0]);
    }

    /// `unsafe` is accepted in the one place for it and seen everywhere else, in macros too.
    #[test]
    fn unsafe_has_one_place() {
        let text = "//! x\nmacro_rules! m { () => { unsafe { f() } } }\n";
        assert_eq!(messages("crates/daemon/src/sys/pidfd.rs", text), [""; 0]);
        let found = messages("crates/daemon/src/system.rs", text);
        assert!(found[0].starts_with("crates/daemon/src/system.rs:2: unsafe outside"), "{found:?}");
        let mentions = "//! unsafe\n#![deny(unsafe_code)]\nconst X: &str = \"unsafe\";\n";
        assert_eq!(messages("a.rs", mentions), [""; 0]);
    }

    /// Clocks and random order are seen in cores and let be in shells.
    #[test]
    fn cores_name_no_clock_and_no_random_order() {
        let text = "//! x\nuse std::collections::HashMap;\nfn f(_: std::time::Instant) {}\n";
        let found = messages("crates/agent/src/tasks.rs", text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains(":2: HashMap in a core"), "{found:?}");
        assert!(found[1].contains(":3: Instant in a core"), "{found:?}");
        assert_eq!(messages("crates/daemon/src/clock.rs", text), [""; 0]);
    }

    /// A file that cannot be read is a problem, not a file without problems.
    #[test]
    fn unreadable_files_are_reported() {
        let found = messages("a.rs", "//! x\nfn f() {\n");
        assert!(found.iter().any(|message| message.contains("not Rust")), "{found:?}");
    }
}
