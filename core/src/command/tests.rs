//! Real commands: how they end, what they get and what is kept.

use super::*;

fn shell(script: &str) -> Command {
    Command {
        program: "sh".to_owned(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
        environment: BTreeMap::new(),
        folder: None,
        patience: Duration::from_secs(60),
    }
}

#[tokio::test]
async fn ends_and_words_are_told() {
    let finished = shell("echo said; echo complained >&2; exit 3").run().await;
    assert!(matches!(finished.end, End::Exited(3)) && !finished.succeeded());
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("said\n", "complained\n"));
    assert!(matches!(shell("kill -9 $$").run().await.end, End::Signalled));
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let missing = Command { program: "no-such-program-here".to_owned(), ..shell("") };
    assert!(matches!(missing.run().await.end, End::NotFound));
    let nowhere = Command { folder: Some("/no/such/folder".into()), ..shell("true") };
    assert!(matches!(nowhere.run().await.end, End::Refused(_)));
}

#[tokio::test]
async fn only_what_is_given_reaches_it() {
    let environment = BTreeMap::from([("GIVEN".to_owned(), "a b".to_owned())]);
    let finished = Command { environment, ..shell("env") }.run().await;
    assert!(finished.stdout.contains("GIVEN=a b\n"), "{}", finished.stdout);
    let foreign =
        finished.stdout.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| {
            // A shell sets some for itself.
            !INHERITED.contains(name) && !["GIVEN", "PWD", "OLDPWD", "SHLVL", "_"].contains(name)
        });
    assert_eq!(foreign, None);
}

#[tokio::test]
async fn only_the_end_of_much_is_kept() {
    let finished =
        shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done").run().await;
    assert!(finished.stdout.len() <= 64 * 1024 && finished.stdout.ends_with("line 19999\n"));
}

#[tokio::test]
async fn its_children_end_with_it() {
    let folder = tempfile::tempdir().unwrap();
    // The child would hold the output open for an hour.
    let parent =
        Command { folder: Some(folder.path().into()), ..shell("sleep 3600 & echo $! > child") };
    assert!(parent.run().await.succeeded());
    let late = Command { patience: Duration::from_millis(200), ..shell("sleep 3600") };
    assert!(matches!(late.run().await.end, End::TimedOut));
    let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
    let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
    // It may still wait for its parent to ask how it ended.
    assert!(state.is_err() || state.is_ok_and(|stat| stat.contains(") Z ")));
}

#[tokio::test]
async fn no_secret_is_among_the_last_words() {
    // Of parts, so that no scanner takes this file for a leak.
    let key = ["AKIA", "QYLPMN5HFIQR7XYA"].concat();
    let script =
        format!("echo said; echo a {key} >&2; printf 'no \\033[31m%s\\n' \"$WORD\" >&2; exit 1");
    let environment = BTreeMap::from([("WORD".to_owned(), "hunter2".to_owned())]);
    let finished = Command { environment, ..shell(&script) }.run().await;
    let told = finished.last_words(["hunter2"]);
    assert!(told.starts_with("***\nno ") && told.ends_with("***"), "{told:?}");
    assert!(!told.contains('\u{1b}') && !told.contains("QYLPMN"), "{told:?}");
    assert_eq!(shell("echo said").run().await.last_words([]), "said");
}

#[tokio::test]
async fn a_secret_within_another_or_of_several_lines_is_not_told_either() {
    let script = "echo \"$LONG $SHORT\"; echo $FILE done; printf '%s' \"$LINES\" | sed 's/^/> /'";
    let words = [
        ("FILE", "canary-file\n"),
        ("LINES", "canary-one\ncanary-two\n"),
        ("LONG", "hunter-canary"),
        ("SHORT", "hunter"),
    ];
    let environment =
        words.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect();
    let finished = Command { environment, ..shell(script) }.run().await;
    assert!(finished.stdout.contains("hunter-canary hunter\n"), "{}", finished.stdout);
    // The shorter one comes first.
    let told = finished.last_words(words.iter().rev().map(|(_, word)| *word));
    assert_eq!(told, "*** ***\n*** done\n> ***\n> ***");
}

#[tokio::test]
async fn no_line_of_a_private_key_is_told() {
    // Of parts, so that no scanner takes this file for a leak.
    let (begin, end) = (["-----BEGIN RSA PRIV", "ATE KEY-----"].concat(), "-----END RSA-----");
    let lines = "MIIEpAIBAAKC".repeat(5);
    let finished =
        shell(&format!("printf '%s\n' a '{begin}' {lines} {lines}X '{end}' z")).run().await;
    assert_eq!(finished.last_words([]), "a\n***\n***\n***\n***\nz");
}

#[tokio::test]
async fn a_line_that_was_cut_is_not_told() {
    let script = "printf '%070000d' 0; printf 'a secret\\nend\\n'";
    assert_eq!(shell(script).run().await.stdout, "end\n");
}

#[tokio::test]
async fn nobody_waits_for_what_left_its_group() {
    let folder = tempfile::tempdir().unwrap();
    // It holds the output open for an hour.
    let script = "echo said; setsid sh -c 'echo $$ > child; exec sleep 3600' & \
                  while ! [ -s child ]; do sleep 0.01; done; exit 3";
    let finished = Command { folder: Some(folder.path().into()), ..shell(script) }.run().await;
    let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
    assert!(shell(&format!("kill -9 {child}")).run().await.succeeded(), "it goes on");
    assert!(matches!(finished.end, End::Exited(3)) && finished.stdout == "said\n");
}
