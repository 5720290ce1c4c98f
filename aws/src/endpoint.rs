//! Where a service answers, as far as somebody said so: in the provider's `aws` block, the environment
//! or a profile, for all services or for one. Nobody has to: AWS's own addresses need no name.

use aws_config::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The domains in which AWS answers, of all its partitions.
const AWS: [&str; 10] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// Whether something else than AWS answers for a service, by the name that the SDK has for it.
pub(crate) fn is_foreign(config: &SdkConfig, service: &str) -> bool {
    named(config, service).is_some_and(|url| !is_aws(&url))
}

/// The address that the SDK takes for a service, where somebody names one: that of the provider's `aws`
/// block, else that of the service, else that of all services.
fn named(config: &SdkConfig, service: &str) -> Option<String> {
    let all = || config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return all();
    }
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    key.ok().and_then(|key| config.service_config()?.load_config(key)).or_else(all)
}

/// Settings of services in which an empty one says nothing: the next that could say something does.
#[derive(Debug)]
pub(crate) struct Filled(pub(crate) SdkConfig);

impl LoadServiceConfig for Filled {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let inner = self.0.service_config()?;
        let ask = |service: &str, variable: &str, property: &str| {
            let key = ServiceConfigKey::builder().service_id(service).env(variable);
            let value = inner.load_config(key.profile(property).build().ok()?);
            value.filter(|value| !value.is_empty())
        };
        let (service, variable, property) = (key.service_id(), key.env(), key.profile());
        ask(service, variable, property)
            .or_else(|| ask("", variable, ""))
            .or_else(|| ask(service, "", property))
    }
}

/// Whether a URL leads to AWS, by way of a VPC endpoint perhaps.
pub(crate) fn is_aws(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_lowercase();
    AWS.iter().any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The environment names an address for S3 alone.
    #[derive(Debug)]
    struct OnlyS3(&'static str);

    impl LoadServiceConfig for OnlyS3 {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            (key.service_id() == "S3").then(|| self.0.to_owned())
        }
    }

    #[test]
    fn an_address_for_one_service_is_one() {
        let config = |url| SdkConfig::builder().service_config(OnlyS3(url)).build();
        assert!(is_foreign(&config("http://localhost:9000"), "S3"));
        assert!(!is_foreign(&config("https://s3.eu-west-1.amazonaws.com"), "S3"));
        assert!(!is_foreign(&config("http://localhost:9000"), "ECS"));
        let all = SdkConfig::builder().endpoint_url("http://localhost:9000").build();
        assert!(is_foreign(&all, "S3"));
    }

    /// As the SDK looks: what the environment says of the service, then of all, then the profile.
    #[derive(Debug)]
    struct Said([(&'static str, &'static str); 3]);

    impl LoadServiceConfig for Said {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            let names = [format!("{}_{}", key.env(), key.service_id()), key.env().to_owned()];
            let names = names.into_iter().chain([key.profile().to_owned()]);
            let found = |name: String| self.0.iter().find(|(known, _)| *known == name);
            names.filter(|name| !name.is_empty()).find_map(found).map(|(_, value)| (*value).into())
        }
    }

    #[test]
    fn an_address_that_is_empty_is_none() {
        let found = |one, all, profile| {
            let said = Said([("ENV_S3", one), ("ENV", all), ("profile", profile)]);
            let filled = Filled(SdkConfig::builder().service_config(said).build());
            let key = ServiceConfigKey::builder().service_id("S3").env("ENV").profile("profile");
            filled.load_config(key.build().unwrap())
        };
        assert_eq!(found("a", "b", "c").as_deref(), Some("a"));
        assert_eq!(found("", "b", "c").as_deref(), Some("b"));
        assert_eq!(found("", "", "c").as_deref(), Some("c"));
        assert_eq!(found("", "", ""), None);
    }

    #[test]
    fn aws_is_told_by_its_domains() {
        for url in [
            "https://s3.eu-west-1.amazonaws.com",
            "https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com:443/",
            "https://S3.cn-north-1.amazonaws.com.cn",
            "https://sts.us-east-1.api.aws/path",
        ] {
            assert!(is_aws(url), "{url}");
        }
        for url in [
            "http://localhost:9000",
            "http://127.0.0.1:4566",
            "https://minio.example.org/amazonaws.com",
            "https://notamazonaws.com",
            "https://s3.amazonaws.com@evil.example.org",
        ] {
            assert!(!is_aws(url), "{url}");
        }
    }
}
