//! `ebb registry` on files: what it says, and what it leaves alone.

use std::path::Path;

use daemon::master::registry::Record;
use daemon::store::{Store, Write};
use wire::registry::{Admission, AgentRecord};

use crate::program::{Said, ebb};

/// What a master keeps in its registry of its registry; `schema` is below 128.
fn meta(schema: u8) -> Write {
    Write::Put("meta".to_owned(), vec![0x08, schema])
}

fn registry(work_dir: &Path, records: &[Write]) {
    let store = Store::open(&work_dir.join("registry.redb")).expect("it can be made");
    store.commit(records).expect("it can be written");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn run(verb: &str, work_dir: &Path, more: &[&str]) -> Said {
    let args = ["registry", verb, "--work-dir", text(work_dir)];
    ebb(&[&args[..], more].concat())
}

/// Help tells what a backup is and that the master has to be stopped, and fits 80 columns where piped.
#[test]
fn help_tells_that_the_master_has_to_be_stopped() {
    for verb in ["show", "export", "import"] {
        let said = ebb(&["registry", verb, "--help"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert!(said.out.contains("The master has to be stopped"), "{}", said.out);
        let missing = ebb(&["registry", verb]);
        assert_eq!(missing.code, 2, "{missing:?}");
        assert!(missing.err.contains("--work-dir <DIR>"), "{missing:?}");
    }
}

/// Without a registry, show and export say so and make nothing; a file that is none is left as it is.
#[test]
fn a_registry_that_is_missing_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let (none, garbage) = (dir.path().join("none"), dir.path().join("garbage"));
    let backup = dir.path().join("backup");
    std::fs::create_dir(&garbage).unwrap();
    let file = garbage.join("registry.redb");
    std::fs::write(&file, "no database").unwrap();
    for (verb, more) in [("show", vec![]), ("export", vec![]), ("export", vec![text(&backup)])] {
        for work_dir in [none.as_path(), dir.path()] {
            let said = run(verb, work_dir, &more);
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
            let expected = format!("error: there is no registry in {}: ", work_dir.display());
            assert!(said.err.starts_with(&expected) && said.err.contains("\nhint: "), "{said:?}");
        }
        let said = run(verb, &garbage, &more);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.err.contains(text(&file)), "{said:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "no database");
    }
    assert!(!none.exists() && !backup.exists() && !dir.path().join("registry.redb").exists());
}

/// A registry of a newer Ebb is refused by name by the master and by every command, and stays as it is.
#[test]
fn a_registry_of_a_newer_ebb_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let backup = dir.path().join("backup");
    registry(&old, &[meta(1)]);
    assert_eq!(run("export", &old, &[text(&backup)]).code, 0);
    registry(&new, &[meta(2), Write::Put("a-new-kind".to_owned(), vec![1])]);
    let work_dir = format!("--work-dir={}", new.display());
    for said in [
        ebb(&["master", "--port=0", &work_dir]),
        run("show", &new, &[]),
        run("export", &new, &[]),
        run("import", &new, &[text(&backup), "--force", "--yes"]),
    ] {
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        let expected =
            "was written by a newer Ebb: its schema is 2, this one knows 1; start the Ebb";
        assert!(said.err.contains(expected), "{said:?}");
    }
    let store = Store::open(&new.join("registry.redb")).unwrap();
    assert_eq!(store.load().unwrap().len(), 2);
}

/// A registry whose records contradict each other is refused by the names of their agents, by a master that
/// starts on it and by an import of its backup, and nothing is changed.
#[test]
fn a_registry_that_contradicts_itself_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let backup = dir.path().join("backup");
    let keyed = |id: &str, admission: Admission| {
        let agent_id = Some(wire::v1::AgentId { value: id.to_owned() });
        let info = wire::v1::AgentInfo { hostname: "h".to_owned(), ..Default::default() };
        let record = AgentRecord {
            agent_id,
            info: Some(info),
            admission: Some(admission.into()),
            admission_key: Some("same".to_owned()),
            ..AgentRecord::default()
        };
        Record::Agent(Box::new(record)).put()
    };
    registry(&old, &[keyed("S0", Admission::Gone), keyed("S1", Admission::Admitted)]);
    assert_eq!(run("export", &old, &[text(&backup)]).code, 0);
    let work_dir = format!("--work-dir={}", old.display());
    for said in [
        ebb(&["master", "--port=0", &work_dir]),
        run("import", &new, &[text(&backup), "--force", "--yes"]),
    ] {
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        let expected = "records of agents S0 and S1 contradict each other";
        assert!(said.err.contains(expected) && !said.err.contains("panicked"), "{said:?}");
    }
    assert!(!new.exists());
}

/// What cannot be imported is refused with its reason before there is so much as a directory.
#[test]
fn a_file_that_is_no_backup_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (work_dir, file) = (dir.path().join("work"), dir.path().join("file"));
    let header = |version: u8, schema: u8| {
        format!(
            r#"{{"format":"ebb-registry","version":{version},"schema_version":{schema},"cluster_id":null,"records":0}}"#
        )
    };
    for (contents, expected) in [
        (String::new(), "it is empty; a backup begins with"),
        ("hello\n".to_owned(), "line 1 is no header of a backup"),
        (r#"{"format":"tar"}"#.to_owned(), r#"its format is "tar", and should be "ebb-registry""#),
        (header(2, 1), "its version is 2, and this Ebb reads version 1"),
        (header(1, 2), "its schema is 2, this one knows 1"),
        (header(1, 1), "it is cut off: 0 of 0 records are there"),
    ] {
        std::fs::write(&file, contents).unwrap();
        let said = run("import", &work_dir, &[text(&file), "--force", "--yes"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        assert!(said.err.contains(expected), "{expected}: {said:?}");
        assert!(said.err.ends_with("\nhint: nothing was changed\n"), "{said:?}");
    }
    let said = run("import", &work_dir, &["/none"]);
    assert!(said.code == 1 && said.err.contains("cannot read the backup /none"), "{said:?}");
    assert!(!work_dir.exists());
}

/// A registry with records in it is replaced only when that is asked for and confirmed.
#[test]
fn a_registry_with_records_is_replaced_only_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (empty, full) = (dir.path().join("empty"), dir.path().join("full"));
    let backup = dir.path().join("backup");
    registry(&empty, &[meta(1)]);
    assert_eq!(run("export", &empty, &[text(&backup)]).code, 0);
    // Damaged: that is what backups are for.
    registry(&full, &[meta(1), Write::Put("agents/S0".to_owned(), vec![0xff])]);
    let said = run("show", &full, &[]);
    assert!(said.code == 1 && said.err.contains("cannot be read: agents/S0"), "{said:?}");
    for (more, code, expected) in [
        (&[][..], 1, "is not empty (1 record); nothing was changed\nhint: --force"),
        (&["--yes"], 1, "is not empty (1 record)"),
        (&["--force"], 2, "needs a confirmation, and standard input is not a terminal"),
        (&["--force", "--yes"], 0, "1 record imported into "),
        (&[], 0, "1 record imported into "),
    ] {
        let said = run("import", &full, &[&[text(&backup)], more].concat());
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{more:?}: {said:?}");
        assert!(said.err.contains(expected), "{more:?}: {said:?}");
    }
    assert_eq!(run("export", &full, &[]).out, std::fs::read_to_string(&backup).unwrap());
}

/// A backup that standard output does not take is an error, not a success with half of it.
#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    registry(dir.path(), &[meta(1)]);
    let args = ["registry", "export", "--work-dir", text(dir.path())];
    let full = std::fs::File::create("/dev/full").unwrap();
    let output =
        crate::program::command(crate::program::EBB.as_ref(), &args).stdout(full).output().unwrap();
    let said = Said::from(output);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("cannot write the backup to standard output"), "{said:?}");
}
