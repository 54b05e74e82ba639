//! Rules for tests: each asserts something, none sleeps, none is left out without a reason.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::super::Problem;
use super::super::tree::File;
use super::for_each_ident;

/// A function with a body, and what the rules need to know of it.
struct Function {
    name: String,
    line: usize,
    is_test: bool,
    /// Line of an `#[ignore]` without a reason.
    ignored_at: Option<usize>,
    /// Line of the first `thread::sleep` or `time::sleep`.
    sleeps_at: Option<usize>,
    /// Says `assert…` or `panic` itself.
    asserts: bool,
    /// Can fail in another way: `?`, `unwrap`, `expect`, an expected panic that does not come, or
    /// any panic where the name says that there is none.
    can_fail: bool,
    /// Every name in the body, those of called functions among them.
    names: BTreeSet<String>,
}

pub(super) fn check(parsed: &[(&File, TokenStream)], problems: &mut Vec<Problem>) {
    let read: Vec<(&File, Vec<Function>)> =
        parsed.iter().map(|(file, tokens)| (*file, functions(tokens))).collect();
    // What all tests of a package share stands in test files of their own.
    let mut shared: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
    for (file, functions) in read.iter().filter(|(file, _)| file.is_test()) {
        shared.entry(file.package()).or_default().extend(functions);
    }
    for (file, functions) in &read {
        let mut within_reach: Vec<&Function> = functions.iter().collect();
        within_reach.extend(shared.get(file.package()).into_iter().flatten().copied());
        let asserting = asserting(&within_reach);
        for function in functions.iter().filter(|function| function.is_test) {
            let mut report = |line, message: String| {
                problems.push(Problem::new(&file.path, line, message));
            };
            if let Some(line) = function.ignored_at {
                report(
                    line,
                    "#[ignore] without a reason: #[ignore = \"why\"], or make it run".into(),
                );
            }
            if let Some(line) = function.sleeps_at {
                report(line, "a test that sleeps: move the clock, or wait for a condition".into());
            }
            let proves = function.asserts
                || function.can_fail
                || function.names.iter().any(|name| asserting.contains(name.as_str()));
            if !proves {
                report(
                    function.line,
                    format!("{} asserts nothing, so it cannot fail", function.name),
                );
            }
        }
    }
}

/// Names of the functions that assert, themselves or through one another.
fn asserting<'a>(functions: &[&'a Function]) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = found.len();
        for function in functions {
            let proves =
                function.asserts || function.names.iter().any(|name| found.contains(name.as_str()));
            if proves && !function.is_test {
                found.insert(&function.name);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Every function with a body, at any depth: in modules, in `impl`s, in macros.
fn functions(tokens: &TokenStream) -> Vec<Function> {
    let mut found = Vec::new();
    let mut attributes: Vec<TokenStream> = Vec::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                if let Some(TokenTree::Group(group)) = tokens.peek()
                    && group.delimiter() == Delimiter::Bracket
                {
                    attributes.push(group.stream());
                    tokens.next();
                }
            }
            TokenTree::Ident(ident) if ident == "fn" => {
                let Some(TokenTree::Ident(name)) = tokens.peek().cloned() else { continue };
                let attributes = std::mem::take(&mut attributes);
                // Up to the body; a declaration without one ends with a semicolon.
                for token in tokens.by_ref() {
                    match token {
                        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                            found.push(function(
                                name.to_string(),
                                name.span().start().line,
                                &attributes,
                                &group.stream(),
                            ));
                            found.extend(functions(&group.stream()));
                            break;
                        }
                        TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                        TokenTree::Group(_)
                        | TokenTree::Ident(_)
                        | TokenTree::Punct(_)
                        | TokenTree::Literal(_) => {}
                    }
                }
            }
            // What may stand between an attribute and its `fn`.
            TokenTree::Ident(ident)
                if ["pub", "async", "const", "unsafe", "extern"]
                    .iter()
                    .any(|word| ident == word) => {}
            TokenTree::Literal(_) => {}
            TokenTree::Group(group) => {
                found.extend(functions(&group.stream()));
                if group.delimiter() != Delimiter::Parenthesis {
                    attributes.clear();
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => attributes.clear(),
        }
    }
    found
}

fn function(name: String, line: usize, attributes: &[TokenStream], body: &TokenStream) -> Function {
    let named = |name: &str| attributes.iter().find(|attribute| last_of_path(attribute) == name);
    // `ignore` alone, without `= "reason"`.
    let ignored_at = named("ignore")
        .map(|attribute| attribute.clone().into_iter().collect())
        .and_then(|tokens: Vec<TokenTree>| match tokens.as_slice() {
            [alone] => Some(alone.span().start().line),
            _ => None,
        });
    let mut names = BTreeSet::new();
    let mut sleeps_at = None;
    let mut previous = String::new();
    for_each_ident(body, &mut |ident| {
        // A function named `sleep` that makes the command of a task is something else.
        if ident == "sleep" && matches!(previous.as_str(), "thread" | "time") {
            sleeps_at = sleeps_at.or(Some(ident.span().start().line));
        }
        previous = ident.to_string();
        names.insert(ident.to_string());
    });
    let asserts = names.iter().any(|name| {
        name.starts_with("assert") || name.starts_with("prop_assert") || name == "panic"
    });
    let can_fail = named("should_panic").is_some()
        || name.contains("never_panic")
        || has_question_mark(body)
        || ["unwrap", "unwrap_err", "expect", "expect_err"]
            .iter()
            .any(|name| names.contains(*name));
    Function {
        name,
        line,
        is_test: named("test").is_some(),
        ignored_at,
        sleeps_at,
        asserts,
        can_fail,
        names,
    }
}

/// `test` of `#[test]`, `#[tokio::test]` and `#[tokio::test(flavor = "…")]`.
fn last_of_path(attribute: &TokenStream) -> String {
    let mut last = String::new();
    for token in attribute.clone() {
        match token {
            TokenTree::Ident(ident) => last = ident.to_string(),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => break,
        }
    }
    last
}

fn has_question_mark(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Group(group) => has_question_mark(&group.stream()),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::file;
    use super::super::check;

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files.iter().map(|(path, text)| file(path, text)).collect();
        check(&files).iter().map(ToString::to_string).collect()
    }

    fn in_tests(text: &str) -> Vec<String> {
        messages(&[("crates/x/tests/a.rs", text)])
    }

    /// A test that proves nothing is reported, in a module and in a macro too.
    #[test]
    fn tests_without_assertions_are_reported() {
        for text in [
            "#[test]\nfn nothing() { run(); }",
            "mod tests {\n#[tokio::test(flavor = \"x\")] pub async fn nothing() { run().await; } }",
            "proptest! {\n#[test] fn nothing(x in 0..3) { run(x); } }",
            "#[test]\n/// With `assert!` only in a comment.\nfn nothing() { run(\"assert\"); }",
        ] {
            let found = in_tests(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("nothing asserts nothing"), "{found:?}");
        }
    }

    /// Assertions, unwrapped results and expected panics all count.
    #[test]
    fn tests_that_can_fail_are_accepted() {
        for body in ["assert_eq!(1, 1);", "f().unwrap();", "f()?;", "prop_assert!(f());"] {
            assert_eq!(in_tests(&format!("#[test] fn t() {{ {body} }}")), [""; 0], "{body}");
        }
        assert_eq!(in_tests("#[test] fn bad_input_never_panics() { f(); }"), [""; 0]);
        assert_eq!(in_tests("#[test] #[should_panic(expected = \"x\")] fn t() { f(); }"), [""; 0]);
    }

    /// A function of the same file or of the package's tests may do the asserting.
    #[test]
    fn assertions_count_through_functions_of_the_tests() {
        let here = "#[test] fn t() { agree(1); } fn agree(x: u8) { both(x); } fn both(x: u8) { assert!(x); }";
        assert_eq!(in_tests(here), [""; 0]);
        let test = ("crates/x/tests/a.rs", "#[test] fn t() { agree(1); }");
        let support = "fn agree(x: u8) { assert!(x > 0); }";
        assert_eq!(messages(&[test, ("crates/x/tests/world.rs", support)]), [""; 0]);
        // Not those of another package.
        assert_eq!(messages(&[test, ("crates/y/tests/world.rs", support)]).len(), 1);
    }

    /// A test may be left out only with a reason.
    #[test]
    fn ignored_tests_need_a_reason() {
        assert_eq!(
            in_tests("#[test] #[ignore = \"needs root\"] fn t() { assert!(f()); }"),
            [""; 0]
        );
        let found = in_tests("#[test]\n#[ignore]\nfn t() { assert!(f()); }");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("crates/x/tests/a.rs:2: #[ignore] without a reason"),
            "{found:?}"
        );
    }

    /// A test body does not sleep; a bounded wait for a condition, in a function of its own, may.
    #[test]
    fn tests_do_not_sleep() {
        let found = in_tests("#[test] fn t() {\n thread::sleep(x); assert!(f()); }");
        assert!(found[0].starts_with("crates/x/tests/a.rs:2: a test that sleeps"), "{found:?}");
        let command = "#[test] fn t() { assert!(run(sleep())); } fn sleep() -> Command { f() }";
        assert_eq!(in_tests(command), [""; 0]);
        let waits =
            "#[test] fn t() { until(f); } fn until(f: F) { thread::sleep(x); assert!(f()); }";
        assert_eq!(in_tests(waits), [""; 0]);
    }
}
