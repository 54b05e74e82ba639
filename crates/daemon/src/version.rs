//! Which Ebb this is, and which Mesos its APIs speak.

/// The Mesos release whose APIs are spoken; clients compare it.
pub const MESOS_VERSION: &str = "1.12.0";
/// This program's own version.
pub const EBB_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The answer to `GET_VERSION`.
pub fn info() -> wire::v1::VersionInfo {
    wire::v1::VersionInfo {
        version: MESOS_VERSION.to_owned(),
        git_tag: Some(format!("ebb-{EBB_VERSION}")),
        ..wire::v1::VersionInfo::default()
    }
}
