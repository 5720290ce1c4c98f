//! Whether a CI system runs this, by the variables that each of them sets (SCY003).

/// Variables that CI systems set for their jobs, and only for them.
pub const VARIABLES: &[&str] = &[
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "ATLANTIS_TERRAFORM_VERSION",
    "APPVEYOR",
    "BITBUCKET_BUILD_NUMBER",
    "BUILDKITE",
    "CIRCLECI",
    "CIRRUS_CI",
    "CF_BUILD_ID",
    "CODEBUILD_BUILD_ID",
    "DRONE",
    "HARNESS_BUILD_ID",
    "JENKINS_URL",
    "SEMAPHORE",
    "TEAMCITY_VERSION",
    "TF_BUILD",
    "TFC_RUN_ID",
    "TRAVIS",
    "WOODPECKER",
];

/// Whether one of the variables is set, and not to an empty text, `false` or `0`.
pub fn is_ci(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| {
        variable(name).is_some_and(|value| !matches!(value.as_str(), "" | "false" | "0"))
    };
    VARIABLES.iter().any(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_known_by_what_its_system_sets() {
        let only = |wanted: &'static str, value: &'static str| {
            is_ci(|name| (name == wanted).then(|| value.to_owned()))
        };
        assert!(VARIABLES.iter().all(|name| only(name, "1")));
        assert!(only("TF_BUILD", "True") && only("JENKINS_URL", "https://ci.example.com/"));
        for no in ["", "false", "0"] {
            assert!(!only("CI", no), "{no:?}");
        }
        assert!(!only("PATH", "/bin"));
    }
}
