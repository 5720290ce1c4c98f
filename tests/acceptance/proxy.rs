//! Git, health checks and AWS through the proxy that the environment names: one answer for all three.

use std::ffi::OsString;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::LocalAws;
use pipeline_acceptance::git_server::{Fault, GitServer, available};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::proxy::Proxy;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::scene::{Scene, skipped};

use crate::hcl::{deployment, staging, tag};
use crate::https::Front;

/// The host is in a domain that does not exist: whoever asks for it without the proxy finds nobody.
const OURS: &str = "example.org,.invalid";

/// Names a proxy that is the only way to `server`, which is called `name` and speaks TLS, and makes the
/// scene trust it.
fn only_way(scene: &mut Scene, server: &str, name: &str) -> Outcome<Proxy> {
    let front = Front::of(server, name)?;
    let proxy = Proxy::to(&front.address)?;
    let roots = scene.environment().root().join("roots.pem");
    std::fs::write(&roots, &front.certificate)?;
    for variable in ["SSL_CERT_FILE", "GIT_SSL_CAINFO"] {
        scene.workspace.environment.set(variable, roots.as_path());
    }
    scene.workspace.environment.set("HTTPS_PROXY", proxy.url.as_str());
    Ok(proxy)
}

fn without_it(scene: &mut Scene, value: impl Into<OsString>) {
    scene.workspace.environment.set("NO_PROXY", value);
}

#[test]
fn a_health_check_goes_through_its_tunnel() -> Outcome {
    let mut scene = Scene::local()?;
    scene.repository.tag("api/v1.0.0", &scene.repository.head()?)?;
    let server = HealthServer::start(Health::Status(200))?;
    let proxy = only_way(&mut scene, &server.url, "health.invalid")?;
    let block = "  health_check = {\n    url = \"https://health.invalid/health\"\n    \
                 retries = 0\n    attempt_timeout = \"30s\"\n  }\n";
    let hcl = [staging(), deployment("staging", "api/v1.0.0", block)].concat();
    scene.workspace.main(&hcl)?;
    without_it(&mut scene, OURS);
    scene.workspace.apply(&[])?.refused("The deployment failed")?;
    assert_eq!(proxy.tunnels(), [""; 0]);
    without_it(&mut scene, "example.org");
    scene.workspace.settle(&hcl)?;
    assert_eq!(proxy.tunnels(), ["health.invalid:443"]);
    assert_eq!((server.asked(), proxy.asked()), (1, 0));
    Ok(())
}

#[test]
fn aws_is_asked_through_its_tunnel() -> Outcome {
    let mut scene = Scene::local()?;
    let account = crate::aws::with_stack()?;
    account.log_in(&mut scene.workspace.environment);
    let proxy = only_way(&mut scene, LocalAws::shared()?.endpoint(), "aws.invalid")?;
    let block = "  aws = { endpoint_url = \"https://aws.invalid\" }\n";
    scene.workspace.configure(&scene.repository.path(), block)?;
    crate::aws::sees(&scene, &account)?;
    let tunnels = proxy.tunnels();
    assert!(!tunnels.is_empty());
    assert!(tunnels.iter().all(|host| host == "aws.invalid:443"), "{tunnels:?}");
    assert_eq!(proxy.asked(), 0);
    without_it(&mut scene, OURS);
    scene.workspace.plan(&[])?.refused("no answer of CloudFormation")?;
    assert_eq!(proxy.tunnels(), tunnels);
    Ok(())
}

#[test]
fn aws_is_asked_through_it_without_tls() -> Outcome {
    let mut scene = Scene::local()?;
    let account = crate::aws::with_stack()?;
    account.log_in(&mut scene.workspace.environment);
    let proxy = Proxy::to(account.endpoint())?;
    scene.workspace.environment.set("HTTP_PROXY", proxy.url.as_str());
    let block = "  aws = { endpoint_url = \"http://aws.invalid\" }\n";
    scene.workspace.configure(&scene.repository.path(), block)?;
    crate::aws::sees(&scene, &account)?;
    let asked = proxy.asked();
    assert!(asked > 0);
    without_it(&mut scene, OURS);
    scene.workspace.plan(&[])?.refused("no answer of CloudFormation")?;
    assert_eq!(proxy.asked(), asked);
    Ok(())
}

/// A scene whose remote is called `url`, and the server that serves it.
fn remote(test: &str, url: &str) -> Outcome<Option<(Scene, Repository, GitServer)>> {
    if !available() {
        skipped(test, "git has no http-backend on this machine");
        return Ok(None);
    }
    let (scene, remote) = Scene::shared()?;
    remote.git(&["config", "http.receivepack", "true"])?;
    let server = GitServer::start(scene.environment().root(), Fault::None)?;
    scene.repository.git(&["remote", "set-url", "origin", url])?;
    Ok(Some((scene, remote, server)))
}

#[test]
fn git_goes_through_its_tunnel() -> Outcome {
    let url = "https://git.invalid/remote.git";
    let Some((mut scene, remote, server)) = remote("git_goes_through_its_tunnel", url)? else {
        return Ok(());
    };
    let proxy = only_way(&mut scene, &server.url(""), "git.invalid")?;
    scene.workspace.main(&tag("this", "api/v1.0.0", "HEAD"))?;
    without_it(&mut scene, OURS);
    scene.workspace.apply(&[])?.refused("could not be reached")?.says("git.invalid")?;
    assert_eq!(proxy.tunnels(), [""; 0]);
    without_it(&mut scene, "example.org");
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    assert_eq!(remote.resolve("api/v1.0.0")?, scene.repository.head()?);
    let tunnels = proxy.tunnels();
    assert!(!tunnels.is_empty());
    assert!(tunnels.iter().all(|host| host == "git.invalid:443"), "{tunnels:?}");
    assert_eq!(proxy.asked(), 0);
    Ok(())
}

/// Git itself knows the variable for plain HTTP in small letters alone.
#[test]
fn git_goes_through_it_without_tls() -> Outcome {
    let url = "http://git.invalid/remote.git";
    let Some((mut scene, remote, server)) = remote("git_goes_through_it_without_tls", url)? else {
        return Ok(());
    };
    let proxy = Proxy::to(&server.url(""))?;
    scene.workspace.environment.set("HTTP_PROXY", proxy.url.as_str());
    scene.workspace.settle(&tag("this", "api/v1.0.0", "HEAD"))?;
    assert_eq!(remote.resolve("api/v1.0.0")?, scene.repository.head()?);
    let asked = proxy.asked();
    assert!(asked > 0);
    without_it(&mut scene, OURS);
    scene.workspace.plan(&[])?.refused("could not be reached")?.says("git.invalid")?;
    assert_eq!(proxy.asked(), asked);
    Ok(())
}
