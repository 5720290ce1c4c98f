//! Laws of versions, their order, bumps and constraints, for any text.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![9 => 0..4_u64, 1 => Just(u64::MAX - 1)]
}

/// Any valid version of the root project or a sub-project.
fn any_version() -> impl Strategy<Value = Version> {
    let path = prop_oneof![Just(String::new()), "[a-z]{1,4}(/[a-z0-9]{1,3}){0,2}"];
    let identifier = "[a-z]{1,3}|0|[1-9][0-9]{0,2}|[a-z][a-z0-9-]{0,3}";
    let prerelease = proptest::option::of(proptest::collection::vec(identifier, 1..4));
    (path, number(), number(), number(), prerelease).prop_map(|(path, a, b, c, suffix)| {
        let suffix = suffix.map(|parts| parts.join(".").parse().unwrap());
        Version::release(path.parse().unwrap(), a, b, c).with_prerelease(suffix)
    })
}

/// Texts near enough to a version that many of them are one.
fn nearly_a_version() -> impl Strategy<Value = String> {
    let number = "(0|[1-9][0-9]{0,2}|0[0-9]|18446744073709551615|18446744073709551616|x|)";
    let suffix = "(-[a-zA-Z0-9._ -]{0,6}|-(rc|[0-9]{1,2})\\.[0-9]{1,20})?";
    let pattern =
        format!("[vV]?{number}\\.{number}\\.{number}(\\.1)?{suffix}(\\+[a-z0-9.]{{0,3}})?");
    proptest::string::string_regex(&pattern).unwrap()
}

/// What the `semver` crate makes of the text behind a `v`, unless it has build metadata.
fn by_the_crate(text: &str) -> Option<semver::Version> {
    let version = semver::Version::parse(text.strip_prefix('v')?).ok()?;
    version.build.is_empty().then_some(version)
}

/// Precedence as SemVer 2.0 words it, for the parts behind the hyphen.
fn by_the_text(left: &str, right: &str) -> Ordering {
    if left.is_empty() || right.is_empty() {
        return left.is_empty().cmp(&right.is_empty());
    }
    let rank = |identifier: &str| match identifier.parse::<u128>() {
        Ok(number) => (0, number, String::new()),
        Err(_) => (1, 0, identifier.to_owned()),
    };
    left.split('.').map(rank).cmp(right.split('.').map(rank))
}

/// One term of a constraint: its operator, how many numbers are given, and its version.
fn any_term() -> impl Strategy<Value = (&'static str, usize, semver::Version)> {
    let operator = prop::sample::select(vec!["", "=", "!=", ">", ">=", "<", "<=", "~>"]);
    (operator, 1..4_usize, any_version()).prop_map(|(operator, given, version)| {
        let mut semver = by_the_crate(&version.semver()).unwrap();
        if given < 3 {
            (semver.patch, semver.pre) = (0, semver::Prerelease::EMPTY);
        }
        if given < 2 {
            semver.minor = 0;
        }
        (operator, given, semver)
    })
}

fn written((operator, given, version): &(&str, usize, semver::Version)) -> String {
    match given {
        1 => format!("{operator} {}", version.major),
        2 => format!("{operator} {}.{}", version.major, version.minor),
        _ => format!("{operator} {version}"),
    }
}

/// What Terraform says that a term means.
fn holds(
    (operator, given, term): &(&str, usize, semver::Version),
    version: &semver::Version,
) -> bool {
    let same = match given {
        1 => true,
        2 => version.major == term.major,
        _ => (version.major, version.minor) == (term.major, term.minor),
    };
    match *operator {
        "" | "=" => version == term,
        "!=" => version != term,
        ">" => version > term,
        ">=" => version >= term,
        "<" => version < term,
        "<=" => version <= term,
        _ => version >= term && same,
    }
}

/// Whether a term speaks of a pre-release of the same release.
fn names((operator, _, term): &(&str, usize, semver::Version), version: &semver::Version) -> bool {
    let numbers = |of: &semver::Version| (of.major, of.minor, of.patch);
    *operator != "!=" && !term.pre.is_empty() && numbers(term) == numbers(version)
}

proptest! {
    #[test]
    fn versions_round_trip(version in any_version()) {
        let text = version.to_string();
        prop_assert_eq!(&text.parse::<Version>().unwrap(), &version);
        let parts = VersionParts::from(&version);
        prop_assert_eq!(Version::try_from(parts).unwrap(), version);
    }

    #[test]
    fn whatever_is_read_prints_back(text in "([a-z./]{0,4}/)?v?[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,2}(-[a-z0-9.-]{0,5})?") {
        if let Ok(version) = text.parse::<Version>() {
            prop_assert_eq!(version.to_string(), text);
        }
    }

    #[test]
    fn the_order_is_total_and_agrees_with_equality(a in any_version(), b in any_version(), c in any_version()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn a_bump_always_goes_up(version in any_version(), which in 0..5_usize) {
        let labelled = Bump::Prerelease(Some("b".parse().unwrap()));
        let bumps = [Bump::Major, Bump::Minor, Bump::Patch, Bump::Prerelease(None), labelled];
        let next = version.bump(&bumps[which]).unwrap();
        prop_assert!(next > version);
        prop_assert_eq!(next.to_string().parse::<Version>().unwrap(), next);
    }

    #[test]
    fn a_version_satisfies_itself(version in any_version()) {
        let exact: VersionConstraint = version.semver().parse().unwrap();
        prop_assert!(exact.matches(&version));
        let below: VersionConstraint = format!("< {}", version.semver()).parse().unwrap();
        prop_assert!(!below.matches(&version));
    }

    #[test]
    fn constraints_round_trip(text in "(>=|<|~>|!=|=)? ?[0-9]{1,2}(\\.[0-9]{1,2}){0,2}( ?, ?[<>] ?[1-9])?") {
        if let Ok(constraint) = text.parse::<VersionConstraint>() {
            prop_assert_eq!(constraint.to_string(), text);
        }
    }

    #[test]
    fn reading_agrees_with_the_crate(text in nearly_a_version()) {
        match (text.parse::<Version>(), by_the_crate(&text)) {
            (Ok(ours), Some(theirs)) => {
                prop_assert_eq!(ours.to_string(), &*text);
                let numbers = (ours.major(), ours.minor(), ours.patch());
                prop_assert_eq!(numbers, (theirs.major, theirs.minor, theirs.patch));
                let suffix = ours.prerelease().map(|suffix| suffix.to_string());
                prop_assert_eq!(suffix.unwrap_or_default(), theirs.pre.as_str());
            }
            (Err(told), None) => prop_assert!(told.iter().count() > 0),
            (ours, theirs) => prop_assert!(false, "{ours:?} {theirs:?}"),
        }
    }

    #[test]
    fn prereleases_agree_with_the_crate(text in "[a-zA-Z0-9._ -]{0,6}|[0-9]{1,3}(\\.[0-9]{1,21})?") {
        let theirs = semver::Prerelease::new(&text).is_ok() && !text.is_empty();
        match text.parse::<Prerelease>() {
            Ok(ours) => prop_assert!(theirs && ours.to_string() == text),
            Err(told) => prop_assert!(!theirs && told.iter().count() > 0, "{told}"),
        }
    }

    #[test]
    fn any_text_has_an_answer(text: String, suffix: String) {
        for text in [&text, &format!("v1.2.3-{suffix}"), &format!("v{text}.0.0")] {
            if let Ok(version) = text.parse::<Version>() {
                prop_assert_eq!(&version.to_string(), text);
            }
            if let Ok(constraint) = text.parse::<VersionConstraint>() {
                prop_assert_eq!(&constraint.to_string(), text);
            }
        }
    }

    #[test]
    fn the_order_is_the_one_of_semver(a in any_version(), b in any_version()) {
        let (left, right) = (by_the_crate(&a.semver()).unwrap(), by_the_crate(&b.semver()).unwrap());
        prop_assert_eq!(a.precedence(&b), left.cmp(&right));
        let numbers = |of: &semver::Version| (of.major, of.minor, of.patch);
        let by_the_text = numbers(&left)
            .cmp(&numbers(&right))
            .then_with(|| by_the_text(left.pre.as_str(), right.pre.as_str()));
        prop_assert_eq!(a.precedence(&b), by_the_text);
    }

    #[test]
    fn constraints_mean_what_terraform_says(
        terms in proptest::collection::vec(any_term(), 1..4),
        version in any_version(),
    ) {
        let text: Vec<String> = terms.iter().map(written).collect();
        let constraint: VersionConstraint = text.join(", ").parse().unwrap();
        let semver = by_the_crate(&version.semver()).unwrap();
        let admitted = !version.is_prerelease() || terms.iter().any(|term| names(term, &semver));
        let expected = admitted && terms.iter().all(|term| holds(term, &semver));
        prop_assert_eq!(constraint.matches(&version), expected, "{} {}", text.join(", "), version);
    }
}
