//! Quota and weights: set, kept, shown, and what the allocator makes of them.

use std::time::Duration;

use master::RoleChange;
use model::{Resources, Status};
use wire::v1::quota::{QuotaConfig, QuotaRequest};
use wire::v1::resource::{ReservationInfo, reservation_info};
use wire::v1::value::Scalar;
use wire::v1::{Resource, WeightInfo};

use crate::service::{Service, in_role, launch, task_info};
use crate::world::{World, hello, scalar};

fn amounts(list: &[(&str, f64)]) -> std::collections::BTreeMap<String, Scalar> {
    list.iter().map(|(name, value)| ((*name).to_owned(), Scalar { value: *value })).collect()
}

fn quota(role: &str, guarantees: &[(&str, f64)], limits: &[(&str, f64)]) -> QuotaConfig {
    QuotaConfig { role: role.to_owned(), guarantees: amounts(guarantees), limits: amounts(limits) }
}

fn update(configs: &[QuotaConfig]) -> RoleChange {
    RoleChange::UpdateQuota { configs: configs.to_vec(), force: false }
}

fn older(role: &str, guarantee: Vec<Resource>, force: bool) -> RoleChange {
    let role = Some(role.to_owned());
    RoleChange::SetQuota(Box::new(QuotaRequest { force: Some(force), role, guarantee }))
}

fn weight(role: &str, weight: f64) -> RoleChange {
    RoleChange::UpdateWeights(vec![WeightInfo { weight, role: Some(role.to_owned()) }])
}

/// CPUs offered to a service in the last step, in thousandths.
fn cpus(world: &World, service: &Service) -> i64 {
    let offers = world.offers(service.stream);
    let all: Vec<Resource> = offers.into_iter().flat_map(|offer| offer.resources).collect();
    Resources::from_wire(&all).unwrap().cpus().0
}

/// Every refusal names what is wrong, and a call of which a part is wrong changes nothing.
#[test]
fn senseless_quotas_and_weights_are_refused() {
    let mut world = World::new();
    world.agent(5051);
    let good = quota("ok", &[], &[("cpus", 1.0)]);
    for (bad, expected) in [
        (quota("", &[], &[]), "Invalid QuotaConfig: Invalid role"),
        (quota("*", &[], &[]), "default role"),
        (quota("a/b", &[], &[]), "Updating quota on nested role 'a/b' is not supported yet"),
        (quota("a", &[("cpus", -1.0)], &[]), "not negative"),
        (quota("a", &[("cpus", f64::NAN)], &[]), "not negative"),
        (quota("a", &[("cpus", 2.0)], &[("cpus", 1.0)]), "less than what is guaranteed"),
        (quota("a", &[("cpus", 99.0)], &[]), "exceed cluster capacity 'cpus:4'"),
    ] {
        let refusal = world.change_roles(update(&[good.clone(), bad])).unwrap_err();
        assert_eq!(refusal.status, Status::BadRequest);
        assert!(refusal.text.contains(expected), "{}", refusal.text);
    }
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refusal = world.change_roles(weight("a", bad)).unwrap_err();
        assert!(refusal.text.contains("Weights must be positive"), "{}", refusal.text);
    }
    let refusal = world.change_roles(older("a", vec![scalar("cpus", 99.0)], false)).unwrap_err();
    assert_eq!(refusal.status, Status::Conflict);
    let refusal = world.change_roles(RoleChange::RemoveQuota("a".to_owned())).unwrap_err();
    assert!(refusal.text.contains("Role 'a' has no quota set"), "{}", refusal.text);
    assert!(world.registry.len() == 1, "only the agent: {:?}", world.registry);
    assert_eq!(world.master.view_quota().status.configs, []);
    assert!(world.master.view_weights().weight_infos.is_empty());
}

/// What is set is written down, shown in all views, survives a failover, and goes when it is taken away.
#[test]
fn quota_and_weights_are_kept_and_shown() {
    let mut world = World::new();
    world.agent(5051);
    world.change_roles(older("a", vec![scalar("cpus", 2.0)], false)).unwrap();
    world.change_roles(weight("a", 2.5)).unwrap();
    world.change_roles(update(&[quota("b", &[], &[("mem", 0.0)])])).unwrap();
    let refusal = world.change_roles(older("a", vec![scalar("cpus", 1.0)], false)).unwrap_err();
    assert!(refusal.text.contains("already has quota"), "{}", refusal.text);
    for _ in 0..2 {
        let status = world.master.view_quota().status;
        let expected =
            [quota("a", &[("cpus", 2.0)], &[("cpus", 2.0)]), quota("b", &[], &[("mem", 0.0)])];
        assert_eq!(status.configs, expected);
        assert_eq!(status.infos[0].guarantee, [scalar("cpus", 2.0)]);
        let weights = world.master.view_weights().weight_infos;
        assert_eq!(weights, [WeightInfo { weight: 2.5, role: Some("a".to_owned()) }]);
        let roles = world.master.view_roles().roles;
        let roles: Vec<_> = roles.iter().map(|it| (it.name.as_str(), it.weight)).collect();
        assert_eq!(roles, [("a", 2.5), ("b", 1.0)]);
        world.failover();
    }
    world.change_roles(RoleChange::RemoveQuota("a".to_owned())).unwrap();
    world.change_roles(update(&[quota("b", &[], &[])])).unwrap();
    assert_eq!(world.master.view_quota().status.configs, []);
    assert_eq!(world.master.view_weights().weight_infos.len(), 1);
}

/// A role never has more than its limit, counting what is offered and what is reserved to it, on however many agents;
/// when it gives something back it gets something else.
#[test]
fn limits_are_never_exceeded() {
    let mut world = World::new();
    world.change_roles(update(&[quota("web", &[], &[("cpus", 3.0)])])).unwrap();
    let service = Service::with(&mut world, in_role("web", "web/front"));
    let (agent, link) = world.agent(5051);
    assert_eq!(cpus(&world, &service), 3000);
    let offers = world.offers(service.stream);
    world.agent(5052);
    assert_eq!(cpus(&world, &service), 0, "memory alone is offered");
    let held = |world: &World| {
        let frameworks = world.master.view_frameworks().frameworks;
        let all = frameworks.into_iter().map(|it| [it.offered_resources, it.allocated_resources]);
        let all: Vec<Resource> = all.flatten().flatten().collect();
        Resources::from_wire(&all).unwrap().cpus().0
    };
    assert_eq!(held(&world), 3000);
    service.accept(&mut world, &offers, vec![launch([task_info("t1", &agent)])]);
    world.after(Duration::from_secs(6));
    assert_eq!(held(&world), 3000, "what it did not use is offered elsewhere");
    service.update(&mut world, link, &agent, "t1", model::TaskState::TaskFinished, 1);
    world.after(Duration::from_secs(1));
    assert_eq!(held(&world), 3000, "and what it gave back as well");
    world.change_roles(update(&[quota("web", &[], &[("cpus", 1.0)])])).unwrap();
    assert!(world.to_scheduler(service.stream).iter().any(|event| event.rescind.is_some()));
    world.after(Duration::from_secs(1));
    assert!(held(&world) <= 1000, "a lower limit takes offers back: {}", held(&world));
}

/// What is reserved to a role counts against its limit whether it is used or not, and an operator can't reserve more.
#[test]
fn reservations_count_against_limits() {
    let mut world = World::new();
    let reserved = |amount| Resource {
        reservations: vec![ReservationInfo {
            r#type: Some(reservation_info::Type::Dynamic as i32),
            role: Some("web".to_owned()),
            ..ReservationInfo::default()
        }],
        ..scalar("cpus", amount)
    };
    let mut agent = hello(5051);
    agent.total_resources = vec![reserved(2.0), scalar("cpus", 2.0), scalar("mem", 4096.0)];
    let link = world.hello(agent);
    let agent = world.registered(link);
    world.change_roles(update(&[quota("web", &[], &[("cpus", 3.0)])])).unwrap();
    let reserve = |amount| wire::v1::offer::Operation {
        r#type: Some(wire::v1::offer::operation::Type::Reserve as i32),
        reserve: Some(wire::v1::offer::operation::Reserve {
            resources: vec![reserved(amount)],
            source: Vec::new(),
        }),
        ..Default::default()
    };
    let refusal = world.operation(&agent, reserve(1.5)).unwrap_err();
    assert_eq!(refusal.status, Status::Conflict);
    assert!(refusal.text.contains("limits it to 3"), "{}", refusal.text);
    let service = Service::with(&mut world, in_role("web", "web"));
    assert_eq!(cpus(&world, &service), 3000, "two reserved and one of the rest");
    world.operation(&agent, reserve(1.0)).unwrap();
}

/// What is guaranteed and not yet had is kept back from all others, and offered to its role.
#[test]
fn guarantees_are_kept_back() {
    let mut world = World::new();
    world.agent(5051);
    world.change_roles(update(&[quota("db", &[("cpus", 3.0)], &[])])).unwrap();
    let web = Service::with(&mut world, in_role("web", "web"));
    assert_eq!(cpus(&world, &web), 1000, "what is free beyond the guarantee");
    let db = Service::with(&mut world, in_role("db", "db"));
    assert_eq!(cpus(&world, &db), 3000);
    // Another agent makes more than enough for everybody.
    world.agent(5052);
    assert_eq!(cpus(&world, &web) + cpus(&world, &db), 4000);
}

/// A guarantee that is set while all is offered takes offers back, so that it can be kept.
#[test]
fn guarantees_take_offers_back() {
    let mut world = World::new();
    let web = Service::with(&mut world, in_role("web", "web"));
    world.agent(5051);
    assert_eq!(cpus(&world, &web), 4000);
    world.change_roles(update(&[quota("db", &[("cpus", 3.0)], &[])])).unwrap();
    assert!(world.to_scheduler(web.stream).iter().any(|event| event.rescind.is_some()));
    let db = Service::with(&mut world, in_role("db", "db"));
    assert_eq!(cpus(&world, &db), 3000);
}

/// With weights 1 and 3 a role gets a quarter and another three quarters.
#[test]
fn weights_divide_the_cluster() {
    let mut world = World::new();
    world.change_roles(weight("b", 3.0)).unwrap();
    let a = Service::with(&mut world, in_role("a", "a"));
    let b = Service::with(&mut world, in_role("b", "b"));
    let mut got = (0, 0);
    for port in 6000..6040 {
        world.agent(port);
        got.0 += cpus(&world, &a);
        got.1 += cpus(&world, &b);
    }
    assert_eq!(got, (40_000, 120_000));
}
