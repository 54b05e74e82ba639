//! Rules that hold for text of any kind: paths of private places, open ends without an issue.

use super::Problem;
use super::tree::File;

/// Taken apart, or this file would break its own rules.
const OPEN_ENDS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// A place or document that only one developer's machine has, and where it may stand all the same.
struct Private {
    word: &'static str,
    except: Option<&'static str>,
}

const PRIVATE: &[Private] = &[
    Private { word: concat!("/wo", "rk/"), except: None },
    Private { word: concat!("/tmp/", "target"), except: None },
    Private { word: concat!(".lib", "rary/"), except: None },
    Private { word: concat!("../sha", "red"), except: Some(".ci/run") },
    Private { word: concat!("mesos-", "semantics"), except: None },
    Private { word: concat!("codebase-", "anchors"), except: None },
    Private { word: concat!("design", ".md"), except: None },
];

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.name() != "Cargo.lock") {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(word) = open_end(line) {
                problems.push(Problem::new(
                    &file.path,
                    index + 1,
                    format!("{word} without an issue: write {word}(#12), or do it now"),
                ));
            }
            if let Some(word) = private_word(&file.path, line) {
                problems.push(Problem::new(
                    &file.path,
                    index + 1,
                    format!("`{word}` exists on no other machine: say the thing itself, or link to docs/"),
                ));
            }
        }
    }
    problems
}

/// The first open end of the line that no issue number follows.
fn open_end(line: &str) -> Option<&'static str> {
    OPEN_ENDS.iter().copied().find(|word| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let rest = &line[at + word.len()..];
            let whole_word = !before.is_some_and(is_word) && !rest.starts_with(is_word);
            whole_word && !has_issue(rest)
        })
    })
}

fn has_issue(rest: &str) -> bool {
    rest.strip_prefix("(#")
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(number, _)| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

fn private_word(path: &str, line: &str) -> Option<&'static str> {
    PRIVATE
        .iter()
        .filter(|private| private.except != Some(path))
        .find(|private| {
            line.match_indices(private.word).any(|(at, _)| {
                // The same folder name below another folder is another path.
                let before = line[..at].chars().next_back();
                !private.word.starts_with('/')
                    || !before
                        .is_some_and(|c| is_word(c) || matches!(c, '.' | '-' | '}' | ')' | '~'))
            })
        })
        .map(|private| private.word)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::super::tree::file;
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&[file(path, text)]).into_iter().map(|problem| problem.line).collect()
    }

    /// An open end is accepted with the number of an issue and refused without.
    #[test]
    fn open_ends_need_an_issue() {
        let word = OPEN_ENDS[0];
        let text = format!("fine\n// {word}: later\n// {word}(#12): later\n// {word}(#): later\n");
        assert_eq!(lines("a.rs", &text), [2, 4]);
        assert_eq!(lines("a.md", OPEN_ENDS[1]), [1]);
        assert_eq!(lines("a.rs", &format!("MY_{word}S lowercase too")), [0; 0]);
    }

    /// Each private word is found, and the message shows it.
    #[test]
    fn private_words_are_found() {
        for private in PRIVATE {
            let text = format!("ok\nsee {}x for more\n", private.word);
            let problems = check(&[file("docs/a.md", &text)]);
            assert_eq!(problems.len(), 1, "{}", private.word);
            assert_eq!(problems[0].line, 2);
            assert!(problems[0].message.contains(private.word));
        }
    }

    /// A folder of that name below another one is somebody's ordinary path.
    #[test]
    fn a_private_folder_name_inside_another_path_is_accepted() {
        let folder = PRIVATE[0].word;
        for before in ["/var/lib/ebb", "{dir}", "$DIR", "~"] {
            assert_eq!(lines("a.rs", &format!("\"{before}{folder}\"")), [0; 0], "{before}");
        }
    }

    /// CI lays recorded answers beside the clone; only its script may say so.
    #[test]
    fn an_exception_holds_for_its_one_file() {
        let text = format!("cd {}/captures", PRIVATE[3].word);
        assert_eq!(lines(".ci/run", &text), [0; 0]);
        assert_eq!(lines("justfile", &text), [1]);
    }
}
