//! Clones as continuous integration makes them, over every way to a remote: nothing that is written needs
//! anything here that the remote has already, and the clone stays as it was.

use std::io::Write as _;

use pipeline_core::{CommitSha, Environment, Override, Pipeline, Version};

use super::server::{serve_daemon, serve_http, ssh_command};
use super::uses::with_environment;
use super::world::{Remote, World};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    File,
    Http,
    Daemon,
    Ssh,
}

/// How somebody clones: its name, and the arguments of git; none is what `actions/checkout` does.
type Shape = (&'static str, &'static [&'static str]);

/// Every shape, and the one way over which the everyday tests use it; all others are left to
/// `cargo xtask test --all`.
const SHAPES: [(Way, Shape); 7] = [
    (Way::File, ("full", &["clone"])),
    (Way::Ssh, ("one commit", &["clone", "--depth=1"])),
    (Way::File, ("one branch", &["clone", "--single-branch", "--no-tags"])),
    (Way::Http, ("no files", &["clone", "--filter=blob:none"])),
    (Way::Daemon, ("no folders", &["clone", "--filter=tree:0"])),
    (
        Way::Daemon,
        ("one commit without folders", &["clone", "--depth=1", "--filter=tree:0", "--no-tags"]),
    ),
    (Way::Http, ("checkout", &[])),
];

const CREDENTIAL: &str = "basic eDp0b2tlbg==";

/// A remote with versions that are older than what any shallow clone holds.
struct Scene {
    world: World,
    url: String,
    first: CommitSha,
    second: CommitSha,
    middle: CommitSha,
}

impl Scene {
    /// `None`: what the way needs is not installed here.
    fn over(way: Way) -> Option<Self> {
        let mut world = World::new(Remote::Pushed);
        with_environment(&world);
        let first = world.commit("clone", "first.txt", "1");
        let second = world.commit("clone", "second.txt", "2");
        let middle = world.commit("clone", "middle.txt", "2 and a half");
        world.commit("clone", "third.txt", "3");
        world.git("clone", &["tag", "-a", "-m", "one", "v1.0.0", &first.to_string()]);
        world.git("clone", &["tag", "v1.1.0", &second.to_string()]);
        world.git("clone", &["push", "--quiet", "origin", "main", "v1.0.0", "v1.1.0"]);
        world.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
        world.git("remote.git", &["config", "http.receivepack", "true"]);
        let url = match way {
            Way::File => format!("file://{}", world.text("remote.git")),
            Way::Http => {
                let port = serve_http(world.path("."), Some(CREDENTIAL));
                let header = format!("AUTHORIZATION: {CREDENTIAL}");
                world.git(".", &["config", "--global", "http.extraheader", &header]);
                format!("http://127.0.0.1:{port}/remote.git")
            }
            Way::Daemon => format!("git://127.0.0.1:{}/remote.git", serve_daemon(world.path("."))),
            Way::Ssh => {
                world.set("GIT_SSH_COMMAND", &ssh_command(&world)?);
                format!("ssh://127.0.0.1{}", world.text("remote.git"))
            }
        };
        Some(Self { world, url, first, second, middle })
    }

    fn clone(&self, shape: &[&str], name: &str) {
        if !shape.is_empty() {
            let arguments = [shape, &["--quiet", &self.url, name]].concat();
            self.world.git(".", &arguments);
            return;
        }
        self.world.git(".", &["init", "--quiet", name]);
        self.world.git(name, &["remote", "add", "origin", &self.url]);
        let head = self.world.sha("clone", "HEAD").to_string();
        let fetch = ["fetch", "--quiet", "--no-tags", "--prune", "--depth=1", "origin"];
        let what = format!("+{head}:refs/remotes/origin/main");
        self.world.git(name, &[fetch.as_slice(), &[&what]].concat());
        self.world.git(name, &["checkout", "--quiet", "--force", "--detach", &head]);
    }

    /// What a person would see changed in a clone.
    fn trace(&self, name: &str) -> (String, String, Option<Vec<u8>>) {
        let file = |file: &str| std::fs::read(self.world.path(name).join(".git").join(file)).ok();
        let config = String::from_utf8(file("config").unwrap()).unwrap();
        (config, self.world.git(name, &["for-each-ref"]), file("shallow"))
    }

    async fn use_all(&self, name: &str, number: usize) {
        let world = &self.world;
        let open = || {
            let by = Override::new("a test", "bob").unwrap();
            Pipeline::over(world.open(name)).overriding(by)
        };
        let tag = format!("v2.{number}.0");
        open().tag(&tag, "HEAD").await.unwrap();
        assert_eq!(world.sha("remote.git", &tag), world.sha("clone", "HEAD"));
        // A commit that no ref of the remote leads to at once.
        let middle = format!("v3.{number}.0");
        open().tag(&middle, &self.middle.to_string()).await.unwrap();
        assert_eq!(world.sha("remote.git", &middle), self.middle);
        let environment = Environment::by_convention("staging".parse().unwrap());
        open().register(environment, Some("v1.1.0")).await.unwrap();
        for (version, commit) in
            [("v1.0.0", self.first), ("v1.1.0", self.second), ("v1.0.0", self.first)]
        {
            let version: Version = version.parse().unwrap();
            let pipeline = open();
            let request = pipeline.request(version, "staging".parse().unwrap()).await;
            let mut request = request.unwrap();
            request.allow_downgrade = true;
            pipeline.deploy(request).await.unwrap();
            assert_eq!(world.sha("remote.git", "staging"), commit);
        }
    }
}

/// Which shapes a test uses over a way.
#[derive(Clone, Copy)]
enum Tier {
    /// Those of the everyday tests.
    Everyday,
    /// All others.
    Rest,
}

async fn works_over(way: Way, tier: Tier) {
    let Some(scene) = Scene::over(way) else {
        // Past the test runner, which hides what else a test says that passes.
        let _ = writeln!(
            std::io::stderr(),
            "skipped clones over {way:?}: what it needs is not installed here"
        );
        return;
    };
    let everyday = matches!(tier, Tier::Everyday);
    let chosen = SHAPES.iter().enumerate().filter(|(_, (day, _))| (*day == way) == everyday);
    for (number, (_, (shape, arguments))) in chosen {
        eprintln!("{shape} over {way:?}");
        let name = format!("work-{number}");
        scene.clone(arguments, &name);
        let before = scene.trace(&name);
        scene.use_all(&name, number).await;
        assert_eq!(scene.trace(&name), before, "{shape} over {way:?}");
        scene.world.git(&name, &["fsck", "--strict"]);
        scene.world.git("remote.git", &["fsck", "--strict"]);
        scene.forget();
    }
}

impl Scene {
    /// As if nobody had deployed yet.
    fn forget(&self) {
        let world = &self.world;
        let shown = ["for-each-ref", "--format=%(refname)", "refs/ledger", "refs/tags/v3.*"];
        let all = world.git("remote.git", &shown);
        for name in all.lines().chain(["refs/tags/staging"]) {
            world.git("remote.git", &["update-ref", "-d", name]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_path() {
    works_over(Way::File, Tier::Everyday).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: each shape of clone is used over one way every day; these are the others"]
async fn other_shapes_over_a_path() {
    works_over(Way::File, Tier::Rest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_with_a_credential_in_the_settings() {
    works_over(Way::Http, Tier::Everyday).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: each shape of clone is used over one way every day; these are the others"]
async fn other_shapes_over_http_with_a_credential_in_the_settings() {
    works_over(Way::Http, Tier::Rest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_git_daemon() {
    works_over(Way::Daemon, Tier::Everyday).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: each shape of clone is used over one way every day; these are the others"]
async fn other_shapes_over_git_daemon() {
    works_over(Way::Daemon, Tier::Rest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_ssh() {
    works_over(Way::Ssh, Tier::Everyday).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: each shape of clone is used over one way every day; these are the others"]
async fn other_shapes_over_ssh() {
    works_over(Way::Ssh, Tier::Rest).await;
}

/// A tag on a tree, as a person may push it.
fn with_strange_tags(world: &World) {
    world.git("clone", &["tag", "v9.0.0", "HEAD^{tree}"]);
    world.git("clone", &["tag", "-a", "-m", "a file", "v9.1.0", "HEAD:file-1.txt"]);
    world.git("clone", &["tag", "v1.0.0", "HEAD"]);
    world.git("clone", &["push", "--quiet", "origin", "v1.0.0", "v9.0.0", "v9.1.0"]);
}

#[tokio::test]
async fn what_leads_to_no_commit_is_no_version() {
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        with_strange_tags(&world);
        let pipeline = Pipeline::over(world.open("clone"));
        let releases = pipeline.releases().await.unwrap();
        let found: Vec<String> =
            releases.of(&"".parse().unwrap()).map(|it| it.version.to_string()).collect();
        assert_eq!(found, ["v1.0.0"]);
        let version: Version = "v9.0.0".parse().unwrap();
        let error = pipeline.request(version, "staging".parse().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("`v9.0.0`, which leads to a tree"), "{error}");
    }
}

#[tokio::test]
async fn what_leads_to_no_commit_is_found_out_before_it_is_deployed() {
    let world = World::new(Remote::Pushed);
    with_environment(&world);
    world.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
    // Cloned before the tags were pushed, and from another place: nothing of them is here.
    let url = format!("git://127.0.0.1:{}/remote.git", serve_daemon(world.path(".")));
    world.git(".", &["clone", "--quiet", "--depth=1", "--filter=tree:0", &url, "work"]);
    with_strange_tags(&world);
    let pipeline = Pipeline::over(world.open("work"));
    let environment = Environment::by_convention("staging".parse().unwrap());
    pipeline.register(environment, None).await.unwrap();
    let before = world.git("remote.git", &["for-each-ref"]);
    let by = Override::new("a test", "bob").unwrap();
    let pipeline = Pipeline::over(world.open("work")).overriding(by);
    for (version, kind) in [("v9.0.0", "tree"), ("v9.1.0", "blob")] {
        let request = pipeline.request(version.parse().unwrap(), "staging".parse().unwrap()).await;
        let error = match request {
            Ok(request) => pipeline.deploy(request).await.unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(&format!("`{version}`, which leads to a {kind}")), "{error}");
    }
    assert_eq!(world.git("remote.git", &["for-each-ref"]), before);
}

#[tokio::test]
async fn no_tag_says_commit_of_what_is_none() {
    use super::world::create;
    use pipeline_core::testing::RefStore as _;
    for remote in [Remote::Plain, Remote::Pushed] {
        let world = World::new(remote);
        let tree: CommitSha = world.git("clone", &["rev-parse", "HEAD^{tree}"]).parse().unwrap();
        let missing = CommitSha::from_bytes([7; 20]);
        let repository = world.open("clone");
        for (commit, words) in [(tree, "is a tree; expected a commit"), (missing, "is missing")] {
            let error = repository.commit(create(&repository, "v1", commit).0).await.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        assert_eq!(world.remote_ref("refs/tags"), "");
    }
}
