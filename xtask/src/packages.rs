//! The Debian packages the tests need, and how they get onto the machine.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

/// What to do about a package that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Install it when allowed to, else say how and stop.
    Install,
    /// Say so and go on.
    Name,
}

/// Program, the Debian package that brings it, what uses it.
const NEEDED: &[(&str, &str, &str)] = &[
    ("curl", "curl", "the test of the guide to several masters"),
    ("etcd", "etcd-server", "tests of several masters"),
    ("etcdctl", "etcd-client", "tests of several masters, to add users"),
    ("git", "git", "the simulator's self-test, to apply patches to a copy"),
    (
        "ip",
        "iproute2",
        "tests that look at listening sockets, and hosts with addresses of their own",
    ),
    ("nft", "nftables", "tests that cut links between hosts"),
    ("openssl", "openssl", "tests of TLS between masters and etcd"),
    ("python3", "python3", "clients of other languages in the end-to-end tests"),
    ("tmux", "tmux", "tests of what a terminal shows"),
];

/// Makes sure that every program of [`NEEDED`] is there, in the way `missing` says.
pub(crate) fn provide(missing: Missing) -> anyhow::Result<()> {
    let absent: Vec<_> = NEEDED.iter().filter(|(program, ..)| !is_installed(program)).collect();
    if absent.is_empty() {
        return Ok(());
    }
    for (program, package, used_by) in &absent {
        println!("missing: {program} (Debian package {package}), used by {used_by}");
    }
    if missing == Missing::Name {
        return Ok(());
    }
    let packages: Vec<&str> = absent.iter().map(|(_, package, _)| *package).collect();
    let by_hand = command_line(&packages);
    anyhow::ensure!(
        is_root()? && is_installed("apt-get"),
        "cannot install them without root and apt-get\n  \
         run: sudo sh -c '{by_hand}'\n  or go on without them: --no-install"
    );
    println!("installing: {}", packages.join(" "));
    apt(&["update"]).with_context(|| format!("run it by hand: {by_hand}"))?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&packages);
    apt(&install).with_context(|| format!("run it by hand: {by_hand}"))
}

fn command_line(packages: &[&str]) -> String {
    format!(
        "apt-get update && apt-get install --yes --no-install-recommends {}",
        packages.join(" ")
    )
}

fn apt(args: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()
        .context("cannot run apt-get")?;
    anyhow::ensure!(status.success(), "apt-get {} failed: {status}", args.join(" "));
    Ok(())
}

/// Looks along `PATH`, and in the `sbin` folders that an ordinary user's `PATH` leaves out.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|folder| folder.join(program).is_file())
}

fn is_root() -> anyhow::Result<bool> {
    let status = Path::new("/proc/self/status");
    let text = std::fs::read_to_string(status)
        .with_context(|| format!("cannot read {}", status.display()))?;
    Ok(effective_uid(&text) == Some(0))
}

/// The second number of the line `Uid: real effective saved filesystem`.
fn effective_uid(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who may install is decided by the effective user id, not by the real one.
    #[test]
    fn effective_uid_is_the_second_number() {
        assert_eq!(effective_uid("Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t1\n"), Some(0));
        assert_eq!(effective_uid("Uid:\t0\t1000\t0\t0\n"), Some(1000));
        assert_eq!(effective_uid("Name:\tx\n"), None);
    }

    /// A program that exists nowhere counts as missing; one that every Debian has does not.
    #[test]
    fn programs_are_looked_up_on_the_path() {
        assert!(is_installed("sh"));
        assert!(!is_installed("no-such-program-anywhere"));
    }

    /// The command people are told to run names every missing package.
    #[test]
    fn command_line_names_the_packages() {
        let line = command_line(&["tmux", "python3"]);
        assert!(line.ends_with("--no-install-recommends tmux python3"), "{line}");
    }
}
