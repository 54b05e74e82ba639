//! Network namespaces of one run: a switch, one for each host, one for operators and frameworks.
//!
//! Faults are on the wire as hosts see it: what is dropped is dropped where it arrives, so that one direction
//! can fail alone. The kernel's `netem` is not everywhere, so slowness is a token bucket and chance losses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::processes;

const PREFIX: &str = "ebbc";
/// Where operators and frameworks are.
pub(crate) const OPS: &str = "ops";
const SWITCH: &str = "switch";
/// A namespace without links, for daemons that are only tried.
pub(crate) const LAB: &str = "lab";

/// What is wrong with the link of a host.
#[derive(Clone, Debug, Default)]
struct Trouble {
    /// Peers whose packets do not arrive.
    deaf_to: BTreeSet<String>,
    loss_percent: u64,
}

#[derive(Debug)]
pub(crate) struct Net {
    prefix: String,
    addresses: BTreeMap<String, Ipv4Addr>,
    troubles: Mutex<BTreeMap<String, Trouble>>,
}

impl Net {
    /// Makes the namespaces; the first address is that of [`OPS`].
    pub(crate) fn new(hosts: &[&str]) -> Result<Self, String> {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let run_number = RUNS.fetch_add(1, Ordering::SeqCst);
        let prefix = format!("{PREFIX}{}r{run_number}", std::process::id());
        let mut net = Self { prefix, addresses: BTreeMap::new(), troubles: Mutex::default() };
        let switch = net.namespace(SWITCH);
        run("ip", &["netns", "add", &switch])?;
        run("ip", &["-n", &switch, "link", "add", "br0", "type", "bridge"])?;
        run("ip", &["-n", &switch, "link", "set", "br0", "up"])?;
        for (index, host) in std::iter::once(&OPS).chain(hosts).enumerate() {
            let address = Ipv4Addr::new(10, 77, 0, 10 + u8::try_from(index).unwrap());
            net.add(host, index, address)?;
        }
        let lab = net.namespace(LAB);
        run("ip", &["netns", "add", &lab])?;
        run("ip", &["-n", &lab, "link", "set", "lo", "up"])?;
        net.try_rules()?;
        Ok(net)
    }

    fn add(&mut self, host: &str, index: usize, address: Ipv4Addr) -> Result<(), String> {
        let (name, switch) = (self.namespace(host), self.namespace(SWITCH));
        let port = format!("port{index}");
        run("ip", &["netns", "add", &name])?;
        let link = ["link", "add", "eth0", "type", "veth", "peer", "name", &port, "netns", &switch];
        run("ip", &[&["-n", &name], &link[..]].concat())?;
        run("ip", &["-n", &switch, "link", "set", &port, "master", "br0", "up"])?;
        run("ip", &["-n", &name, "addr", "add", &format!("{address}/24"), "dev", "eth0"])?;
        run("ip", &["-n", &name, "link", "set", "eth0", "up"])?;
        run("ip", &["-n", &name, "link", "set", "lo", "up"])?;
        // What a caller gave up must not be delivered long after.
        for (key, value) in [("tcp_orphan_retries", "2"), ("tcp_syn_retries", "3")] {
            let file = format!("echo {value} > /proc/sys/net/ipv4/{key}");
            self.within(host, &["sh", "-c", &file])?;
        }
        self.addresses.insert(host.to_owned(), address);
        Ok(())
    }

    pub(crate) fn address(&self, host: &str) -> Ipv4Addr {
        self.addresses[host]
    }

    fn namespace(&self, host: &str) -> String {
        format!("{}-{host}", self.prefix)
    }

    /// The file that holds the namespace of a host.
    pub(crate) fn path(&self, host: &str) -> PathBuf {
        PathBuf::from("/run/netns").join(self.namespace(host))
    }

    /// The number of the namespace, as `/proc/<pid>/ns/net` shows it.
    pub(crate) fn number(&self, host: &str) -> u64 {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(self.path(host)).unwrap().ino()
    }

    /// Moves the calling thread, and the threads it starts from now on, to [`OPS`].
    pub(crate) fn enter_ops(&self) {
        use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
        use std::os::fd::AsFd as _;
        let file = std::fs::File::open(self.path(OPS)).unwrap();
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
    }

    fn within(&self, host: &str, command: &[&str]) -> Result<String, String> {
        let net = format!("--net={}", self.path(host).display());
        run("nsenter", &[&[net.as_str(), "--"], command].concat())
    }

    /// Packets from one host to the other are lost, or arrive again.
    pub(crate) fn cut(&self, from: &str, to: &str, is_cut: bool) {
        self.change(to, |trouble| {
            if is_cut {
                trouble.deaf_to.insert(from.to_owned());
            } else {
                trouble.deaf_to.remove(from);
            }
        });
    }

    /// Of what arrives at a host, this share is lost.
    pub(crate) fn lose(&self, host: &str, percent: u64) {
        self.change(host, |trouble| trouble.loss_percent = percent);
    }

    /// What a host sends is held to this rate. Whether that can be done here.
    pub(crate) fn slow(&self, host: &str, kbit: Option<u64>) -> Result<(), String> {
        let Some(kbit) = kbit else {
            return self.within(host, &["tc", "qdisc", "del", "dev", "eth0", "root"]).map(drop);
        };
        let rate = format!("{kbit}kbit");
        let bucket = ["tbf", "rate", &rate, "burst", "4kb", "latency", "400ms"];
        let command = [&["tc", "qdisc", "replace", "dev", "eth0", "root"], &bucket[..]].concat();
        self.within(host, &command).map(drop)
    }

    fn change(&self, host: &str, change: impl FnOnce(&mut Trouble)) {
        let mut troubles = self.troubles.lock().unwrap();
        let trouble = troubles.entry(host.to_owned()).or_default();
        change(trouble);
        let mut rules = String::new();
        for peer in &trouble.deaf_to {
            writeln!(rules, "ip saddr {} drop", self.addresses[peer]).unwrap();
        }
        if trouble.loss_percent > 0 {
            let percent = trouble.loss_percent;
            writeln!(rules, "iif eth0 numgen random mod 100 < {percent} drop").unwrap();
        }
        let chain = "chain arrives {\ntype filter hook input priority 0;";
        // In one transaction: there is no moment without the rules that stay.
        let script = format!(
            "add table ip chaos\ndelete table ip chaos\ntable ip chaos {{\n{chain}\n{rules}}}\n}}\n"
        );
        let net = format!("--net={}", self.path(host).display());
        feed("nsenter", &[&net, "--", "nft", "-f", "-"], &script).unwrap();
    }

    /// Everything arrives again, everywhere.
    pub(crate) fn heal(&self) {
        let hosts: Vec<String> = self.addresses.keys().cloned().collect();
        for host in hosts {
            self.change(&host, |trouble| *trouble = Trouble::default());
            // There may be none.
            drop(self.slow(&host, None));
        }
    }

    /// Whether rules and queues can be had here.
    fn try_rules(&self) -> Result<(), String> {
        let rule = "ip saddr 127.0.0.1 numgen random mod 100 < 1 drop";
        let chain = format!("chain tried {{\ntype filter hook input priority 0;\n{rule}\n}}");
        let script = format!("table ip chaos {{\n{chain}\n}}\ndelete table ip chaos\n");
        let net = format!("--net={}", self.path(OPS).display());
        feed("nsenter", &[&net, "--", "nft", "-f", "-"], &script)
    }
}

impl Net {
    /// Ends everything that runs in the namespaces.
    pub(crate) fn end_processes(&self) {
        end_processes(&self.prefix);
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        remove(&self.prefix);
    }
}

/// Removes what runs left behind whose process is no more.
pub(crate) fn clean_up() {
    let mut dead = BTreeSet::new();
    for name in namespaces() {
        let Some((run, _)) = name.split_once('-') else { continue };
        let Some((pid, _)) = run.strip_prefix(PREFIX).and_then(|run| run.split_once('r')) else {
            continue;
        };
        let Ok(pid) = pid.parse::<u32>() else { continue };
        if !PathBuf::from(format!("/proc/{pid}")).exists() {
            dead.insert(run.to_owned());
        }
    }
    for run in dead {
        remove(&run);
    }
}

/// Ends what runs in the namespaces of a run, and removes them.
fn remove(prefix: &str) {
    end_processes(prefix);
    for name in of_run(prefix) {
        // With everything ended nothing holds it.
        drop(run("ip", &["netns", "del", &name]));
    }
}

fn of_run(prefix: &str) -> Vec<String> {
    let mut names = namespaces();
    names.retain(|name| name.starts_with(&format!("{prefix}-")));
    names
}

fn end_processes(prefix: &str) {
    // Each round finds what the one before was too quick for.
    for _ in 0..5 {
        for name in of_run(prefix) {
            let pids = run("ip", &["netns", "pids", &name]).unwrap_or_default();
            for pid in pids.lines().filter_map(|pid| pid.trim().parse().ok()) {
                if u32::try_from(pid) != Ok(std::process::id()) {
                    processes::kill(pid);
                }
            }
        }
    }
}

fn namespaces() -> Vec<String> {
    let list = run("ip", &["netns", "list"]).unwrap_or_default();
    list.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

/// Runs a command to its end and returns what it printed; an error says what it complained about.
pub(crate) fn run(program: &str, args: &[&str]) -> Result<String, String> {
    let shown = || format!("{program} {}", args.join(" "));
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", shown()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{}: {}", shown(), String::from_utf8_lossy(&output.stderr).trim()))
}

fn feed(program: &str, args: &[&str], input: &str) -> Result<(), String> {
    let shown = format!("{program} {}", args.join(" "));
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{shown}: {error}"))?;
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() && !matches!(written, Some(Err(_))) {
        return Ok(());
    }
    Err(format!("{shown}: {}\n{input}", String::from_utf8_lossy(&output.stderr).trim()))
}
