//! The page of a report in a real browser: on a phone, a tablet and a desktop, light and dark, and on paper. Pictures
//! of all of them stay in `target/report`, to be looked at.
//!
//! What stands on the page is for the tests of `pipeline-core`.

#![allow(clippy::unwrap_used, reason = "a sample that cannot be made is a failed test")]

mod sample;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pipeline_acceptance::browser::Browser;
use pipeline_acceptance::scene::skipped;
use pipeline_acceptance::tool::{Found, target};
use pipeline_acceptance::{Failure, Outcome};
use pipeline_core::report::{ReportFacts, ReportQuestion};
use serde_json::Value;

use self::sample::{LONG, PLAIN, UNUSUAL, USUAL};

/// Every look at a page: three widths, light and dark, and paper.
const LOOKS: usize = 7;

const USUAL_NAMES: [&str; 3] = ["development", "staging", "production"];
const LONG_NAMES: [&str; 3] = [
    "dev",
    "the-environment-in-which-our-customers-in-the-north-and-in-the-east-try-the-next-release-first",
    "production",
];

fn page(folder: &Path, name: &str, facts: &ReportFacts, title: Option<String>) -> Outcome<PathBuf> {
    let question = ReportQuestion { title, ..ReportQuestion::default() };
    let report = facts.report(&question).ok_or_else(|| Failure::new("the report has no time"))?;
    let file = folder.join(format!("{name}.html"));
    std::fs::write(&file, report.html())?;
    Ok(file)
}

/// The browser; none where this machine cannot have it.
fn browser(test: &str) -> Outcome<Option<Browser>> {
    match Browser::find()? {
        Found::Ready(browser) => Ok(Some(browser)),
        Found::Missing(why) => {
            skipped(test, &format!("no browser looks at the pages: {why}"));
            Ok(None)
        }
    }
}

/// Everything that is wrong with a look at a page.
fn problems(look: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let list = |name: &str| look[name].as_array().cloned().unwrap_or_default();
    for (name, what) in [
        ("said", "is said on the console"),
        ("asked", "is asked for"),
        ("outside", "stands out of its box"),
        ("faults", "is a fault"),
    ] {
        found.extend(list(name).iter().map(|it| format!("{what}: {it}")));
    }
    if look["wide"] != false {
        found.push("the page can be moved sideways".to_owned());
    }
    if look["scripts"] != 0 {
        found.push("there is a script".to_owned());
    }
    let anchors: BTreeSet<String> = list("anchors").iter().filter_map(text).collect();
    if anchors.len() != list("anchors").len() {
        found.push("an anchor is there twice".to_owned());
    }
    for link in list("links") {
        let link = text(&link).unwrap_or_default();
        let leads = link.starts_with("https://")
            || link.strip_prefix('#').is_some_and(|it| anchors.contains(it));
        if !leads {
            found.push(format!("a link leads nowhere: {link:?}"));
        }
    }
    let levels: Vec<i64> = list("headings").iter().filter_map(Value::as_i64).collect();
    let is_in_order = levels.first() == Some(&1)
        && levels.iter().filter(|it| **it == 1).count() == 1
        && levels.windows(2).all(|two| two[1] <= two[0] + 1);
    if !is_in_order {
        found.push(format!("headings out of order: {levels:?}"));
    }
    found
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Every look at these pages finds nothing. Gives what was seen.
fn whole(test: &str, pages: &[(&str, ReportFacts, Option<String>)]) -> Outcome<Vec<Value>> {
    let folder = target()?.join("report");
    std::fs::create_dir_all(&folder)?;
    let files = pages.iter().map(|(name, facts, title)| page(&folder, name, facts, title.clone()));
    let files = files.collect::<Outcome<Vec<_>>>()?;
    let Some(browser) = browser(test)? else { return Ok(Vec::new()) };
    let looks = browser.look(&files, &folder)?;
    assert_eq!(looks.len(), pages.len() * LOOKS);
    let wrong: Vec<String> = looks
        .iter()
        .flat_map(|look| {
            let place = format!("{} {}", look["page"], look["look"]);
            problems(look).into_iter().map(move |what| format!("{place}: {what}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Nothing that is folded on a screen is lost on paper.
    let lost = looks.iter().filter(|it| it["look"] == "paper" && it["folded"] != 0);
    assert_eq!(lost.count(), 0, "{looks:?}");
    Ok(looks)
}

#[test]
fn a_page_is_whole_on_every_screen_and_on_paper() -> Outcome {
    let small = sample::team(USUAL_NAMES, &PLAIN[2..5], &USUAL);
    let pages = [("small", small, None), ("none", ReportFacts::default(), None)];
    for look in whole("a_page_is_whole_on_every_screen_and_on_paper", &pages)? {
        let links: Vec<String> =
            look["links"].as_array().into_iter().flatten().filter_map(text).collect();
        let wanted = ["/compare/", "/commit/", "/actions/workflows/rollback.yml", "/actions/runs/"];
        for part in wanted.iter().filter(|_| look["page"] == "small.html") {
            assert!(links.iter().any(|it| it.contains(part)), "{}: {part}", look["look"]);
        }
    }
    Ok(())
}

#[test]
#[ignore = "slow: axe looks at thousands of elements of a page seven times; every day it looks at a small page"]
fn large_and_hostile_pages_are_whole_on_every_screen_and_on_paper() -> Outcome {
    let pages = [
        ("team", sample::team(USUAL_NAMES, &PLAIN, &USUAL), None),
        ("hostile", sample::team(LONG_NAMES, &LONG, &UNUSUAL), sample::title(&UNUSUAL)),
        ("many", sample::many(40), None),
    ];
    whole("large_and_hostile_pages_are_whole_on_every_screen_and_on_paper", &pages).map(drop)
}

/// The test that looks would see a page that is wrong.
#[test]
fn a_bad_page_is_found_out() -> Outcome {
    let Some(browser) = browser("a_bad_page_is_found_out")? else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bad.html");
    std::fs::write(
        &file,
        "<!DOCTYPE html><html><body><h1>Bad</h1><h3>Worse</h3><p style='color:#ddd'>pale</p>\
         <div style='width:3000px'>wide</div><img src='https://example.com/pixel.png'>\
         <a href='#nowhere'>link</a><script>console.log('hello'); throw new Error('oh')</script></body></html>",
    )?;
    let looks = browser.look(&[file], folder.path())?;
    assert_eq!(looks.len(), LOOKS);
    for look in &looks {
        let told = problems(look).join("\n");
        for part in [
            "hello",
            "oh",
            "https://example.com/pixel.png",
            "out of its box",
            "sideways",
            "a script",
            "nowhere",
            "out of order",
            "color-contrast",
            "html-has-lang",
            "image-alt",
        ] {
            assert!(told.contains(part), "{}: {part} in\n{told}", look["look"]);
        }
        let picture =
            folder.path().join(format!("bad-{}.png", text(&look["look"]).unwrap_or_default()));
        assert!(picture.is_file(), "{}", picture.display());
    }
    Ok(())
}
