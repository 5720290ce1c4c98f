//! Samples of versions, their order, bumps and constraints.

use super::*;
use crate::base::rule::RuleId;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

#[test]
fn reads_and_prints_what_document_001_shows() {
    let read = version("api/v1.2.3-beta.1");
    assert_eq!(read.sub_project_path().as_str(), "api");
    assert_eq!((read.major(), read.minor(), read.patch()), (1, 2, 3));
    assert_eq!(read.prerelease().unwrap().as_str(), "beta.1");
    assert_eq!(
        (read.semver().as_str(), read.to_string().as_str()),
        ("v1.2.3-beta.1", "api/v1.2.3-beta.1")
    );
}

#[test]
fn each_fault_names_its_rule() {
    let max = format!("v1.2.{}0", u64::MAX);
    for (text, rule) in [
        ("1.2.3", RuleId::VER001),
        ("v1.2", RuleId::VER001),
        ("v1.2.3.4", RuleId::VER001),
        ("", RuleId::VER001),
        ("v1.2.3-a_b", RuleId::VER001),
        ("/v1.2.3", RuleId::VER002),
        ("a b/v1.2.3", RuleId::VER002),
        ("v01.2.3", RuleId::VER003),
        ("v1.x.3", RuleId::VER003),
        (max.as_str(), RuleId::VER003),
        ("v1.2.3-", RuleId::VER004),
        ("v1.2.3-rc..1", RuleId::VER004),
        ("v1.2.3-rc.01", RuleId::VER004),
        ("v1.2.3+5", RuleId::VER007),
        ("v1.2.3-rc.1+5", RuleId::VER007),
    ] {
        let error = text.parse::<Version>().unwrap_err();
        assert!(error.breaks(rule), "{text}: {error}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let error = "-x/v01.2.03-rc..1".parse::<Version>().unwrap_err();
    let rules: Vec<_> = error.iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, [RuleId::VER002, RuleId::VER003, RuleId::VER003, RuleId::VER004]);
}

#[test]
fn slips_are_told_what_to_write() {
    for (text, right) in [
        ("1.2.3", "v1.2.3"),
        ("v1.2", "v1.2.0"),
        ("1.2", "v1.2.0"),
        ("V1.2.3", "v1.2.3"),
        ("v00.2.3", "0"),
    ] {
        let told = text.parse::<Version>().unwrap_err().to_string();
        assert!(told.contains(&format!("Write `{right}`.")), "{told}");
    }
}

#[test]
fn precedence_is_the_example_of_semver() {
    let rising = [
        "v1.0.0-alpha",
        "v1.0.0-alpha.1",
        "v1.0.0-alpha.beta",
        "v1.0.0-beta",
        "v1.0.0-beta.2",
        "v1.0.0-beta.11",
        "v1.0.0-rc.1",
        "v1.0.0",
        "v1.0.1",
        "v1.1.0",
        "v2.0.0",
    ];
    for pair in rising.windows(2) {
        assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
    }
    let long = "v1.0.0-18446744073709551616";
    assert!(version("v1.0.0-9") < version(long), "numbers of any length are compared by value");
}

#[test]
fn bumps_follow_the_meaning_of_a_prerelease() {
    let rc = || Bump::Prerelease(None);
    let labelled = |label: &str| Bump::Prerelease(Some(label.parse().unwrap()));
    for (from, bump, to) in [
        ("api/v1.2.3", Bump::Major, "api/v2.0.0"),
        ("v1.2.3", Bump::Minor, "v1.3.0"),
        ("v1.2.3", Bump::Patch, "v1.2.4"),
        ("v2.0.0-rc.1", Bump::Major, "v2.0.0"),
        ("v2.1.0-rc.1", Bump::Major, "v3.0.0"),
        ("v2.1.0-rc.1", Bump::Minor, "v2.1.0"),
        ("v2.1.1-rc.1", Bump::Patch, "v2.1.1"),
        ("v1.2.3", rc(), "v1.2.4-rc.1"),
        ("v1.2.4-rc.1", rc(), "v1.2.4-rc.2"),
        ("v1.2.4-beta", rc(), "v1.2.4-beta.1"),
        ("v1.2.4-7", rc(), "v1.2.4-8"),
        ("v1.2.4-beta.3", labelled("rc"), "v1.2.4-rc.1"),
        ("v1.2.4-rc.1", labelled("beta"), "v1.2.5-beta.1"),
    ] {
        assert_eq!(version(from).bump(&bump).unwrap().to_string(), to, "{from} {bump:?}");
    }
    let last = Version::release(SubProjectPath::root(), u64::MAX, 0, 0);
    assert!(last.bump(&Bump::Major).unwrap_err().breaks(RuleId::VER003));
}

#[test]
fn bumps_have_names() {
    assert_eq!("patch".parse::<Bump>().unwrap(), Bump::Patch);
    assert_eq!("prerelease".parse::<Bump>().unwrap(), Bump::Prerelease(None));
    let error = "minro".parse::<Bump>().unwrap_err();
    assert!(error.breaks(RuleId::OWN005) && error.to_string().contains("Did you mean `minor`?"));
}

#[test]
fn constraints_read_as_in_terraform() {
    for (constraint, yes, no) in [
        ("1.2.3", "v1.2.3", "v1.2.4"),
        ("= v1.2.3", "api/v1.2.3", "v1.2.4"),
        ("!= 1.3.0", "v1.2.3", "v1.3.0"),
        (">= 1.2, < 2", "v1.9.9", "v2.0.0"),
        (">=1.2,<2", "v1.2.0", "v1.1.9"),
        ("> 1.2", "v1.2.1", "v1.2.0"),
        ("<= 1.2", "v1.2.0", "v1.2.1"),
        ("~> 1.4", "v1.9.0", "v2.0.0"),
        ("~> 1.4.2", "v1.4.9", "v1.5.0"),
        ("~> 1.4.2", "v1.4.2", "v1.4.1"),
        ("~> 1", "v3.0.0", "v0.9.0"),
        ("1.2.3-rc.1", "v1.2.3-rc.1", "v1.2.3-rc.2"),
        (">= 1.2.3-rc.1, < 2", "v1.2.3-rc.2", "v1.2.4-rc.1"),
        (">= 1.2.3-rc.1", "v1.2.3", "v1.2.3-beta.1"),
        ("~> 1.4", "v1.4.0", "v1.5.0-rc.1"),
        ("!= 1.2.3-rc.1", "v1.2.3", "v1.2.3-rc.2"),
    ] {
        let parsed: VersionConstraint = constraint.parse().unwrap();
        assert_eq!(parsed.to_string(), constraint);
        assert!(parsed.matches(&version(yes)), "{constraint} {yes}");
        assert!(!parsed.matches(&version(no)), "{constraint} {no}");
    }
}

#[test]
fn bad_constraints_name_every_bad_term() {
    let error = "^1.2, >= x, < 2".parse::<VersionConstraint>().unwrap_err();
    assert_eq!(error.iter().count(), 2);
    assert!(error.breaks(RuleId::OWN001));
    for text in ["", ",", "1.2.3.4", ">= 1.2-rc.1", "1.2,", "==1.2", "> > 1", "01.2"] {
        assert!(text.parse::<VersionConstraint>().is_err(), "{text}");
    }
    let most = vec!["> 1"; 100].join(",");
    assert!(most.parse::<VersionConstraint>().is_ok());
    let told = format!("{most},x").parse::<VersionConstraint>().unwrap_err();
    assert_eq!(told.iter().count(), 1, "{told}");
    assert!(told.to_string().contains("101 terms"), "{told}");
}

#[test]
fn a_caret_is_answered_by_the_range_that_it_means() {
    for (caret, range) in [
        ("^1.2", ">= 1.2, < 2"),
        ("^ 1.2.3", ">= 1.2.3, < 2"),
        ("^0.2.3", ">= 0.2.3, < 0.3"),
        ("^0.0.3", ">= 0.0.3, < 0.0.4"),
        ("^0", ">= 0, < 1"),
    ] {
        let told = caret.parse::<VersionConstraint>().unwrap_err().to_string();
        assert!(told.contains(&format!("Write `{range}`")), "{told}");
        assert!(range.parse::<VersionConstraint>().is_ok(), "{range}");
    }
}

#[test]
fn parts_must_agree() {
    let parts = VersionParts::from(&version("api/v1.2.3-rc.1"));
    assert_eq!(Version::try_from(parts.clone()).unwrap(), version("api/v1.2.3-rc.1"));
    let wrong = VersionParts { full_version: "v1.2.3-rc.1".into(), minor: 9, ..parts };
    let error = Version::try_from(wrong).unwrap_err();
    assert!(error.breaks(RuleId::VER005) && error.breaks(RuleId::VER003), "{error}");
}

#[test]
fn a_text_without_end_gives_a_reason_with_one() {
    let text = format!("1.{}", ".".repeat(100_000));
    let reason = text.parse::<Prerelease>().unwrap_err().to_string();
    assert!(reason.len() < 10_000, "{} bytes", reason.len());
    let reason = format!("v1.2.3-{text}").parse::<Version>().unwrap_err().to_string();
    assert!(reason.len() < 10_000, "{} bytes", reason.len());
}
