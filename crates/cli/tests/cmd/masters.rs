//! Commands that are given several masters, or one that does not lead.

use wire::master::call::Type;

use crate::played::{Answer, Played, one_node};
use crate::program::{EBB, Master, Said, command, ebb};

/// Addresses at which nobody listens, all different: of two that are asked for one after the other, the
/// second may be the first again.
fn dead<const N: usize>() -> [String; N] {
    let free = [(); N].map(|()| std::net::TcpListener::bind("127.0.0.1:0").expect("a free port"));
    free.map(|free| free.local_addr().expect("bound").to_string())
}

fn with(masters: &[&str], args: &[&str]) -> Said {
    let masters = masters.join(",");
    ebb(&[&["--master", &masters], args].concat())
}

fn is_read(kind: Type) -> bool {
    matches!(kind, Type::GetAgents | Type::GetTasks)
}

/// Of several masters the one that leads is found, whatever the others do, and without a word; the address
/// of one follower is enough, also under the name `dcos`.
#[test]
fn the_leader_is_found_by_any_address() {
    let leader = Master::start(&[]);
    let address = leader.url.trim_start_matches("http://").to_owned();
    let follower = {
        let address = address.clone();
        Played::start(move |_, _| Answer::Redirect(address.clone()))
    };
    let lost = Played::start(|_, _| Answer::NoLeader);
    let [gone] = dead();
    for masters in [
        &[gone.as_str(), &lost.address, &address][..],
        &[&lost.address, &follower.address, &gone],
        &[&follower.address],
    ] {
        let said = with(masters, &["node", "list", "-o", "json"]);
        assert_eq!((said.code, said.out.as_str()), (0, "[]\n"), "{masters:?}: {said:?}");
        assert_eq!(said.err, "");
    }
    // Two calls each: after the first the leader was known.
    assert_eq!(lost.calls(), [Type::GetAgents, Type::GetAgents]);
    assert_eq!(follower.calls(), [Type::GetAgents, Type::GetAgents]);

    let dcos = leader.dir.path().join("dcos");
    std::os::unix::fs::symlink(EBB, &dcos).unwrap();
    let mut command = command(&dcos, &["task", "list", "--json"]);
    let said = Said::from(command.env("EBB_MASTER", &follower.address).output().unwrap());
    assert_eq!((said.code, said.out.as_str()), (0, "[]\n"), "{said:?}");
}

/// While no master leads, a command says once what it waits for, and goes on when one does.
#[test]
fn a_failover_is_waited_for() {
    let leader = Master::start(&[]);
    let address = leader.url.trim_start_matches("http://").to_owned();
    let [gone] = dead();
    let stale = gone.clone();
    let follower = Played::start(move |_, before| match before {
        0 | 1 => Answer::Redirect(stale.clone()),
        2 | 3 => Answer::NoLeader,
        _ => Answer::Redirect(address.clone()),
    });
    let said = with(&[&gone, &follower.address], &["node", "list", "-o", "json"]);
    assert_eq!((said.code, said.out.as_str()), (0, "[]\n"), "{said:?}");
    assert_eq!(said.err.lines().count(), 1, "{said:?}");
    let waiting = "waiting up to 30s for a master to take the call: cannot reach http://";
    assert!(said.err.starts_with(waiting) && said.err.contains(&gone), "{said:?}");
}

/// Where no master can be reached, each is named with what came of asking it, at once and on exit code 5.
#[test]
fn masters_that_cannot_be_reached_are_all_named() {
    let [a, b] = dead();
    let said = with(&[&a, &b], &["node", "list"]);
    assert_eq!(said.code, 5, "{said:?}");
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(lines[0], "error: no master took the call", "{said:?}");
    for (line, address) in lines[1..].iter().zip([&a, &b]) {
        assert!(line.starts_with(&format!("  cannot reach http://{address}/")), "{said:?}");
    }
    assert!(lines[3].starts_with("hint: "), "{said:?}");
}

/// A drain whose answer got lost is said again, which changes nothing; a reactivation is not, for it could
/// end a drain that somebody began meanwhile.
#[test]
fn only_what_is_harmless_twice_is_said_twice() {
    let losing = || {
        let mut is_lost = false;
        Played::start(move |kind, _| {
            if is_read(kind) {
                return Answer::Answers(one_node(kind), "");
            }
            let breaks = !std::mem::replace(&mut is_lost, true);
            if breaks { Answer::Breaks } else { Answer::Accepts }
        })
    };
    let master = losing();
    let said = with(&[&master.address], &["node", "drain", "S0"]);
    assert_eq!(said.code, 0, "{said:?}");
    let drains = master.calls().into_iter().filter(|kind| *kind == Type::DrainAgent).count();
    assert_eq!(drains, 2);

    let master = losing();
    let other = Played::start(|_, _| Answer::NoLeader);
    let said = with(&[&master.address, &other.address], &["node", "reactivate", "S0"]);
    assert_eq!(said.code, 5, "{said:?}");
    assert!(said.err.contains("whether it was carried out is not known"), "{said:?}");
    let calls = [Type::GetAgents, Type::GetTasks, Type::ReactivateAgent];
    assert_eq!(master.calls(), calls);
    assert_eq!(other.calls(), []);
}

/// A master that takes the connection and never answers is passed over, and not asked again when a
/// follower still redirects to it.
#[test]
fn a_master_that_is_stopped_is_passed_over() {
    let stopped = Played::start(|_, _| Answer::Silence);
    let leader = Played::start(|kind, _| Answer::Answers(one_node(kind), ""));
    let address = stopped.address.clone();
    let follower = Played::start(move |_, _| Answer::Redirect(address.clone()));
    let masters = [&stopped.address, &follower.address, &leader.address].map(String::as_str);
    let said = with(&masters, &["node", "list"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("node-1"), "{said:?}");
    assert_eq!(stopped.calls(), [Type::GetAgents]);
}

/// What a master shows that can't reach its registry is shown with one warning, on stderr.
#[test]
fn a_registry_out_of_reach_is_warned_of() {
    const SINCE: &str = "Ebb-Registry-Unavailable-Since: 2026-11-25T18:00:00Z\r\n";
    let master = Played::start(|kind, _| Answer::Answers(one_node(kind), SINCE));
    let said = with(&[&master.address], &["node", "list"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.err.lines().count(), 1, "{said:?}");
    assert!(said.err.starts_with("warning: ") && said.err.contains("2026-11-25T18:00:00Z"));
    assert!(said.out.contains("node-1") && !said.out.contains("warning"), "{said:?}");
}
