//! What each fuzzing target does with its input. A target is a function of bytes that panics when a
//! promise is broken; libFuzzer calls it with what it makes up, a test of the workspace with the corpus.

mod agents;
mod backups;
mod choices;
mod masters;
mod messages;
mod parts;
mod records;
mod streams;
mod texts;

pub use agents::agent;
pub use backups::backup;
pub use masters::master;
pub use messages::{json, protobuf};
pub use records::{checkpoints, registry};
pub use streams::recordio;
pub use texts::text;

/// One input taken by one target.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its folder in the corpus.
pub const TARGETS: [(&str, Target); 9] = [
    ("registry", registry),
    ("checkpoints", checkpoints),
    ("backup", backup),
    ("master", master),
    ("agent", agent),
    ("json", json),
    ("protobuf", protobuf),
    ("recordio", recordio),
    ("text", text),
];
