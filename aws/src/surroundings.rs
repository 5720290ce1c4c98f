//! What the environment and the profile say of AWS that the SDK does not heed by itself, or not as the AWS CLI
//! does. A variable that is empty says nothing.
//!
//! It leaves out endpoints, credentials and everything else that the SDK finds as the AWS CLI finds it.

use std::fmt;
use std::num::NonZeroU32;
use std::path::Path;

use aws_config::Region;
#[allow(deprecated, reason = "the SDK's own function of loading asks for it")]
use aws_config::profile::profile_file::ProfileFiles;
use aws_config::profile::{self, Profile, ProfileSet};
use aws_config::retry::RetryConfig;
use aws_types::os_shim_internal::{Env, Fs};
use pipeline_core::files;

use crate::misfit::Misfit;
use crate::roots::{self, Roots};

/// How many profiles may stand one behind the other.
const LONGEST_CHAIN: usize = 32;

/// The environment, and the profiles of the shared configuration files.
#[derive(Debug)]
pub(crate) struct Surroundings {
    env: Env,
    profiles: ProfileSet,
}

/// What was set, and by what.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    source: Source,
    value: String,
}

/// What sets something, as messages name it.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    Variable(&'static str),
    Property { name: &'static str, profile: String },
}

/// How often a request is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Retries {
    /// The number of attempts, where somebody said it.
    attempts: Option<NonZeroU32>,
    is_adaptive: bool,
}

impl Surroundings {
    /// Those of this machine, with the profile that the provider names.
    pub(crate) async fn of_this_machine(profile: Option<&str>) -> Self {
        Self::read(Env::real(), &Fs::real(), profile).await
    }

    /// None at all.
    #[cfg(feature = "testing")]
    pub(crate) fn none() -> Self {
        Self { env: Env::from_slice(&[]), profiles: ProfileSet::default() }
    }

    async fn read(env: Env, fs: &Fs, profile: Option<&str>) -> Self {
        let chosen = profile.map(|name| name.to_owned().into());
        #[allow(deprecated, reason = "the SDK's own function of loading asks for it")]
        let files = ProfileFiles::default();
        // Files that cannot be read are the SDK's to complain of, when it needs them.
        let profiles = profile::load(fs, &env, &files, chosen).await.unwrap_or_default();
        Self { env, profiles }
    }

    /// Where to ask, unless nobody says so.
    pub(crate) fn region(&self) -> Option<Region> {
        let named = self.variable("AWS_REGION").or_else(|| self.variable("AWS_DEFAULT_REGION"));
        named.or_else(|| self.property("region")).map(Region::new)
    }

    /// How often requests are repeated.
    pub(crate) fn retries(&self) -> Result<Retries, Misfit> {
        let attempts = match self.setting("AWS_MAX_ATTEMPTS", "max_attempts") {
            Some(said) => Some(
                said.value
                    .trim()
                    .parse()
                    .map_err(|_| Misfit::new(said.told("a number of attempts, 1 or more")))?,
            ),
            None => None,
        };
        let mode = self.setting("AWS_RETRY_MODE", "retry_mode");
        let is_adaptive =
            match mode.as_ref().map(|said| said.value.trim().to_lowercase()).as_deref() {
                Some("adaptive") => true,
                None | Some("standard" | "legacy") => false,
                Some(_) => {
                    let told = mode.map(|said| said.told("`standard` or `adaptive`"));
                    return Err(Misfit::new(told.unwrap_or_default()));
                }
            };
        Ok(Retries { attempts, is_adaptive })
    }

    /// The certificates of the authorities that AWS is trusted by, where they are not those of the machine.
    pub(crate) fn roots(&self) -> Result<Option<Roots>, Misfit> {
        let Some(said) = self.setting("AWS_CA_BUNDLE", "ca_bundle") else { return Ok(None) };
        let refused = |why: String| {
            Misfit::new(format!("{} ({why})", said.told("a file of certificates in PEM")))
        };
        let path = match said.value.strip_prefix("~/").zip(self.variable("HOME")) {
            Some((below, home)) => Path::new(&home).join(below),
            None => said.value.clone().into(),
        };
        let (text, _) =
            files::read(&path, roots::LARGEST).map_err(|error| refused(error.to_string()))?;
        Roots::parse(&text).map(Some).map_err(refused)
    }

    /// The profile that asks for the code of an MFA device, of those that lead to the role.
    pub(crate) fn asks_for_mfa(&self) -> Option<String> {
        let asks = |it: &&Profile| it.get("role_arn").is_some() && it.get("mfa_serial").is_some();
        self.chain().find(asks).map(|profile| profile.name().to_owned())
    }

    /// The command that begins the session on which the profile relies, if it relies on one.
    pub(crate) fn login(&self) -> Option<String> {
        self.chain().find_map(|profile| {
            let command = match profile {
                it if it.get("login_session").is_some() => "aws login",
                it if it.get("sso_session").or(it.get("sso_start_url")).is_some() => {
                    "aws sso login"
                }
                _ => return None,
            };
            Some(format!("{command} --profile {}", profile.name()))
        })
    }

    /// The program that gives the credentials of the profile, as the profile names it.
    pub(crate) fn credential_process(&self) -> Option<String> {
        self.property("credential_process")
    }

    /// The profile, the one that it builds upon, and so on.
    fn chain(&self) -> impl Iterator<Item = &Profile> {
        let first = self.profiles.get_profile(self.profiles.selected_profile());
        let next = |profile: &&Profile| {
            let source = profile.get("source_profile").filter(|name| *name != profile.name())?;
            self.profiles.get_profile(source)
        };
        std::iter::successors(first, next).take(LONGEST_CHAIN)
    }

    fn setting(&self, variable: &'static str, property: &'static str) -> Option<Setting> {
        let by_variable = self.variable(variable).map(|value| (Source::Variable(variable), value));
        let found = by_variable.or_else(|| {
            let profile = self.profiles.selected_profile().to_owned();
            let value = self.property(property)?;
            Some((Source::Property { name: property, profile }, value))
        });
        found.map(|(source, value)| Setting { source, value })
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.env.get(name).ok().filter(|value| !value.is_empty())
    }

    fn property(&self, name: &str) -> Option<String> {
        self.profiles.get(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }
}

impl Setting {
    fn told(&self, expected: &str) -> String {
        format!("{} is `{}`; expected {expected}", self.source, self.value)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "`{name}`"),
            Self::Property { name, profile } => write!(f, "`{name}` of the profile `{profile}`"),
        }
    }
}

impl Retries {
    /// What the SDK is told; `usual` is the number of attempts where nobody says one.
    pub(crate) fn or(self, usual: u32) -> RetryConfig {
        let config =
            if self.is_adaptive { RetryConfig::adaptive() } else { RetryConfig::standard() };
        config.with_max_attempts(self.attempts.map_or(usual, NonZeroU32::get))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\nmax_attempts = 7\n[profile chain]\n\
                          role_arn = arn:aws:iam::123456789012:role/ci\nsource_profile = coded\n\
                          retry_mode = sometimes\nca_bundle = /nowhere\n[profile coded]\n\
                          role_arn = arn:aws:iam::123456789012:role/b\nmfa_serial = device\n\
                          source_profile = session\n[profile session]\nlogin_session = somebody\n\
                          [profile ring]\nrole_arn = a\nsource_profile = ring2\n[profile ring2]\n\
                          role_arn = a\nsource_profile = ring\n";

    async fn with(
        variables: &[(&'static str, &'static str)],
        profile: Option<&str>,
    ) -> Surroundings {
        let files = [("config", CONFIG), ("credentials", "")];
        let at = [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
        let env = Env::from_slice(&[variables, &at].concat());
        Surroundings::read(env, &Fs::from_slice(&files), profile).await
    }

    #[tokio::test]
    async fn an_empty_variable_says_nothing() {
        let region = |variables: &'static [(&str, &str)]| async {
            with(variables, None).await.region().unwrap().to_string()
        };
        assert_eq!(region(&[]).await, "eu-west-1");
        assert_eq!(region(&[("AWS_REGION", "")]).await, "eu-west-1");
        let second = &[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "us-east-1")];
        assert_eq!(region(second).await, "us-east-1");
        assert_eq!(with(&[("AWS_REGION", "")], Some("chain")).await.region(), None);
        let retries = with(&[("AWS_MAX_ATTEMPTS", "")], None).await.retries().unwrap();
        assert_eq!(retries.or(5).max_attempts(), 7);
    }

    #[tokio::test]
    async fn the_number_of_attempts_is_that_of_the_environment_then_of_the_profile() {
        let attempts = |variables: &'static [(&str, &str)], profile| async move {
            with(variables, profile).await.retries().map(|it| it.or(5).max_attempts())
        };
        assert_eq!(attempts(&[], None).await.unwrap(), 7);
        assert_eq!(attempts(&[("AWS_MAX_ATTEMPTS", "2")], None).await.unwrap(), 2);
        assert_eq!(attempts(&[], Some("coded")).await.unwrap(), 5);
        for wrong in [[("AWS_MAX_ATTEMPTS", "0")], [("AWS_MAX_ATTEMPTS", "often")]] {
            let said = with(&wrong, None).await.retries().unwrap_err().to_string();
            let value = wrong[0].1;
            let expected = format!(
                "`AWS_MAX_ATTEMPTS` is `{value}`; expected a number of attempts, 1 or more"
            );
            assert_eq!(said, expected);
        }
        let said = attempts(&[], Some("chain")).await.unwrap_err().to_string();
        assert!(said.starts_with("`retry_mode` of the profile `chain` is `sometimes`"), "{said}");
        let adaptive = with(&[("AWS_RETRY_MODE", "Adaptive")], None).await.retries().unwrap();
        assert!(adaptive.is_adaptive);
    }

    #[tokio::test]
    async fn a_bundle_that_cannot_be_read_is_named() {
        let said = with(&[], Some("chain")).await.roots().unwrap_err().to_string();
        assert!(said.starts_with("`ca_bundle` of the profile `chain` is `/nowhere`"), "{said}");
        assert!(with(&[], None).await.roots().unwrap().is_none());
        assert!(with(&[("AWS_CA_BUNDLE", "/dev/zero")], None).await.roots().is_err());
    }

    #[tokio::test]
    async fn the_chain_of_profiles_tells_who_has_to_be_there() {
        let chain = with(&[], Some("chain")).await;
        assert_eq!(chain.asks_for_mfa().as_deref(), Some("coded"));
        assert_eq!(chain.login().as_deref(), Some("aws login --profile session"));
        for profile in ["default", "ring", "nobody"] {
            let found = with(&[], Some(profile)).await;
            assert_eq!((found.asks_for_mfa(), found.login()), (None, None), "{profile}");
        }
    }
}
