//! Tests that the documents name exist: a page that points at one must not outlive it.

use super::Problem;
use super::tree::File;

/// Names such as `` `d01_a_teardown_ends_the_drain` `` in Markdown are functions of this tree.
pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let functions: Vec<&str> = files
        .iter()
        .filter(|file| file.has_extension("rs"))
        .flat_map(|file| file.text.lines())
        .filter_map(|line| line.trim_start().trim_start_matches("async ").strip_prefix("fn "))
        .filter_map(|rest| rest.split('(').next())
        .collect();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("md")) {
        for (number, line) in file.text.lines().enumerate() {
            for name in line.split('`').skip(1).step_by(2).filter(|name| is_defect_test(name)) {
                if !functions.contains(&name) {
                    let message = format!("there is no test {name}: name one that exists");
                    problems.push(Problem::new(&file.path, number + 1, message));
                }
            }
        }
    }
    problems
}

/// `d`, two digits, an underscore and more.
fn is_defect_test(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() > 4
        && bytes[0] == b'd'
        && bytes[1..3].iter().all(u8::is_ascii_digit)
        && bytes[3] == b'_'
        && name.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// A test that is named and not there is found; one that is there, and other code, is left alone.
    #[test]
    fn missing_tests_are_found() {
        let code = file("a.rs", "#[test]\nfn d01_here() {}\n    async fn d02_here_too() {}\n");
        let page = file("a.md", "`d01_here`, `d02_here_too`, `d10x`\n\n`d03_gone` and `x`\n");
        let problems = check(&[code, page]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!((problems[0].path.as_str(), problems[0].line), ("a.md", 3));
    }
}
