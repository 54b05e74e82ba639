//! The attributes flag.

use model::attributes::parse;
use proptest::prelude::*;
use wire::v1::value::Type;

/// The value decides the type.
#[test]
fn value_decides_the_type_of_an_attribute() {
    let attributes =
        parse("rack:r1; zone : a ;cores:8;half:0.5;ports:[1-2,3-4];disks:{b,a}\nurl:x:y")
            .expect("valid attributes");
    let kinds: Vec<_> = attributes
        .iter()
        .map(|one| (one.name.as_str(), Type::try_from(one.r#type).expect("known")))
        .collect();
    assert_eq!(
        kinds,
        [
            ("rack", Type::Text),
            ("zone", Type::Text),
            ("cores", Type::Scalar),
            ("half", Type::Scalar),
            ("ports", Type::Ranges),
            ("disks", Type::Set),
            ("url", Type::Text),
        ]
    );
    let text = |at: usize| attributes[at].text.as_ref().map(|text| text.value.as_str());
    assert_eq!((text(0), text(1), text(6)), (Some("r1"), Some("a"), Some("x:y")));
    assert!(attributes[2].scalar.is_some_and(|cores| (cores.value - 8.0).abs() < 1e-9));
    assert_eq!(attributes[4].ranges.as_ref().map(|ranges| ranges.range.len()), Some(1));
    assert_eq!(attributes[5].set.as_ref().map(|set| set.item.join("")), Some("ab".to_owned()));
}

/// Names are kept in order and may repeat; nothing at all is fine.
#[test]
fn attributes_keep_their_order_and_may_repeat() {
    let names = |text| {
        let attributes = parse(text).expect("valid");
        attributes.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(names("z:1;a:2;z:3"), ["z", "a", "z"]);
    assert!(names(" ; ").is_empty());
}

/// What has no name or no value is refused and named.
#[test]
fn attribute_without_name_or_value_is_refused() {
    for text in ["rack", "rack:", ":r1", "a:1;rack"] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.starts_with("Invalid attribute key:value pair '"), "{error}");
    }
    for text in ["ports:[1", "ports:[2-1]", "set:{a,a}", "n:1e300"] {
        let name = &text[..text.find(':').expect("a colon")];
        let error = parse(text).expect_err(text).to_string();
        assert!(error.starts_with(&format!("attribute '{name}': ")), "{error}");
    }
}

proptest! {
    /// No text makes the reader panic.
    #[test]
    fn no_text_panics(text in ".{0,80}") {
        if let Ok(attributes) = parse(&text) {
            prop_assert!(attributes.iter().all(|one| !one.name.is_empty()));
        }
    }
}
