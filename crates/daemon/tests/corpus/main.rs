//! What fuzzing knows, without a fuzzer: every input of its corpus, and every one that ever broke
//! something, once more.

#[path = "../../../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "the crate of the fuzzing targets has them from it")]
mod bodies;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn inputs(kind: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(kind).join(target);
    // No input of the target ever broke anything.
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

/// No input of the corpus, and none that was ever found, breaks a promise.
#[test]
fn no_known_input_breaks_a_promise() {
    let mut broken = Vec::new();
    for (name, target) in bodies::TARGETS {
        let corpus = inputs("corpus", name);
        assert!(!corpus.is_empty(), "{name} has a corpus");
        for path in corpus.into_iter().chain(inputs("crashes", name)) {
            let input = std::fs::read(&path).expect("it can be read");
            if catch_unwind(|| target(&input)).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "see above for what broke with {broken:#?}");
}
