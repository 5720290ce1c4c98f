//! Samples of real output, of several versions of git.

use super::*;

fn id(digit: char) -> ObjectId {
    digit.to_string().repeat(40).parse().unwrap()
}

#[test]
fn reads_versions() {
    assert_eq!(version(b"git version 2.39.5\n"), Some((2, 39)));
    assert_eq!(version(b"git version 2.39.5 (Apple Git-154)\n"), Some((2, 39)));
    assert_eq!(version(b"git version 2.47.1.windows.1\n"), Some((2, 47)));
    assert_eq!(version(b"git version 3.0-rc1\n"), Some((3, 0)));
    assert_eq!(version(b"hub 1.0"), None);
    assert_eq!(version(b""), None);
}

#[test]
fn reads_a_listing() {
    let (a, b, c) = (id('a'), id('b'), id('c'));
    let output = format!(
        "{a}\tHEAD\n{a}\trefs/heads/main\n{c}\trefs/ledger/queues/production\n{b}\trefs/ledger/queues/production^{{}}\n\
         {c}\trefs/ledgers/x\n{a}\trefs/pull/1/head\n{b}\trefs/tags/größe/v1.0.0\n{a}\trefs/tags/größe/v1.0.0^{{}}\n\
         garbage\n{a} refs/tags/no-tab\n\n"
    );
    let snapshot = ls_remote(output.as_bytes(), "refs/ledger");
    let names: Vec<_> = snapshot.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["refs/heads/main", "refs/ledger/queues/production", "refs/tags/größe/v1.0.0"]
    );
    assert_eq!(snapshot.head(), Some(a));
    assert_eq!(snapshot.tag("größe/v1.0.0"), Some(RefTarget { object: b, peeled: Some(a) }));
}

#[test]
fn passes_over_names_that_are_not_text() {
    let mut output = format!("{}\trefs/tags/", id('a')).into_bytes();
    output.extend([0xff, b'\n']);
    assert_eq!(ls_remote(&output, "refs/ledger"), Snapshot::default());
}

#[test]
fn reads_a_push() {
    let output = b"To ../r.git\n\
        *\taaaa:refs/tags/new\t[new tag]\n\
        +\tbbbb:refs/tags/moved\t1111111...2222222 (forced update)\n\
        -\t:refs/tags/gone\t[deleted]\n\
        =\tcccc:refs/tags/same\t[up to date]\n\
        !\tdddd:refs/tags/stale\t[rejected] (stale info)\n\
        !\teeee:refs/tags/other\t[rejected] (atomic push failed)\n\
        !\teeee:refs/tags/late\t[remote rejected] (atomic transaction failed)\n\
        !\tffff:refs/tags/hook\t[remote rejected] (pre-receive hook declined)\n\
        !\tffff:refs/tags/cut\t[remote failure] (remote failed to report status)\n\
        Done\n";
    let seen: Vec<_> = push(output).into_iter().map(|s| (s.name, s.verdict)).collect();
    let expected = [
        ("refs/tags/new", PushVerdict::Done),
        ("refs/tags/moved", PushVerdict::Done),
        ("refs/tags/gone", PushVerdict::Done),
        ("refs/tags/same", PushVerdict::Unchanged),
        ("refs/tags/stale", PushVerdict::Stale),
        ("refs/tags/other", PushVerdict::HeldBack),
        ("refs/tags/late", PushVerdict::HeldBack),
        ("refs/tags/hook", PushVerdict::Refused("pre-receive hook declined".to_owned())),
        ("refs/tags/cut", PushVerdict::Unanswered),
    ];
    assert_eq!(seen, expected.map(|(name, verdict)| (name.to_owned(), verdict)));
}

#[test]
fn keeps_the_words_of_hooks() {
    let stderr = "Enumerating objects: 1, done.\nremote: tags are frozen        \nremote: \nremote: ask Ana\nTo ../r.git\n";
    assert_eq!(remote_words(stderr), "tags are frozen\nask Ana");
    assert_eq!(remote_words("fatal: nothing"), "");
}

#[test]
fn tells_what_a_server_lacks_from_what_passes() {
    assert!(lacks_atomic("fatal: the receiving end does not support --atomic push\n"));
    assert!(is_locked(
        "error: cannot lock ref 'refs/tags/x': Unable to create '/r/refs/tags/x.lock': File exists.\n"
    ));
}

#[test]
fn reads_who_commits() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        ident("Ana Ünal <ana@example.com> 1700000000 +0100"),
        (some("Ana Ünal"), some("ana@example.com"))
    );
    assert_eq!(ident("Ana <> 1700000000 +0000"), (some("Ana"), None));
    assert_eq!(ident(""), (None, None));
    assert_eq!(ident("no address"), (None, None));
}

#[test]
fn knows_when_the_history_of_a_shallow_clone_ends() {
    let id = "ed74f7e5fbdb7549aa1475339ff83bb995ec29a4";
    let said = format!(
        "error: Could not read {id}\nfatal: revision walk setup failed\nfatal: the remote end"
    );
    assert_eq!(missing_history(&said).unwrap().to_string(), id);
    assert_eq!(missing_history(&format!("error: Could not read {id}\n")), None);
    assert_eq!(missing_history("fatal: revision walk setup failed"), None);
}
