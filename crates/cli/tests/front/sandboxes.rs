//! `dcos task ls`, `dcos task download` and `dcos task metrics`.

use std::collections::BTreeMap;

use crate::client::Dcos;
use crate::commands;
use crate::framework::Framework;
use crate::job::{self, Job};
use crate::reads::{self, File, Metrics};
use crate::world::{NODE, World};

/// The sandbox of a task, as the client finds it among all names that the agent knows.
fn sandbox(dcos: &Dcos, name: &str) -> (String, String) {
    let task = commands::task(dcos, name).unwrap();
    let names = dcos.get(&format!("/agent/{}/files/debug", task.slave_id));
    let names: BTreeMap<String, String> = reads::document(&names).unwrap();
    let executor = if task.executor_id.is_empty() { &task.id } else { &task.executor_id };
    let container = task.container().unwrap();
    let run = container.parent.as_ref().map_or(&container.value, |parent| &parent.value);
    let end = format!("/frameworks/{}/executors/{executor}/runs/{run}", task.framework_id);
    let found = names.iter().find(|(name, _)| name.ends_with(&end));
    let (_, path) = found.unwrap_or_else(|| panic!("no {end} in {names:#?}"));
    (task.slave_id, path.clone())
}

/// A sandbox is found, listed and downloaded byte by byte. Nothing in a query is escaped, whatever a task is called.
///
/// Row: files of a task.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_task_are_listed_and_downloaded() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let dcos = Dcos::of(&world);
    let names = ["web.1:a_b-c", "odd{1}|~'()*,;=@!ü"];
    for (number, name) in names.into_iter().enumerate() {
        let script = "mkdir in; seq 1 200000 > in/numbers; printf '\\000\\377' > bytes; \
            echo $$ > $OUT/$READY.new; mv $OUT/$READY.new $OUT/$READY.pid; exec sleep 1000";
        let ready = format!("ready-{number}");
        let job = Job::shell(name, script).variable("READY", &ready);
        framework.run(NODE, &[job]).await;
        world.pid_of(&ready).await;

        let (agent, path) = sandbox(&dcos, name);
        let list = |path: &str| -> Vec<File> {
            let answer = dcos.get(&format!("/agent/{agent}/files/browse?path={path}"));
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            reads::document(&answer).unwrap()
        };
        let download = |path: &str| {
            let answer = dcos.get(&format!("/agent/{agent}/files/download?path={path}"));
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            answer.body
        };
        let files = list(&path);
        let find = |name: &str| {
            let end = format!("/{name}");
            files.iter().find(|file| file.path.ends_with(&end)).unwrap().clone()
        };
        let folder = find("in");
        assert!(folder.mode.starts_with("drwx") && folder.nlink >= 2.0, "{folder:?}");
        let bytes = find("bytes");
        assert!(bytes.mode.starts_with("-rw") && bytes.mtime > 0.0, "{bytes:?}");
        assert!(!bytes.uid.is_empty() && !bytes.gid.is_empty(), "{bytes:?}");
        assert_eq!(bytes.size.to_string(), "2");
        assert_eq!(download(&bytes.path), [0, 255]);
        let inner = list(&folder.path);
        let [numbers] = &inner[..] else { panic!("{inner:?}") };
        let text = String::from_utf8(download(&numbers.path)).unwrap();
        assert_eq!(text.len().to_string(), numbers.size.to_string());
        assert!(text.starts_with("1\n2\n") && text.ends_with("\n200000\n"));
    }
    dcos.replayed("files of a task");
    world.end().await;
}

/// What a task uses is told under the names that the client reads, for a command and for a member of a group; of the
/// numbers of a program's own there are none.
///
/// Row: metrics of a task.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_task_uses_is_told() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let members = [Job::obeying("member")];
    framework.run_group(NODE, job::default_executor("pod"), &members).await;
    let dcos = Dcos::of(&world);
    for name in ["web", "member"] {
        world.pid_of(name).await;
        let task = commands::task(&dcos, name).unwrap();
        let container = &task.container().unwrap().value;
        let base = format!("/system/v1/agent/{}/metrics/v0/containers/{container}", task.slave_id);
        let metrics: Metrics = reads::document(&dcos.get(&base)).unwrap();
        for (wanted, unit) in [
            ("cpus.user_time_secs", "seconds"),
            ("cpus.system_time_secs", "seconds"),
            ("mem.limit_bytes", "bytes"),
            ("mem.total_bytes", "bytes"),
        ] {
            let point = metrics.datapoints.iter().find(|point| point.name == wanted);
            let point = point.unwrap_or_else(|| panic!("{name}: no {wanted}: {metrics:#?}"));
            assert_eq!((point.unit.as_str(), point.timestamp.ends_with('Z')), (unit, true));
            assert!(point.tags.is_empty() && point.value >= 0.0, "{point:?}");
        }
        let total = metrics.datapoints.iter().find(|it| it.name == "mem.total_bytes").unwrap();
        assert!(total.value > 0.0, "{name}: {total:?}");
        assert_eq!(metrics.dimensions["container_id"], container.as_str());
        assert_eq!(dcos.get(&format!("{base}/app")).status, 204);
    }
    let id = world.id(NODE).await.value;
    let path = format!("/system/v1/agent/{id}/metrics/v0/containers/no-such");
    assert_eq!(dcos.get(&path).status, 204);
    dcos.replayed("metrics of a task");
    world.end().await;
}
