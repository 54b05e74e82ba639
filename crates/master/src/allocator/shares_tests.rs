use super::*;

fn resources(cpus: &str, mem: &str) -> Resources {
    let scalar = |name: &str, value: &str| wire::v1::Resource {
        name: name.to_owned(),
        r#type: wire::v1::value::Type::Scalar as i32,
        scalar: Some(wire::v1::value::Scalar { value: value.parse().unwrap() }),
        ..Default::default()
    };
    Resources::from_wire(&[scalar("cpus", cpus), scalar("mem", mem)]).unwrap()
}

fn framework(name: &str) -> FrameworkId {
    FrameworkId::new(name)
}

fn order(shares: &mut Shares) -> Vec<String> {
    shares.refresh();
    let roles: Vec<Arc<str>> = shares.roles().cloned().collect();
    let of_role = |role: &Arc<str>| {
        shares.frameworks(role).map(|id| format!("{role}/{id}")).collect::<Vec<_>>()
    };
    roles.iter().flat_map(of_role).collect()
}

/// Whoever has the smaller dominant share comes first: roles, then frameworks within a role.
#[test]
fn the_smallest_dominant_share_comes_first() {
    let mut shares = Shares::default();
    shares.set_agent(&AgentId::new("s"), Some(&resources("10", "1000")));
    for (id, role) in [("f1", "a"), ("f2", "a"), ("f3", "b")] {
        shares.set_active(&framework(id), role, true);
    }
    shares.charge(&framework("f1"), &resources("1", "400").allocated_to("a"));
    shares.charge(&framework("f2"), &resources("3", "1").allocated_to("a"));
    shares.charge(&framework("f3"), &resources("4.5", "1").allocated_to("b"));
    // Role a: 40.1 % of the memory; role b: 45 % of the cpus. Within a: 30 % before 40 %.
    assert_eq!(order(&mut shares), ["a/f2", "a/f1", "b/f3"]);
    shares.release(&framework("f3"), &resources("4", "1").allocated_to("b"));
    assert_eq!(order(&mut shares), ["b/f3", "a/f2", "a/f1"]);
}

/// What agents come and go changes every share; an agent out of service doesn't count.
#[test]
fn shares_follow_the_total() {
    let mut shares = Shares::default();
    let (small, large) = (AgentId::new("s"), AgentId::new("l"));
    shares.set_agent(&small, Some(&resources("10", "1000")));
    shares.set_active(&framework("f1"), "a", true);
    shares.set_active(&framework("f2"), "b", true);
    shares.charge(&framework("f1"), &resources("3", "1").allocated_to("a"));
    shares.charge(&framework("f2"), &resources("1", "200").allocated_to("b"));
    assert_eq!(order(&mut shares), ["b/f2", "a/f1"]);
    shares.set_agent(&large, Some(&resources("90", "0")));
    assert_eq!(order(&mut shares), ["a/f1", "b/f2"]);
    shares.set_agent(&large, None);
    assert_eq!(shares.total("cpus"), 10_000);
    assert_eq!(order(&mut shares), ["b/f2", "a/f1"]);
}

/// Who sits out keeps its share for later and is in nobody's way; who is forgotten leaves nothing.
#[test]
fn inactive_frameworks_are_passed_over() {
    let mut shares = Shares::default();
    shares.set_agent(&AgentId::new("s"), Some(&resources("10", "1000")));
    shares.set_active(&framework("f1"), "a", true);
    shares.set_active(&framework("f2"), "a", true);
    shares.charge(&framework("f1"), &resources("1", "1").allocated_to("a"));
    shares.set_active(&framework("f2"), "a", false);
    assert_eq!(order(&mut shares), ["a/f1"]);
    shares.set_active(&framework("f1"), "a", false);
    assert!(shares.is_idle());
    shares.set_active(&framework("f2"), "a", true);
    shares.set_active(&framework("f1"), "a", true);
    assert_eq!(order(&mut shares), ["a/f2", "a/f1"]);
    shares.release(&framework("f1"), &resources("1", "1").allocated_to("a"));
    shares.forget(&framework("f1"));
    shares.forget(&framework("f2"));
    assert!(shares.is_idle());
    assert!(shares.roles.is_empty());
}
