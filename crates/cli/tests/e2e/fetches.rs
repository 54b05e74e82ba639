//! Files that tasks have fetched before they start.

use std::io::{BufRead as _, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wire::v1::command_info::Uri;
use wire::v1::task_status::Reason;
use wire::v1::{ContainerInfo, TaskState, Volume, container_info, volume};

use crate::certificates::certificates;
use crate::framework::{Framework, reason, sandbox, state};
use crate::job::{self, Job};
use crate::world::{NODE, World};

fn uri(value: impl Into<String>) -> Uri {
    Uri { value: value.into(), ..Uri::default() }
}

/// Answers every request with `body`, or never; counts the requests.
fn server(body: Option<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0_u8; 4096];
            if stream.read(&mut request).is_err() {
                continue;
            }
            count.fetch_add(1, Ordering::SeqCst);
            match &body {
                Some(body) => {
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                    stream.write_all(&[head.as_bytes(), body].concat()).ok();
                }
                None => silent.push(stream),
            }
        }
    });
    (url, asked)
}

/// An archive with a program and a link to it, as tar(1) makes it.
fn archive(world: &World) -> Vec<u8> {
    let folder = world.path().join("archive");
    std::fs::create_dir_all(folder.join("app")).unwrap();
    std::fs::write(folder.join("app/run"), "#!/bin/sh\ncat greeting\n").unwrap();
    std::os::unix::fs::symlink("run", folder.join("app/link")).unwrap();
    let file = world.path().join("app.tgz");
    let tar = std::process::Command::new("tar")
        .args(["--mode=755", "-czf"])
        .arg(&file)
        .arg("-C")
        .arg(&folder)
        .arg("app")
        .status()
        .unwrap();
    assert!(tar.success());
    std::fs::read(file).unwrap()
}

/// A task finds in its sandbox what it had fetched: an archive unpacked, a file of the host, a program that
/// can be run; as its own user, and with a journal in `stderr`.
#[tokio::test]
async fn a_task_finds_what_it_had_fetched() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let (url, _) = server(Some(archive(&world)));
    let greeting = world.path().join("greeting");
    std::fs::write(&greeting, "hello\n").unwrap();
    let tool = world.path().join("tool");
    std::fs::write(&tool, "#!/bin/sh\necho tool\n").unwrap();
    let uris = vec![
        uri(format!("{url}/app.tgz")),
        uri(format!("file://{}", greeting.display())),
        Uri {
            executable: Some(true),
            output_file: Some("bin/tool".to_owned()),
            ..uri(tool.to_str().unwrap())
        },
    ];
    let user = if rustix::process::geteuid().is_root() { "nobody" } else { "" };
    let job = Job::shell("web", "app/link && bin/tool && touch mine").user(user).uris(uris);
    framework.launch(NODE, &[job]).await;
    let outcome = framework.outcome("web").await;
    assert_eq!(state(&outcome), TaskState::TaskFinished, "{outcome:?}");
    let directory = sandbox(&world, NODE, &framework, "web");
    assert_eq!(std::fs::read_to_string(directory.join("stdout")).unwrap(), "hello\ntool\n");
    let owner = |name: &str| std::fs::metadata(directory.join(name)).unwrap().uid();
    assert_eq!(owner("app/run"), owner("mine"));
    let journal = std::fs::read_to_string(directory.join("stderr")).unwrap();
    assert!(journal.contains("app.tgz"), "{journal}");
    world.end().await;
}

/// A file that may be cached is fetched once for several tasks.
#[tokio::test]
async fn a_cached_file_is_fetched_once_for_several_tasks() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let (url, asked) = server(Some(archive(&world)));
    let wanted = Uri { cache: Some(true), ..uri(format!("{url}/app.tgz")) };
    for id in ["first", "second"] {
        let job = Job::shell(id, "[ -x app/run ] && [ ! -e app.tgz ]");
        framework.launch(NODE, &[job.uris(vec![wanted.clone()])]).await;
        assert_eq!(state(&framework.outcome(id).await), TaskState::TaskFinished);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    world.end().await;
}

/// A server of this machine that speaks TLS with a certificate of the test's own authority; it serves the files of
/// `dir`. Ends when dropped.
struct Secure {
    child: std::process::Child,
    url: String,
}

impl Secure {
    /// `None` without openssl.
    fn start(dir: &std::path::Path) -> Option<(Self, std::path::PathBuf)> {
        if std::process::Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: needs openssl (Debian package openssl)");
            return None;
        }
        let files = certificates(dir);
        let mut child = std::process::Command::new("openssl")
            .current_dir(dir)
            .args(["s_server", "-accept", "127.0.0.1:0", "-WWW", "-cert"])
            .arg(&files.cert)
            .arg("-key")
            .arg(&files.key)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .find_map(|line| line.unwrap().strip_prefix("ACCEPT ").map(str::to_owned));
        let url = format!("https://{}", address.unwrap());
        // What else it says must not stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Some((Self { child, url }, files.ca))
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A server is spoken to over TLS if an authority that the agent trusts has signed its certificate:
/// `SSL_CERT_FILE` names those of an agent, the system's own count otherwise. With any other nothing is fetched,
/// and the status of the task says that it is the certificate.
#[tokio::test]
async fn only_servers_that_can_be_trusted_are_asked() {
    let dir = tempfile::tempdir().unwrap();
    let Some((server, ca)) = Secure::start(dir.path()) else { return };
    std::fs::write(dir.path().join("tool"), "#!/bin/sh\necho fetched\n").unwrap();
    let wanted = Uri { executable: Some(true), ..uri(format!("{}/tool", server.url)) };
    let mut files = vec![(Some(ca), TaskState::TaskFinished)];
    // Another authority's, as good as any.
    let others = tempfile::tempdir().unwrap();
    files.push((Some(certificates(others.path()).ca), TaskState::TaskFailed));
    files.push((None, TaskState::TaskFailed));
    for (ca, expected) in files {
        let world = World::with(1, |options| {
            let file = ca.iter().map(|it| ("SSL_CERT_FILE".to_owned(), it.display().to_string()));
            options.env.extend(file);
        })
        .await;
        let framework = Framework::subscribe(&world).await;
        let job = Job::shell("web", "./tool").uris(vec![wanted.clone()]);
        framework.launch(NODE, &[job]).await;
        let outcome = framework.outcome("web").await;
        assert_eq!(state(&outcome), expected, "{ca:?}: {outcome:?}");
        if expected == TaskState::TaskFinished {
            let directory = sandbox(&world, NODE, &framework, "web");
            assert_eq!(std::fs::read_to_string(directory.join("stdout")).unwrap(), "fetched\n");
        } else {
            assert_eq!(reason(&outcome), Reason::ContainerLaunchFailed);
            let text = outcome.message.unwrap();
            assert!(text.contains(&server.url) && text.contains("certificate"), "{text}");
        }
        world.end().await;
    }
}

/// Files come through the proxy that the agent's environment names, and a task sees nothing of that.
#[tokio::test]
async fn files_are_fetched_through_a_proxy() {
    let (proxy, asked) = server(Some(b"#!/bin/sh\nenv\n".to_vec()));
    let world = World::with(1, |options| {
        options.env.push(("http_proxy".to_owned(), proxy.replace("http://", "http://me:s3cret@")));
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    let wanted = Uri { executable: Some(true), ..uri("http://files.invalid/tool") };
    framework.launch(NODE, &[Job::shell("web", "./tool").uris(vec![wanted])]).await;
    let outcome = framework.outcome("web").await;
    assert_eq!(state(&outcome), TaskState::TaskFinished, "{outcome:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let directory = sandbox(&world, NODE, &framework, "web");
    for file in ["stdout", "stderr"] {
        let text = std::fs::read_to_string(directory.join(file)).unwrap();
        assert!(!text.contains("s3cret") && !text.is_empty(), "{file}: {text}");
    }
    world.end().await;
}

/// A task whose files can't be fetched has failed, and its status says which and why.
#[tokio::test]
async fn a_failed_fetch_fails_the_task_with_its_reason() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    for (id, value, why) in [
        ("absent", "/there/is/no/such/file", "No such file"),
        ("scheme", "hdfs://name/file", "the scheme 'hdfs' is not supported"),
    ] {
        let job = Job::shell(id, "echo must not run > $OUT/ran").uris(vec![uri(value)]);
        framework.launch(NODE, &[job]).await;
        let outcome = framework.outcome(id).await;
        assert_eq!(state(&outcome), TaskState::TaskFailed);
        assert_eq!(reason(&outcome), Reason::ContainerLaunchFailed);
        let text = outcome.message.unwrap();
        assert!(text.contains(value) && text.contains(why), "{text}");
    }
    assert!(!world.out().join("ran").exists());
    world.end().await;
}

/// A kill ends a fetch that hangs, and nothing of the task ever starts; so does the failure of another member
/// of its group.
#[tokio::test]
async fn a_kill_ends_a_fetch() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let (url, asked) = server(None);
    let job = Job::shell("web", "true").grace(Duration::from_mins(10));
    framework.launch(NODE, &[job.uris(vec![uri(format!("{url}/file"))])]).await;
    let begun = async || (asked.load(Ordering::SeqCst) == 1).then_some(());
    world.until("the file is asked for", begun).await;
    framework.kill("web", None).await;
    let outcome = framework.outcome("web").await;
    assert_eq!(state(&outcome), TaskState::TaskKilled, "{outcome:?}");
    assert_eq!(reason(&outcome), Reason::TaskKilledDuringLaunch);

    let hangs = Job::shell("hangs", "true").uris(vec![uri(format!("{url}/file"))]);
    let fails = Job::shell("fails", "exit 4");
    framework.launch_group(NODE, job::default_executor("pod"), &[hangs, fails]).await;
    assert_eq!(state(&framework.outcome("fails").await), TaskState::TaskFailed);
    assert_eq!(state(&framework.outcome("hangs").await), TaskState::TaskKilled);
    world.until("no process is left", async || world.processes().is_empty().then_some(())).await;
    world.end().await;
}

/// An executor of the framework's own has its files fetched before it starts, too, and does not start without
/// them.
#[tokio::test]
async fn a_custom_executor_finds_what_it_had_fetched() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let tool = world.path().join("tool");
    std::fs::write(&tool, "#!/bin/sh\nexit 9\n").unwrap();
    let mut executor = job::executor("own", "exec ./tool");
    let wanted = Uri { executable: Some(true), ..uri(tool.to_str().unwrap()) };
    executor.command.as_mut().unwrap().uris = vec![wanted];
    framework.launch(NODE, &[Job::of_executor("web", executor)]).await;
    let failed = framework.outcome("web").await;
    assert!(failed.message.unwrap().contains("status 9"));

    let mut executor = job::executor("other", "exec ./tool");
    executor.command.as_mut().unwrap().uris = vec![uri("/there/is/no/such/file")];
    framework.launch(NODE, &[Job::of_executor("without", executor)]).await;
    let failed = framework.outcome("without").await;
    assert_eq!(reason(&failed), Reason::ContainerLaunchFailed);
    let text = failed.message.unwrap();
    assert!(text.starts_with("Failed to launch container: Failed to fetch"), "{text}");
    world.end().await;
}

/// Members of a group have folders of their own and may share one of their executor's sandbox; each knows
/// where it is.
#[tokio::test]
async fn members_of_a_group_can_share_a_folder() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let shared = ContainerInfo {
        r#type: container_info::Type::Mesos.into(),
        volumes: vec![Volume {
            mode: volume::Mode::Rw.into(),
            container_path: "data/shared".to_owned(),
            source: Some(volume::Source {
                r#type: Some(volume::source::Type::SandboxPath.into()),
                sandbox_path: Some(volume::source::SandboxPath {
                    r#type: Some(volume::source::sandbox_path::Type::Parent.into()),
                    path: "common".to_owned(),
                }),
                ..volume::Source::default()
            }),
            ..Volume::default()
        }],
        ..ContainerInfo::default()
    };
    let with_volume = |job: Job| job.with(|task| task.container = Some(Box::new(shared.clone())));
    let says = "pwd > $OUT/dir; echo \"$MESOS_SANDBOX $MESOS_CONTAINER_IP $MESOS_ALLOCATION_ROLE\"";
    let writes = format!("{says}; echo word > data/shared/file");
    let reads = "while [ ! -e data/shared/file ]; do sleep 0.05; done; cat data/shared/file";
    let jobs = [with_volume(Job::shell("writes", writes)), with_volume(Job::shell("reads", reads))];
    framework.launch_group(NODE, job::default_executor("pod"), &jobs).await;
    for id in ["writes", "reads"] {
        assert_eq!(state(&framework.outcome(id).await), TaskState::TaskFinished, "{id}");
    }
    let directory = sandbox(&world, NODE, &framework, "pod");
    let read = |path: &str| std::fs::read_to_string(directory.join(path)).unwrap();
    assert_eq!(read("tasks/reads/stdout"), "word\n");
    assert_eq!(read("common/file"), "word\n");
    let own = directory.join("tasks/writes").canonicalize().unwrap();
    assert!(own.starts_with(directory.join("containers")), "{}", own.display());
    assert_eq!(read("tasks/writes/stdout"), format!("{} 127.0.0.1 *\n", own.display()));
    let status = framework.reaches("writes", TaskState::TaskRunning).await;
    let container = status.container_status.unwrap().container_id.unwrap();
    assert!(own.ends_with(&container.value), "the folder is called like the container");
    assert!(container.parent.is_some());
    world.end().await;
}
