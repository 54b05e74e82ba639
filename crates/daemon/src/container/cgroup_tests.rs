use super::*;
use crate::container::testing::{Family, PATIENCE, within};

/// A directory of plain files that looks like a delegated cgroup.
fn fake_root(controllers: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for dir in ["", "ebb", "ebb/agent-1"] {
        let dir = root.path().join(dir);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("cgroup.controllers"), controllers).unwrap();
        fs::write(dir.join("cgroup.subtree_control"), "").unwrap();
    }
    root
}

/// A part of the real hierarchy for one test, removed at its end.
struct Real {
    root: PathBuf,
    cgroups: Cgroups,
}

impl Real {
    /// `None` after a line that says why the test does nothing.
    fn new(test: &str) -> Option<Self> {
        let text = |file: &str| fs::read_to_string(file).unwrap();
        let own = own_cgroup(&text("/proc/self/mountinfo"), &text("/proc/self/cgroup"));
        let root = own.map(|own| own.join(format!("ebb-test-{test}-{}", std::process::id())));
        let Some(root) = root.filter(|root| fs::create_dir(root).is_ok()) else {
            println!("skipped: needs a writable cgroup v2 hierarchy");
            return None;
        };
        let cgroups = Cgroups::detect(Some(&root), "agent-1").unwrap();
        Some(Self { root, cgroups })
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        remove_tree(&self.root, DEPTH_LIMIT).expect("the test has emptied its cgroups");
    }
}

#[test]
fn an_id_that_leads_out_of_the_agents_directory_is_refused() {
    // Killing `..` would kill other agents' containers, killing the empty id all of this agent's.
    let root = fake_root("");
    let cgroups = Cgroups::at(root.path(), "agent-1").unwrap();
    for id in ["", ".", "..", "../x", "a/b", "/", "a\0"] {
        assert!(cgroups.open(id).is_err(), "{id:?}");
        assert!(Cgroups::at(root.path(), id).is_err(), "{id:?}");
    }
}

#[test]
fn the_own_cgroup_is_found_in_hybrid_nested_and_escaped_mounts() {
    // Version 1 mounts are ignored, and the root of the mount is taken off the path.
    let line = |root: &str, point: &str, kind: &str| {
        format!("36 35 0:30 {root} {point} rw,relatime shared:9 - {kind} {kind} rw\n")
    };
    let hybrid =
        line("/", "/sys/fs/cgroup/cpu", "cgroup") + &line("/", "/sys/fs/cgroup/unified", "cgroup2");
    let own = |mounts: &str, cgroup: &str| own_cgroup(mounts, cgroup);
    assert_eq!(own(&hybrid, "3:cpu:/x\n0::/\n"), Some("/sys/fs/cgroup/unified".into()));
    assert_eq!(own(&hybrid, "0::/a/b\n"), Some("/sys/fs/cgroup/unified/a/b".into()));
    let nested = line("/pod", "/sys/fs/cgroup", "cgroup2");
    assert_eq!(own(&nested, "0::/pod/me\n"), Some("/sys/fs/cgroup/me".into()));
    assert_eq!(own(&nested, "0::/elsewhere\n"), None);
    let escaped = line("/", "/mnt/c\\040g", "cgroup2");
    assert_eq!(own(&escaped, "0::/x\n"), Some("/mnt/c g/x".into()));
    assert_eq!(own(&line("/", "/sys/fs/cgroup", "cgroup"), "0::/x\n"), None);
    assert_eq!(own(&hybrid, "3:cpu:/x\n"), None);
    assert_eq!(own("broken", "0::/x\n"), None);
}

#[test]
fn a_directory_that_is_no_cgroup_is_refused_with_the_reason() {
    // Plain directories and missing ones are not mistaken for cgroups.
    let dir = tempfile::tempdir().unwrap();
    for root in [dir.path(), Path::new("/no/such/cgroup")] {
        let error = Cgroups::detect(Some(root), "agent-1").unwrap_err();
        assert!(matches!(&error, WhyNot::NotCgroup2(path) if path == root), "{error}");
    }
}

#[test]
fn delegated_controllers_are_passed_down_and_limits_written() {
    // memory and cpu are delegated, pids is not: it is reported with the directory to look at.
    let root = fake_root("cpu memory\n");
    let cgroups = Cgroups::at(root.path(), "agent-1").unwrap();
    assert_eq!(
        *cgroups.not_enforced(),
        BTreeMap::from([(Controller::Pids, NotEnforced::NotDelegated(root.path().into()))])
    );
    let cgroup = cgroups.open("c-1").unwrap();
    fs::create_dir(cgroup.path()).unwrap();
    fs::write(cgroup.path().join("memory.max"), "").unwrap();
    fs::write(cgroup.path().join("cpu.max"), "").unwrap();
    let limits = Limits { memory_bytes: Some(1 << 20), cpu_millis: Some(250), pids: Some(9) };
    let (cgroup, missing) = cgroups.create("c-1", limits).unwrap();
    assert_eq!(missing.keys().collect::<Vec<_>>(), [&Controller::Pids]);
    let read = |file: &str| fs::read_to_string(cgroup.path().join(file)).unwrap();
    assert_eq!((read("memory.max"), read("cpu.max")), ("1048576".into(), "25000 100000".into()));
    assert_eq!(cgroups.container_ids().unwrap(), BTreeSet::from(["c-1".into()]));
}

#[test]
fn a_limit_that_the_kernel_refuses_is_reported_and_the_others_set() {
    // A missing control file is a refusal of that limit only.
    let root = fake_root("cpu memory pids\n");
    let cgroups = Cgroups::at(root.path(), "agent-1").unwrap();
    let cgroup = cgroups.open("c-1").unwrap();
    fs::create_dir(cgroup.path()).unwrap();
    fs::write(cgroup.path().join("pids.max"), "").unwrap();
    let limits = Limits { memory_bytes: Some(1), cpu_millis: None, pids: Some(9) };
    let (_, missing) = cgroups.create("c-1", limits).unwrap();
    assert!(matches!(missing[&Controller::Memory], NotEnforced::Refused { .. }));
    assert_eq!(missing.len(), 1);
    assert_eq!(fs::read_to_string(cgroup.path().join("pids.max")).unwrap(), "9");
}

#[test]
fn tiny_and_huge_cpu_shares_stay_within_what_the_kernel_takes() {
    // The quota is never below one millisecond and never overflows.
    assert_eq!(cpu_max(0), "1000 100000");
    assert_eq!(cpu_max(1), "1000 100000");
    assert_eq!(cpu_max(1500), "150000 100000");
    assert!(cpu_max(u64::MAX).ends_with(" 100000"));
}

#[tokio::test]
async fn a_missing_cgroup_counts_as_empty() {
    // After a crash between kill and removal, doing it again succeeds.
    let root = fake_root("");
    let cgroup = Cgroups::at(root.path(), "agent-1").unwrap().open("never-made").unwrap();
    cgroup.kill().unwrap();
    assert!(!cgroup.is_populated().unwrap());
    assert!(cgroup.wait_empty(Duration::ZERO).await.unwrap());
    cgroup.remove().unwrap();
}

#[tokio::test]
async fn killing_a_cgroup_ends_all_in_it_and_the_kernel_tells_when() {
    // The program was born inside; its daemon can't escape; then the directory can be removed.
    let Some(real) = Real::new("kill") else { return };
    let (cgroup, _) = real.cgroups.create("c-1", Limits::default()).unwrap();
    assert!(!cgroup.is_populated().unwrap());
    let daemon = "(setsid env -i sh -c 'echo ready; read line <&3' &) &";
    let family = Family::start_with(&format!("{daemon} read line <&3"), |spec| {
        spec.cgroup = Some(cgroup.path().into());
    });
    family.ready(1);
    assert!(cgroup.is_populated().unwrap());
    assert!(!cgroup.wait_empty(Duration::ZERO).await.unwrap());
    assert_eq!(cgroup.remove().unwrap_err().kind(), io::ErrorKind::ResourceBusy);
    cgroup.kill().unwrap();
    assert!(within(cgroup.wait_empty(PATIENCE)).await.unwrap());
    cgroup.remove().unwrap();
    assert!(!cgroup.exists());
}

#[tokio::test]
async fn the_notice_of_emptiness_comes_without_being_asked_again() {
    // The wait begins while a process runs and ends through its later end.
    let Some(real) = Real::new("notice") else { return };
    let (cgroup, _) = real.cgroups.create("c-1", Limits::default()).unwrap();
    let family = Family::start("read line <&3");
    cgroup.add(family.owner().pid).unwrap();
    let (emptied, ()) = tokio::join!(within(cgroup.wait_empty(PATIENCE)), async {
        tokio::task::yield_now().await;
        cgroup.kill().unwrap();
    });
    assert!(emptied.unwrap());
    cgroup.remove().unwrap();
}

#[tokio::test]
async fn cgroups_that_a_task_made_below_its_own_are_removed_too() {
    // Nested directories don't keep the container's directory from going away.
    let Some(real) = Real::new("nested") else { return };
    let (cgroup, _) = real.cgroups.create("c-1", Limits::default()).unwrap();
    fs::create_dir_all(cgroup.path().join("a/b")).unwrap();
    assert_eq!(real.cgroups.container_ids().unwrap(), BTreeSet::from(["c-1".into()]));
    cgroup.remove().unwrap();
}

#[tokio::test]
async fn destroying_a_container_kills_its_cgroup_first_and_removes_it() {
    // A daemon without marker whose owner died is reached through the cgroup alone.
    use crate::container::destroy::{ContainerRef, destroy};
    let Some(real) = Real::new("destroy") else { return };
    let (cgroup, _) = real.cgroups.create("c-1", Limits::default()).unwrap();
    let hidden = "setsid env -i sh -c 'echo ready; read line <&3' &";
    let family = Family::start_with(&format!("{hidden} read line <&3"), |spec| {
        spec.cgroup = Some(cgroup.path().into());
    });
    family.ready(1);
    let owner = family.owner().open().unwrap().unwrap();
    owner.signal(rustix::process::Signal::KILL).unwrap();
    within(owner.exited()).await.unwrap();
    let container = ContainerRef {
        marker: crate::container::marker::CONTAINER_ID,
        id: family.id().into(),
        owner: Some(family.owner()),
        cgroup: Some(cgroup.clone()),
    };
    let destroyed = within(destroy(&container, PATIENCE)).await.unwrap();
    assert!(destroyed.cgroup_left.is_none(), "{destroyed:?}");
    assert!(!cgroup.exists());
}
