//! Code blocks of a guide: what is run, and what it is said to print.

/// A block marked `sh`, and the block marked `text` right behind it, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) heading: String,
    pub(crate) script: String,
    /// Lines that are printed, in any order; `…` stands for anything.
    pub(crate) prints: Vec<String>,
}

/// The steps of a guide, in order.
pub(crate) fn steps(markdown: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut heading = String::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            line.trim_start_matches(['#', ' ']).clone_into(&mut heading);
        }
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match language {
            "sh" => steps.push(Step {
                heading: heading.clone(),
                script: block.join("\n"),
                prints: Vec::new(),
            }),
            "text" => {
                let step = steps.last_mut().expect("what is printed stands behind what prints it");
                assert!(step.prints.is_empty(), "two blocks of text behind one of sh");
                step.prints = block.into_iter().map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    steps
}

/// Whether `line` is what `pattern` says; runs of spaces are one.
pub(crate) fn fits(line: &str, pattern: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (line, pattern) = (plain(line), plain(pattern));
    crate::gaps::matches(&pattern, '…', &line)
}

/// Blocks are found with their headings and what they print; blocks in other languages are not run.
#[test]
fn blocks_are_found_with_what_they_print() {
    let step = |heading: &str, script: &str, prints: &[&str]| Step {
        heading: heading.to_owned(),
        script: script.to_owned(),
        prints: prints.iter().map(|&line| line.to_owned()).collect(),
    };
    let text =
        "# A\n```sh\na\n\nb\n```\n## B\n```ini\nx\n```\n```sh\nc\n```\n\n```text\nd\ne\n```\n";
    assert_eq!(steps(text), [step("A", "a\n\nb", &[]), step("B", "c", &["d", "e"])]);
}

/// A pattern stands for the whole line, whatever the dots stand for.
#[test]
fn patterns_stand_for_whole_lines() {
    for (pattern, line, expected) in [
        ("node-1 … ACTIVE …", "node-1   127.0.0.1  S0  ACTIVE  0", true),
        ("node-1 … ACTIVE …", "node-1   127.0.0.1  S0  DRAINED  0", false),
        ("exit code 5", "exit code 5", true),
        ("exit code 5", "exit code 51", false),
        ("… done", "all done", true),
        ("… done", "done all", false),
        ("a…b…c", "a x b y c", true),
        ("a…b…c", "a x c y b", false),
    ] {
        assert_eq!(fits(line, pattern), expected, "{pattern} / {line}");
    }
}
