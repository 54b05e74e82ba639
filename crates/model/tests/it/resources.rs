//! The resources flag, printing, roles and sums.

use model::Resources;
use model::resources::Thousandths;

fn parse(text: &str) -> Resources {
    Resources::parse(text, "*").expect("valid resources")
}

/// What an agent is started with prints as Mesos prints it.
#[test]
fn flag_text_prints_as_mesos_does() {
    for (text, printed) in [
        ("", "{}"),
        ("cpus:1;mem:128", "cpus:1; mem:128"),
        (" mem : 128 ; cpus : 0.1 ; ", "cpus:0.1; mem:128"),
        (
            "cpus:4;mem:4096;disk:8192;ports:[31000-32000]",
            "cpus:4; mem:4096; disk:8192; ports:[31000-32000]",
        ),
        ("ports:[5-6, 1-2,3-3]", "ports:[1-3, 5-6]"),
        ("ports:[1-5,3-9]", "ports:[1-9]"),
        ("zones:{b, a}", "zones:{a, b}"),
        ("cpus:1;cpus:2", "cpus:3"),
        ("cpus:0;gpus:0;ports:[];zones:{}", "{}"),
        ("disk(ads):10", "disk(reservations: [(STATIC,ads)]):10"),
        ("cpus(*):1;cpus(a/b):2", "cpus:1; cpus(reservations: [(STATIC,a/b)]):2"),
        ("cpus:0.0004", "{}"),
        ("cpus:0.0005", "cpus:0.001"),
        ("cpus:1e2", "cpus:100"),
        ("ports:[0-18446744073709551615]", "ports:[0-18446744073709551615]"),
    ] {
        assert_eq!(parse(text).to_string(), printed, "{text}");
    }
}

/// A flag that can't be read says where and what was expected.
#[test]
fn unreadable_flag_says_what_was_expected() {
    for (text, part) in [
        ("cpus", "name:value"),
        ("cpus:1:2", "name:value"),
        (":1", "Empty resource name"),
        ("cpus:", "expecting a number"),
        ("cpus:many", "expecting a number"),
        ("cpus:nan", "expecting a number"),
        ("cpus:inf", "expecting a number"),
        ("cpus:-1", "value < 0"),
        ("cpus:1e300", "too large"),
        ("gpus:0.5", "unsigned integer"),
        ("ports:[1-", "expecting ']'"),
        ("ports:[9-1]", "ends before it begins"),
        ("ports:[1,2]", "expecting a range"),
        ("ports:[1-99999999999999999999]", "expecting a range"),
        ("zones:{a,a}", "twice"),
        ("zones:{a", "expecting '}'"),
        ("cpus(a:1", "name(role)"),
        ("cpus)a(:1", "name(role)"),
        ("cpus(a b):1", "whitespace"),
        ("cpus():1", "Empty role name"),
    ] {
        let error = Resources::parse(text, "*").expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

/// Without a role of its own a resource is reserved to the default role.
#[test]
fn default_role_reserves_what_names_no_role() {
    let resources = Resources::parse("cpus:1;mem(*):2;disk(b):3", "a").expect("valid");
    assert_eq!(resources.unreserved().to_string(), "mem:2");
    let roles: Vec<_> = resources.reservations().into_keys().collect();
    assert_eq!(roles, ["a", "b"]);
    assert!(Resources::parse("cpus:1", "-x").is_err());
}

/// A role gets unreserved resources and those of its ancestors, never its children's or namesakes'.
#[test]
fn role_gets_its_own_and_its_ancestors_reservations() {
    let all = parse("cpus:1;cpus(a):2;cpus(a/b):4;cpus(ab):8;cpus(c):16");
    for (role, cpus) in [("a", 3), ("a/b", 7), ("a/b/c", 7), ("ab", 9), ("*", 1), ("x", 1)] {
        assert_eq!(all.available_to_role(role).cpus(), Thousandths(cpus * 1000), "{role}");
    }
}

/// Sums for fair sharing run over all reservations and allocations.
#[test]
fn scalars_are_summed_over_all_metadata() {
    let mut all = parse("cpus:1;cpus(a):2;mem:64;ports:[1-2];bananas:3").allocated_to("web");
    all.add(&parse("cpus:0.5"));
    let sums: Vec<_> = all.scalars().map(|(name, amount)| format!("{name}={amount}")).collect();
    assert_eq!(sums, ["cpus=3.5", "mem=64", "bananas=3"]);
    assert_eq!(all.scalar("ports"), None);
    assert_eq!(all.mem_mib(), Thousandths(64_000));
    assert_eq!(all.disk_mib(), Thousandths(0));
    assert_eq!(all.ranges("ports"), [1..=2]);
}

/// Allocation tells resources apart until it is taken off.
#[test]
fn allocated_and_plain_resources_do_not_mix() {
    let plain = parse("cpus:2;mem:64");
    let web = plain.allocated_to("web");
    assert!(!plain.contains(&web));
    assert!(!web.contains(&plain));
    let mut both = plain.clone();
    both.add(&web);
    assert_eq!(both.unallocated(), parse("cpus:4;mem:128"));
    assert_eq!(both.allocations().into_iter().collect::<Vec<_>>(), [("web".to_owned(), web)]);
}

/// Taking away what isn't there changes nothing and says what was wanted.
#[test]
fn failed_subtraction_changes_nothing() {
    let mut have = parse("cpus:2;mem:64;ports:[1-9]");
    let before = have.clone();
    for wanted in ["cpus:1;mem:65", "ports:[9-10]", "cpus(a):1", "gpus:1", "zones:{a}"] {
        let error = have.checked_sub(&parse(wanted)).expect_err(wanted).to_string();
        assert!(error.contains("is not contained in"), "{error}");
        assert_eq!(have, before);
    }
    have.checked_sub(&parse("cpus:2;ports:[3-3,5-9]")).expect("contained");
    assert_eq!(have.to_string(), "mem:64; ports:[1-2, 4-4]");
}

/// What goes beyond something else is what is left when that is taken away, and never less than nothing.
#[test]
fn what_goes_beyond_is_never_less_than_nothing() {
    let have = parse("cpus:2;cpus(web):1;mem:64;ports:[1-9];zones:{a,b}");
    let other = parse("cpus:3;mem:32;gpus:1;ports:[5-20];zones:{b,c}");
    assert_eq!(have.beyond(&other), parse("cpus(web):1;mem:32;ports:[1-4];zones:{a}"));
    assert_eq!(have.beyond(&parse("")), have);
    assert!(have.beyond(&have).is_empty());
}

/// Tenths add up: three times 0.1 is 0.3, and nothing is left when it is taken away.
#[test]
fn tenths_of_a_cpu_add_up_exactly() {
    let mut sum = Resources::new();
    for _ in 0..3 {
        sum += &parse("cpus:0.1");
    }
    assert_eq!(sum, parse("cpus:0.3"));
    sum.checked_sub(&parse("cpus:0.3")).expect("contained");
    assert!(sum.is_empty());
}

/// Amounts print with at most three decimals and no trailing zeros.
#[test]
fn thousandths_print_without_trailing_zeros() {
    for (amount, text) in
        [(0, "0"), (1, "0.001"), (100, "0.1"), (1000, "1"), (1250, "1.25"), (-1500, "-1.5")]
    {
        assert_eq!(Thousandths(amount).to_string(), text);
    }
    assert_eq!(Thousandths::from_f64(f64::NAN), None);
    assert_eq!(Thousandths::from_f64(f64::INFINITY), None);
    assert_eq!(Thousandths::from_f64(1e13), None);
    assert_eq!(Thousandths::from_f64(0.0015), Some(Thousandths(2)));
}

/// The JSON form says the same as the text form, and more.
#[test]
fn json_form_of_the_flag_is_read() {
    let cpus = r#"{"name": "cpus", "type": "SCALAR", "scalar": {"value": 4}}"#;
    let ports = r#"{"name": "ports", "type": "RANGES", "role": "b",
        "ranges": {"range": [{"begin": 1, "end": 2}]}}"#;
    let json = format!(" [{cpus}, {ports}]");
    assert_eq!(Resources::parse(&json, "*"), Resources::parse("cpus:4;ports(b):[1-2]", "*"));
    assert_eq!(Resources::parse(&json, "a"), Resources::parse("cpus:4;ports(b):[1-2]", "a"));
    assert_eq!(Resources::parse("[]", "*"), Ok(Resources::new()));
    for (bad, part) in [
        ("[", "expecting a JSON array"),
        ("[] x", "expecting a JSON array"),
        ("[{}]", "element 0 of the JSON array"),
        (r#"[{"name": "cpus", "type": "SCALAR"}]"#, "Invalid scalar resource"),
    ] {
        let error = Resources::parse(bad, "*").expect_err(bad).to_string();
        assert!(error.contains(part), "{bad}: {error}");
    }
}
