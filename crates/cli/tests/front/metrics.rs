//! `/metrics`: what a collector reads, checked to the letter of the text format.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use cli::cluster::Who;

use crate::client::Dcos;
use crate::framework::Framework;
use crate::job::Job;
use crate::world::{NODE, World};

/// The page that lists all of it. Written by this test where `EBB_BLESS` is set.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/prometheus.md");

/// One family: its type, its help, and its samples by name and labels.
#[derive(Clone, Debug, Default)]
struct Family {
    kind: String,
    help: String,
    samples: BTreeMap<(String, String), f64>,
}

/// Reads an exposition, and panics at the first thing that a strict reader would not take.
fn parse(text: &str) -> BTreeMap<String, Family> {
    assert!(text.ends_with('\n'), "the last line ends, too");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut present = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect(line);
            assert!(is_name(name) && !families.contains_key(name), "{line}");
            name.clone_into(&mut present);
            help.clone_into(&mut families.entry(present.clone()).or_default().help);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect(line);
            assert_eq!(name, present, "TYPE follows its HELP");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            let family = families.get_mut(name).unwrap();
            assert!(family.kind.is_empty() && family.samples.is_empty(), "{line}");
            kind.clone_into(&mut family.kind);
        } else {
            let (name, labels, value) = sample(line);
            let family = families.get_mut(&present).expect(line);
            let own = match family.kind.as_str() {
                "histogram" => {
                    let suffix = name.strip_prefix(present.as_str()).expect(line);
                    ["_bucket", "_sum", "_count"].contains(&suffix)
                }
                _ => name == present,
            };
            assert!(own, "{line} is not of {present}");
            let known = family.samples.insert((name, labels), value);
            assert_eq!(known, None, "{line} is there twice");
        }
    }
    for (name, family) in &families {
        conventions(name, family);
    }
    families
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
        && letters.all(|it| it.is_ascii_alphanumeric() || it == '_')
}

/// `name{label="value",…} value`
fn sample(line: &str) -> (String, String, f64) {
    let (key, value) = line.rsplit_once(' ').expect(line);
    let value: f64 = value.parse().expect(line);
    assert!(value.is_finite(), "{line}");
    let Some((name, labels)) = key.split_once('{') else {
        assert!(is_name(key), "{line}");
        return (key.to_owned(), String::new(), value);
    };
    assert!(is_name(name), "{line}");
    let labels = labels.strip_suffix('}').expect(line);
    let mut rest = labels;
    while !rest.is_empty() {
        let (label, more) = rest.split_once("=\"").expect(line);
        assert!(is_name(label) && !label.starts_with("__"), "{line}");
        let end = more.find('"').expect(line);
        assert!(!more[..end].contains('\\'), "no label needs an escape: {line}");
        rest = &more[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    (name.to_owned(), labels.to_owned(), value)
}

/// What readers of any page may count on.
fn conventions(name: &str, family: &Family) {
    assert!(name.starts_with("ebb_") || name.starts_with("process_"), "{name}");
    assert!(family.help.ends_with('.') && family.help.len() > 10, "{name}: {}", family.help);
    assert!(!family.samples.is_empty(), "{name} has no samples");
    assert!(family.samples.len() <= 2000, "{name} has {} samples", family.samples.len());
    assert_eq!(family.kind == "counter", name.ends_with("_total"), "{name}");
    if family.kind != "histogram" {
        return;
    }
    assert!(name.ends_with("_seconds"), "{name}");
    let of = |suffix: &str| {
        let wanted = format!("{name}{suffix}");
        family.samples.iter().filter(move |((it, _), _)| *it == wanted)
    };
    for ((_, labels), count) in of("_count") {
        let mut buckets: Vec<(f64, f64)> = of("_bucket")
            .filter_map(|((_, all), value)| {
                let (rest, limit) = all.rsplit_once("le=\"")?;
                let limit = limit.trim_end_matches('"').replace("+Inf", "inf");
                (rest.trim_end_matches(',') == labels).then(|| (limit.parse().unwrap(), *value))
            })
            .collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{name}{{{labels}}}");
        assert_eq!(buckets.last(), Some(&(f64::INFINITY, *count)), "{name}{{{labels}}}");
    }
}

fn scrape(dcos: &Dcos, path: &str) -> BTreeMap<String, Family> {
    let answer = dcos.get(path);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("Content-Type"), Some("text/plain; version=0.0.4"));
    parse(&answer.text())
}

/// A value that is a count.
fn value(families: &BTreeMap<String, Family>, name: &str, labels: &str) -> u64 {
    let family = name.trim_end_matches("_count").trim_end_matches("_sum");
    let family = families.get(family).unwrap_or_else(|| panic!("there is no {family}"));
    let sample = family.samples.get(&(name.to_owned(), labels.to_owned()));
    whole(*sample.unwrap_or_else(|| panic!("there is no {name}{{{labels}}}")))
}

fn whole(number: f64) -> u64 {
    number.to_string().parse().unwrap()
}

/// Agents, tasks, drains and what they wait for are counted as they are, and each call is timed by its name.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_reads_how_a_drain_goes() {
    let world = World::start(2).await;
    let framework = Framework::subscribe(&world).await;
    framework
        .run(NODE, &[Job::ignoring("stubborn").grace(std::time::Duration::from_hours(1))])
        .await;
    let dcos = Dcos::of(&world);
    let before = scrape(&dcos, "/metrics");
    assert_eq!(value(&before, "ebb_leader", ""), 1);
    assert_eq!(value(&before, "ebb_agents", r#"state="registered""#), 2);
    assert_eq!(value(&before, "ebb_tasks", r#"state="task_running""#), 1);
    assert_eq!(value(&before, "ebb_drains", r#"state="draining""#), 0);
    assert_eq!(value(&before, "ebb_streams", r#"reader="agent""#), 2);
    assert!(value(&before, "ebb_commit_duration_seconds_count", "") >= 2);

    world.drain(NODE, None).await;
    world.asked_to_end("stubborn").await;
    let during = scrape(&dcos, "/metrics");
    assert_eq!(value(&during, "ebb_drains", r#"state="draining""#), 1);
    let blockers = |families: &BTreeMap<String, Family>| -> u64 {
        families["ebb_drain_blockers"].samples.values().map(|count| whole(*count)).sum()
    };
    assert_eq!(blockers(&during), 1);
    let timed = r#"api="operator",call="DRAIN_AGENT""#;
    assert_eq!(value(&during, "ebb_http_request_duration_seconds_count", timed), 1);
    let path = r#"api="http",call="/metrics""#;
    assert_eq!(value(&during, "ebb_http_request_duration_seconds_count", path), 1);

    world.drain(NODE, Some(std::time::Duration::ZERO)).await;
    world.drained(NODE).await;
    let after = scrape(&dcos, "/metrics");
    assert_eq!(blockers(&after), 0);
    assert_eq!(value(&after, "ebb_drains", r#"state="drained""#), 1);
    let drained = r#"outcome="drained""#;
    assert_eq!(value(&after, "ebb_drain_duration_seconds_count", drained), 1);

    // As collectors of Mesos read it: how many have ended, acknowledged or not.
    let snapshot = dcos.get("/metrics/snapshot").json();
    for (name, count) in [
        ("master/tasks_killed", 1.0),
        ("master/tasks_finished", 0.0),
        ("master/tasks_running", 0.0),
        ("master/messages_launch_tasks", 1.0),
        ("master/messages_kill_task", 0.0),
    ] {
        assert_eq!(snapshot[name], count, "{name}");
    }
    // Running and killed, at least.
    assert!(snapshot["master/messages_status_update"].as_f64().unwrap() >= 2.0, "{snapshot}");
    let total = "allocator/mesos/resources/cpus/total";
    assert_eq!(snapshot[total], snapshot["master/cpus_total"]);
    assert!(snapshot["allocator/mesos/resources/cpus/offered_or_allocated"].is_number());

    // The agent's own, through the master.
    let id = world.id(NODE).await.value;
    let agent = scrape(&dcos, &format!("/agent/{id}/metrics"));
    assert_eq!(value(&agent, "ebb_agent_draining", ""), 1);
    assert_eq!(value(&agent, "ebb_agent_tasks_ended_total", r#"state="task_killed""#), 1);
    world.end().await;
}

/// A drain that ends with the agent is told from one that was carried out.
#[tokio::test(flavor = "multi_thread")]
async fn drains_are_counted_by_how_they_end() {
    let world = World::start(2).await;
    let framework = Framework::subscribe(&world).await;
    framework
        .run(NODE, &[Job::ignoring("stubborn").grace(std::time::Duration::from_hours(1))])
        .await;
    let dcos = Dcos::of(&world);
    world.drain(NODE, None).await;
    let id = world.id(NODE).await;
    world.api().mark_agent_gone(id).await.unwrap();
    world.decommission(Who::Agent(1)).await;
    let counted = async || {
        let families = scrape(&dcos, "/metrics");
        let of = |outcome: &str| {
            let labels = format!(r#"outcome="{outcome}""#);
            value(&families, "ebb_drain_duration_seconds_count", &labels)
        };
        let all = [of("drained"), of("decommissioned"), of("abandoned")];
        (all == [0, 1, 1]).then_some(())
    };
    world.until("one drain was carried out and one was not", counted).await;
    drop(world);
}

/// The reference has each name with its type and what it means, and no others.
#[tokio::test(flavor = "multi_thread")]
async fn the_reference_lists_every_name() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let dcos = Dcos::of(&world);
    // So that there is a call that was timed.
    assert_eq!(dcos.get("/metrics").status, 200);
    let id = world.id(NODE).await.value;
    let agent = format!("/agent/{id}/metrics");
    assert_eq!(dcos.get(&agent).status, 200);
    let mut page = "<!-- Written by the test of tests/front/metrics.rs where EBB_BLESS is set. -->\n\n# Prometheus metrics\n\n\
        `/metrics` of masters and agents, in the text format 0.0.4. A master that does not lead has `ebb_leader 0` \
        and what it knows of its own process. Where callers have to authenticate, so do collectors (`basic_auth`).\n"
        .to_owned();
    for (title, path) in [("Master", "/metrics"), ("Agent", &agent)] {
        write!(page, "\n## {title}\n\n| Name | Type | Labels | Meaning |\n|---|---|---|---|\n")
            .unwrap();
        for (name, family) in scrape(&dcos, path) {
            let labels = family.samples.keys().flat_map(|(_, labels)| {
                labels.split("\",").filter_map(|it| it.split_once('=')).map(|(name, _)| name)
            });
            let labels: BTreeSet<&str> = labels.filter(|name| *name != "le").collect();
            let labels = labels.into_iter().map(|it| format!("`{it}`")).collect::<Vec<_>>();
            writeln!(
                page,
                "| `{name}` | {} | {} | {} |",
                family.kind,
                labels.join(", "),
                family.help
            )
            .unwrap();
        }
    }
    world.end().await;
    if std::env::var_os("EBB_BLESS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(Path::new(PAGE)).unwrap_or_default();
    assert!(written == page, "{PAGE} is not current; run this test with EBB_BLESS=1\n{page}");
}
