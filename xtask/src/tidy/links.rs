//! Links between the Markdown files lead to files and headings that exist.

use super::Problem;
use super::tree::File;

/// `exists` says of a path from the top of the tree whether there is a file or folder.
pub(super) fn check(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("md")) {
        for (line, target) in links(&file.text) {
            if let Some(message) = broken(files, file, &target, &exists) {
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

fn broken(
    files: &[File],
    file: &File,
    target: &str,
    exists: &impl Fn(&str) -> bool,
) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').map_or((target, None), |(p, h)| (p, Some(h)));
    let full = if path.is_empty() { Some(file.path.clone()) } else { resolve(&file.path, path) };
    let Some(full) = full.filter(|full| exists(full)) else {
        return Some(format!(
            "there is no {path}: link to a file of this tree, from this file's folder"
        ));
    };
    let heading = heading?;
    let page = files.iter().find(|other| other.path == full)?;
    let found = slugs(&page.text).iter().any(|slug| slug == heading);
    (!found).then(|| format!("{full} has no heading #{heading}"))
}

/// Joins a link onto the folder of the file it stands in; nothing when it leaves the tree.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Targets of `[text](target)` and `[label]: target`, with their line. Code is left out.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code_spans(line);
        let inline = line.split("](").skip(1).filter_map(|after| after.split_once(')'));
        let label = line.trim_start().strip_prefix('[').and_then(|line| line.split_once("]: "));
        let targets = inline.map(|(target, _)| target).chain(label.map(|(_, target)| target));
        // A title may follow the target.
        links.extend(
            targets.filter_map(|t| t.split_whitespace().next()).map(|t| (number, t.to_owned())),
        );
    }
    links
}

/// The lines outside fenced code, counted from 1.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((index + 1, line));
        }
    }
    lines
}

fn without_code_spans(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The anchors of a page's headings, made as the usual Markdown hosts make them.
fn slugs(text: &str) -> Vec<String> {
    prose(text)
        .into_iter()
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            title
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::file;
    use super::*;

    fn messages(files: &[File]) -> Vec<String> {
        check(files, |path| files.iter().any(|file| file.path == path))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Links are followed from the folder of the page, up and down the tree.
    #[test]
    fn links_are_resolved_from_the_page() {
        let page = "[a](../README.md) [b](0001.md) [c](./0001.md \"title\")\n\n[label]: 0001.md\n";
        let files = [
            file("docs/a.md", page),
            file("docs/0001.md", ""),
            file("README.md", "[d](docs/a.md)"),
        ];
        assert_eq!(messages(&files), [""; 0]);
    }

    /// A link into nothing is reported where it stands, in every way of writing it.
    #[test]
    fn broken_links_are_reported_with_their_line() {
        let files =
            [file("docs/a.md", "text\n[a](gone.md)\n[b](../../out.md)\n[label]: gone.md\n")];
        let found = messages(&files);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("docs/a.md:2: there is no gone.md"), "{found:?}");
        assert!(found[1].starts_with("docs/a.md:3:"), "{found:?}");
        assert!(found[2].starts_with("docs/a.md:4:"), "{found:?}");
    }

    /// A link to a heading needs that heading, on this page or another.
    #[test]
    fn headings_are_checked_too() {
        let text =
            "# The life of a drain\n[a](#the-life-of-a-drain) [b](#no-such)\n[c](b.md#here)\n";
        let found = messages(&[file("a.md", text), file("b.md", "## There\n")]);
        assert_eq!(
            found,
            ["a.md:2: a.md has no heading #no-such", "a.md:3: b.md has no heading #here"]
        );
    }

    /// What stands in code, and addresses of other hosts, are not links into this tree.
    #[test]
    fn code_and_other_hosts_are_left_alone() {
        let text =
            "`[a](no.md)`\n```\n[b](no.md)\n```\n[c](https://example.org/x) [d](mailto:a@b)\n";
        assert_eq!(messages(&[file("a.md", text)]), [""; 0]);
    }
}
