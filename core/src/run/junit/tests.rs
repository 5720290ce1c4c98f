//! Reports as runners write them, and documents that mean harm.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> JunitReport {
    JunitReport::read(text.as_bytes()).unwrap()
}

fn counts(report: &JunitReport) -> (u64, u64, u64) {
    (report.passed, report.failed, report.skipped)
}

fn told(report: &JunitReport) -> Vec<(&str, &str, &str)> {
    report
        .failures
        .iter()
        .map(|it| (it.suite.as_str(), it.name.as_str(), it.message.as_str()))
        .collect()
}

#[test]
fn pytest() {
    let report = read(
        r#"<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="1" failures="1"
        skipped="1" tests="4" time="0.05" timestamp="2025-10-20T14:30:45" hostname="ci">
        <testcase classname="tests.test_api" name="test_ok" time="0.001" />
        <testcase classname="tests.test_api" name="test_bad" time="1.250"><failure
          message="assert 1 == 2&#10;  +1">def test_bad(): &gt; assert 1 == 2</failure>
          <error message="failed on teardown">x</error></testcase>
        <testcase classname="tests.test_api" name="test_skip" time="0.000"><skipped type="pytest.skip"
          message="no database">x</skipped></testcase></testsuite></testsuites>"#,
    );
    assert_eq!(counts(&report), (1, 1, 1));
    assert_eq!((report.tests(), report.duration_ms), (2, 1251));
    assert_eq!(told(&report), [("tests.test_api", "test_bad", "assert 1 == 2\\n  +1")]);
}

#[test]
fn jest() {
    let report = read(
        r#"<testsuites name="jest tests" tests="3" failures="2" errors="0" time="1.2">
        <testsuite name="sum" errors="0" failures="1" skipped="0" tests="2" time="0.5">
        <testcase classname="sum adds" name="sum adds" time="0.002"></testcase>
        <testcase classname="sum subtracts" name="sum subtracts" time="0.001">
        <failure>Error: expect(received).toBe(expected)</failure></testcase></testsuite>
        <testsuite name="Test suite failed to run" errors="0" failures="1" tests="1"/></testsuites>"#,
    );
    assert_eq!(counts(&report), (1, 2, 0));
    assert_eq!(report.failures[1].name, "Test suite failed to run");
}

#[test]
fn surefire_tells_of_tests_that_were_run_again() {
    let report = read(
        r#"<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.example.ApiTest"
        time="1,000.5" tests="3" errors="0" skipped="0" failures="1"><properties><property name="a" value="b"/>
        </properties><testcase name="flaky" classname="com.example.ApiTest" time="1,000"><flakyFailure
        message="late" type="java.lang.AssertionError"><stackTrace><![CDATA[at <x>]]></stackTrace></flakyFailure>
        </testcase><testcase name="broken" classname="com.example.ApiTest" time="0.1"><failure
        type="java.lang.AssertionError">x</failure><rerunFailure message="again"/></testcase>
        <testcase name="good" classname="com.example.ApiTest"/></testsuite>"#,
    );
    assert_eq!(counts(&report), (2, 1, 0));
    assert_eq!(report.duration_ms, 1_000_100);
    assert_eq!(told(&report), [("com.example.ApiTest", "broken", "java.lang.AssertionError")]);
}

#[test]
fn gotestsum_and_nextest() {
    let go = read(
        r#"<testsuites tests="2" failures="1" errors="1" time="0.1"><testsuite tests="2" failures="1"
        time="0.1" name="example.com/api"><testcase classname="example.com/api" name="TestMain" time="0.0">
        <failure message="Failed" type="">build failed</failure></testcase><testcase classname="api"
        name="TestSkip" time="0"><skipped message="short"></skipped></testcase></testsuite></testsuites>"#,
    );
    // The error of the build stands only in the sum.
    assert_eq!(counts(&go), (0, 2, 1));
    let nextest = read(
        r#"<testsuites name="ci" tests="2" failures="1" errors="0" uuid="u" timestamp="t" time="0.3">
        <testsuite name="api" tests="2" disabled="0" errors="0" failures="1"><testcase name="a::b"
        classname="api" timestamp="t" time="0.01"/><testcase name="a::c" classname="api" time="0.02">
        <failure message="thread panicked" type="test failure">x</failure><system-err>y</system-err>
        </testcase></testsuite></testsuites>"#,
    );
    let mut all = go;
    all.add(nextest);
    assert_eq!(counts(&all), (1, 3, 1));
    assert_eq!(all.failures.len(), 3);
}

#[test]
fn harm_is_refused() {
    let laughs =
        r#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><testsuites>&b;</testsuites>"#;
    assert_eq!(JunitReport::read(laughs.as_bytes()), Err(JunitError::DocumentType));
    let deep = "<testsuite>".repeat(200_000);
    assert_eq!(JunitReport::read(deep.as_bytes()), Err(JunitError::TooDeep));
    let cut = r#"<testsuites><testsuite name="a"><testcase na"#;
    assert!(matches!(JunitReport::read(cut.as_bytes()), Err(JunitError::Unfinished(_))));
    assert!(matches!(JunitReport::read(b""), Err(JunitError::Unfinished(_))));
    assert!(matches!(JunitReport::read(b"<html></html>"), Err(JunitError::OtherRoot(_))));
    let two = b"<testsuite/><testsuite/>";
    assert!(matches!(JunitReport::read(two), Err(JunitError::OtherRoot(_))));
    let crossed = b"<testsuites><a></b></testsuites>";
    assert!(matches!(JunitReport::read(crossed), Err(JunitError::NoXml { .. })));
    assert_eq!(JunitReport::read(b"<testsuite>\xff"), Err(JunitError::NoText(11)));
    // Neither an unknown entity nor many attributes stop the rest.
    let many: String = (0..100_000).map(|number| format!(" a{number}=\"1\"")).collect();
    let text =
        format!("<testsuite><testcase{many}><failure message=\"&lol;\"/></testcase></testsuite>");
    assert_eq!(counts(&read(&text)), (0, 1, 0));
    let hostile = read(
        "<testsuite><testcase name=\"&#27;[2J\"><error message=\"##[error]\"/></testcase></testsuite>",
    );
    assert_eq!(told(&hostile), [("", "\\u{1b}[2J", "#\\u{23}[error]")]);
    let boast = read("<testsuite failures=\"18446744073709551615\" errors=\"9\"/>");
    assert_eq!(counts(&boast), (0, u64::MAX, 0));
}

/// What is neither a comment nor the text of a CDATA section.
fn spoken(text: &str) -> String {
    let sections = [("<!--", "-->"), ("<![CDATA[", "]]>")];
    let starts = sections.into_iter().filter_map(|(open, close)| Some((text.find(open)?, close)));
    let Some((start, close)) = starts.min() else { return text.to_owned() };
    let rest = text[start..].split_once(close).map_or("", |(_, rest)| rest);
    text[..start].to_owned() + &spoken(rest)
}

proptest! {
    /// Whatever it is, it is read or refused; and what is read is never better than it says.
    #[test]
    fn whatever_it_is(pieces in proptest::collection::vec(prop_oneof![
        Just("<testsuite failures=\"1\">"), Just("<testsuites>"), Just("</testsuite>"), Just("</testsuites>"),
        Just("<testcase name='a'>"), Just("</testcase>"), Just("<failure/>"), Just("<error message=\"&amp;\">"),
        Just("</error>"), Just("<skipped/>"), Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("-->"),
        Just("&x;"), Just("<"), Just("\""), Just("text"),
    ], 0..20), noise in proptest::collection::vec(any::<u8>(), 0..9)) {
        let text = pieces.concat();
        if let Ok(report) = JunitReport::read(text.as_bytes()) {
            let claims = spoken(&text).contains("<testsuite failures=\"1\">");
            prop_assert!(!claims || report.failed > 0);
        }
        let mut bytes = text.into_bytes();
        bytes.extend(noise);
        let _ = JunitReport::read(&bytes);
    }
}
