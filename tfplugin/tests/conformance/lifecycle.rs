//! Ending, stopping and interrupting.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tfplugin::Value;
use tfplugin::wire::tfplugin6::{get_provider_schema, stop_provider};

use crate::support::host::{Host, clean, value};
use crate::support::process::Process;
use crate::support::walk::{Stored, Walk};

/// Hosts kill after two seconds; this is what we promise.
const PROMPT: Duration = Duration::from_millis(500);

/// How often an end is tried: a machine that stands still in the meantime says nothing about it.
const ATTEMPTS: usize = 4;

/// How long the process took to end as it should.
async fn gone(process: Process, socket: &Path) -> Duration {
    let (status, took, stderr) = process.exit().await;
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(!socket.exists(), "the socket file is still there");
    took
}

/// That one of several ends is prompt.
async fn prompt(mut end: impl AsyncFnMut() -> Duration) {
    let mut all = Vec::new();
    while all.len() < ATTEMPTS {
        let took = end().await;
        if took < PROMPT {
            return;
        }
        all.push(took);
    }
    panic!("took {all:?}");
}

fn socket(process: &Process) -> PathBuf {
    let socket = PathBuf::from(process.address());
    assert!(socket.exists());
    socket
}

/// A walk with an apply in flight that takes its time.
async fn busy(mode: &str) -> (Walk, tokio::task::JoinHandle<Stored>) {
    let walk = Walk::start().await;
    let applying = begin(&walk, mode).await;
    (walk, applying)
}

async fn begin(walk: &Walk, mode: &str) -> tokio::task::JoinHandle<Stored> {
    let config = walk.thing(&[("name", Value::from("busy")), ("mode", Value::from(mode))]);
    let plan = walk.plan(&Stored::nothing(), &config).await;
    let request = walk.apply_request(&Value::Null, &plan, &config);
    let (mut provider, ty) = (walk.host.provider.clone(), walk.ty.clone());
    let applying = tokio::spawn(async move {
        let response = provider.apply_resource_change(request).await.unwrap().into_inner();
        clean(&response.diagnostics);
        let state = value(response.new_state.as_ref(), &ty);
        Stored { state, private: response.private, identity: response.new_identity }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!applying.is_finished());
    applying
}

async fn stop(walk: &Walk) {
    let begun = Instant::now();
    let mut provider = walk.host.provider.clone();
    let response = provider.stop_provider(stop_provider::Request {}).await.unwrap();
    assert_eq!(response.into_inner().error, "");
    assert!(begun.elapsed() < Duration::from_millis(100));
}

#[tokio::test]
async fn an_idle_process_ends_promptly() {
    prompt(async || {
        let process = Process::start().await;
        let host = process.host().await;
        let socket = socket(&process);
        host.shutdown().await;
        gone(process, &socket).await
    })
    .await;
}

#[tokio::test]
async fn a_process_at_work_ends_promptly() {
    for mode in ["slow", "stubborn"] {
        prompt(async || {
            let (walk, applying) = busy(mode).await;
            let socket = socket(&walk.process);
            let Walk { process, host, .. } = walk;
            host.shutdown().await;
            let took = gone(process, &socket).await;
            // Cut off, or answered with what was done until then.
            drop(applying.await);
            took
        })
        .await;
    }
}

#[tokio::test]
async fn an_interrupt_changes_nothing_and_a_stop_ends_the_work() {
    let (walk, applying) = busy("slow").await;
    walk.process.signal("INT");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!applying.is_finished());
    stop(&walk).await;
    let begun = Instant::now();
    let stored = applying.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(stored.state.get("note"), Some(&Value::from("hi stopped")));
    // Work is not stopped by a stop from before the configuration.
    walk.configure().await;
    let again = begin(&walk, "slow").await;
    assert!(!again.is_finished());
    stop(&walk).await;
    assert_eq!(again.await.unwrap().state.get("note"), Some(&Value::from("hi stopped")));
}

#[tokio::test]
async fn a_stop_ends_a_plan_that_never_would() {
    let walk = Walk::start().await;
    let folder = tempfile::tempdir().unwrap();
    for name in ["first", "second"] {
        let mark = folder.path().join(name);
        let mode = format!("mute:{}", mark.display());
        let config = walk.thing(&[("name", Value::from(name)), ("mode", Value::from(mode))]);
        let nothing = Stored::nothing();
        let mut planning = std::pin::pin!(walk.ask_plan(&nothing, &config));
        let begun = async {
            while !mark.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            early = &mut planning => panic!("{early:?}"),
            () = begun => {}
        }
        stop(&walk).await;
        let response = planning.await;
        // What was on its way then is too late as well.
        let late = walk.ask_plan(&nothing, &config).await;
        assert_eq!(late.diagnostics, response.diagnostics);
        walk.configure().await;
        let [said] = response.diagnostics.as_slice() else { panic!("{response:?}") };
        assert_eq!(said.summary, "Interrupted");
        assert!(response.planned_state.is_none());
    }
}

#[tokio::test]
async fn an_apply_survives_the_call_that_asked_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("mark");
    let (walk, applying) = busy(&format!("mark:{}", mark.display())).await;
    applying.abort();
    assert!(applying.await.unwrap_err().is_cancelled());
    assert!(!mark.exists());
    let begun = Instant::now();
    while !mark.exists() {
        assert!(begun.elapsed() < Duration::from_secs(5), "the apply was cut off");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    walk.create(&walk.thing(&[("name", Value::from("next"))])).await;
}

#[tokio::test]
async fn a_panic_is_told_and_survived() {
    let walk = Walk::start().await;
    let panicking =
        |mode: &str| walk.thing(&[("name", Value::from("p")), ("mode", Value::from(mode))]);
    let config = panicking("panic-plan");
    let plan = walk.ask_plan(&Stored::nothing(), &config).await;
    let config = panicking("panic");
    let fine = walk.plan(&Stored::nothing(), &config).await;
    let apply = walk.ask_apply(&Value::Null, &fine, &config).await;
    for (diagnostics, message) in
        [(plan.diagnostics, "the plan panicked"), (apply.diagnostics, "the thing panicked")]
    {
        assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
        assert_eq!(diagnostics[0].summary, "Bug in the provider");
        assert!(diagnostics[0].detail.contains(message), "{diagnostics:#?}");
        assert!(diagnostics[0].detail.contains("conform 1.2.3"), "{diagnostics:#?}");
    }
    walk.create(&walk.thing(&[("name", Value::from("after"))])).await;
}

#[tokio::test]
async fn a_process_whose_host_was_killed_leaves() {
    let process = Process::start_plain().await;
    let socket = socket(&process);
    let (_host, killed) = mortal(&socket).await;
    killed.shutdown(std::net::Shutdown::Both).unwrap();
    let (status, took, _) = process.exit().await;
    assert_eq!(status.code(), Some(0));
    assert!(took > Duration::from_secs(1), "a host may connect again, but only {took:?} passed");
    assert!(!socket.exists());
}

#[tokio::test]
async fn what_is_still_held_is_given_back_before_the_host_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let departs = |command: &mut tokio::process::Command| _ = command.env("CONFORM_DEPARTS", &mark);
    let process = Process::start_with(departs, true).await;
    let host = process.host().await;
    let walk = Walk::of(process, host).await;
    walk.configure().await;
    let Walk { process, host, .. } = walk;
    // The host waits for the answer, however long it takes.
    host.shutdown().await;
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "hi ");
    assert_eq!(process.exit().await.0.code(), Some(0));
    // Nobody asks where the host was killed.
    std::fs::remove_file(&mark).unwrap();
    let process = Process::start_with(departs, false).await;
    let (host, killed) = mortal(&socket(&process)).await;
    let walk = Walk::of(process, host).await;
    walk.configure().await;
    killed.shutdown(std::net::Shutdown::Both).unwrap();
    assert_eq!(walk.process.exit().await.0.code(), Some(0));
    assert!(mark.exists());
}

/// A host, and the connection by whose end it is killed.
async fn mortal(socket: &Path) -> (Host, std::os::unix::net::UnixStream) {
    let stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    stream.set_nonblocking(true).unwrap();
    let killed = stream.try_clone().unwrap();
    (Host::over(tokio::net::UnixStream::from_std(stream).unwrap()).await, killed)
}

#[tokio::test]
async fn a_request_to_terminate_ends_it_in_order() {
    // A terminal that closes asks as well.
    for name in ["TERM", "HUP"] {
        prompt(async || {
            let process = Process::start().await;
            let _host = process.host().await;
            let socket = socket(&process);
            process.signal(name);
            gone(process, &socket).await
        })
        .await;
    }
}

#[tokio::test]
async fn the_log_is_silent_unless_asked_for() {
    for (level, written) in [("", false), ("off", false), ("trace", true)] {
        let process = Process::start_with(|command| _ = command.env("TF_LOG", level), true).await;
        let mut host = process.host().await;
        host.provider.get_provider_schema(get_provider_schema::Request {}).await.unwrap();
        host.shutdown().await;
        let (_, _, stderr) = process.exit().await;
        assert_eq!(!stderr.is_empty(), written, "{stderr}");
        for line in stderr.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for key in ["@level", "@message", "@timestamp"] {
                assert!(line[key].is_string(), "hosts fail on anything else: {line}");
            }
        }
    }
}
