//! Which Ebb this is, and which Mesos its APIs speak.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// The Mesos release whose APIs are spoken; clients compare it.
pub const MESOS_VERSION: &str = "1.12.0";
/// This program's own version.
pub const EBB_VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit it was built from, where the build was told.
const GIT_SHA: Option<&str> = option_env!("EBB_GIT_SHA");
const GIT_BRANCH: Option<&str> = option_env!("EBB_GIT_BRANCH");

/// Version and build as the older endpoints show them.
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    pub version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_sha: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<&'static str>,
    pub git_tag: String,
    pub build_date: String,
    /// Seconds since the epoch.
    pub build_time: f64,
    pub build_user: &'static str,
}

/// This build.
pub fn build() -> &'static Build {
    static BUILD: OnceLock<Build> = OnceLock::new();
    BUILD.get_or_init(|| {
        let built = built_at();
        let date = humantime::format_rfc3339_seconds(built).to_string();
        let since_epoch = built.duration_since(UNIX_EPOCH).unwrap_or_default();
        Build {
            version: MESOS_VERSION,
            git_sha: GIT_SHA,
            git_branch: GIT_BRANCH,
            git_tag: format!("ebb-{EBB_VERSION}"),
            build_date: date.replace('T', " ").replace('Z', " UTC"),
            build_time: Duration::from_secs(since_epoch.as_secs()).as_secs_f64(),
            build_user: "",
        }
    })
}

/// What the build says; else the age of the program file: nothing that changes with every build is compiled in.
fn built_at() -> SystemTime {
    let said = option_env!("SOURCE_DATE_EPOCH").and_then(|seconds| seconds.parse().ok());
    let said = said.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    let modified = || std::env::current_exe().ok()?.metadata().ok()?.modified().ok();
    said.or_else(modified).unwrap_or(UNIX_EPOCH)
}

/// The answer to `GET_VERSION`.
pub fn info() -> wire::v1::VersionInfo {
    let build = build();
    wire::v1::VersionInfo {
        version: build.version.to_owned(),
        build_date: Some(build.build_date.clone()),
        build_time: Some(build.build_time),
        build_user: Some(build.build_user.to_owned()),
        git_sha: build.git_sha.map(str::to_owned),
        git_branch: build.git_branch.map(str::to_owned),
        git_tag: Some(build.git_tag.clone()),
    }
}
