//! The question before a node is removed for good.

use std::io::{BufRead as _, IsTerminal as _};

use crate::exit::Failure;
use crate::node::Node;
use crate::output;

/// Says what will be lost and wants the host name typed. `when` is when it happens.
///
/// # Errors
/// There is nobody to ask, or another name was typed.
pub(super) fn ask(node: &Node, when: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "decommissioning {} needs a confirmation, and standard input is not a terminal",
            node.title()
        ))
        .hint("give --yes if you are sure"));
    }
    for line in plan(node, when) {
        output::talk(&line);
    }
    output::raw_talk(&format!("Type the host name '{}' to go on: ", node.hostname));
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::error(format!("cannot read the answer: {error}")))?;
    if answer.trim() == node.hostname {
        return Ok(());
    }
    Err(Failure::error("not confirmed; nothing was changed"))
}

fn plan(node: &Node, when: &str) -> Vec<String> {
    let tasks = match node.tasks {
        0 => "nothing runs there".to_owned(),
        n => format!("{} there", output::words::count(n, "task")),
    };
    vec![
        format!("Decommissioning {} ({}, {tasks}) {when}.", node.title(), node.status()),
        "This cannot be undone:".to_owned(),
        "  - its persistent volumes and sandboxes count as lost".to_owned(),
        format!("  - agent {} is never let in again", node.id),
        "  - to come back, its work directory has to be wiped; it will be a new node".to_owned(),
    ]
}
