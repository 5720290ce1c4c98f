//! The kinds of credentials that are known: how each is written.
//!
//! Which kinds there are, their prefixes, lengths and alphabets follow gitleaks' default configuration
//! (github.com/gitleaks/gitleaks, MIT licence), as of its last rules. The patterns are our own. Left out are
//! kinds that nothing but a word beside them tells from any other text, because an audit that cries wolf is
//! switched off.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A kind of credential.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name in findings.
    pub(super) name: &'static str,
    /// One of these is in every credential of the kind, in any case. In lower case.
    pub(super) keywords: &'static [&'static str],
    /// What is secret is the first group, or all of it. Nothing in it is repeated without end: `scan` says how far
    /// it may reach.
    pattern: &'static str,
}

/// Each with its pattern, once it was needed.
#[derive(Debug)]
pub(super) struct Compiled(&'static Kind, OnceLock<Option<Regex>>);

impl Compiled {
    /// The pattern. `None` never happens: a test compiles all.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.1.get_or_init(|| Regex::new(self.0.pattern).ok()).as_ref()
    }

    pub(super) const fn kind(&self) -> &'static Kind {
        self.0
    }
}

/// All kinds, with no pattern compiled yet.
pub(super) fn all() -> Vec<Compiled> {
    KINDS.iter().map(|kind| Compiled(kind, OnceLock::new())).collect()
}

const fn kind(
    name: &'static str,
    keywords: &'static [&'static str],
    pattern: &'static str,
) -> Kind {
    Kind { name, keywords, pattern }
}

/// Sorted by name.
pub(super) const KINDS: &[Kind] = &[
    kind("age-secret-key", &["age-secret-key-1"], r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}"),
    kind("alibaba-access-key-id", &["ltai"], r"\bLTAI[A-Za-z0-9]{20}\b"),
    kind("anthropic-api-key", &["sk-ant-"], r"\bsk-ant-(?:api03|admin01)-[\w-]{93}AA\b"),
    kind("artifactory-api-key", &["akcp"], r"\bAKCp[A-Za-z0-9]{69}\b"),
    kind("atlassian-api-token", &["atatt3"], r"\bATATT3[\w=-]{186}"),
    kind(
        "aws-access-key-id",
        &["akia", "asia", "abia", "acca"],
        r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    ),
    kind(
        "aws-secret-access-key",
        &["secret_access_key", "secretaccesskey"],
        r#"(?i)secret_?access_?key["']?[ \t]{0,20}[:=][ \t]{0,20}["']?([a-z0-9/+]{40})(?:[^a-z0-9/+=]|$)"#,
    ),
    kind(
        "azure-client-secret",
        &["q~"],
        r"(?:^|[^\w~.-])([\w~.]{3}[0-9]Q~[\w~.-]{31,34})(?:[^\w~.-]|$)",
    ),
    kind("azure-storage-key", &["accountkey="], r"(?i)AccountKey=([a-z0-9+/]{86}==)"),
    kind("clojars-token", &["clojars_"], r"CLOJARS_[a-z0-9]{60}\b"),
    kind("databricks-token", &["dapi"], r"\bdapi[a-f0-9]{32}(?:-[0-9])?\b"),
    kind("digitalocean-token", &["dop_v1_", "doo_v1_", "dor_v1_"], r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    kind("docker-hub-token", &["dckr_pat_"], r"\bdckr_pat_[\w-]{27}"),
    kind("doppler-token", &["dp.pt."], r"\bdp\.pt\.[A-Za-z0-9]{43}\b"),
    kind(
        "flyio-token",
        &["fo1_", "fm1", "fm2_"],
        r"\b(?:fo1_[\w-]{43}|fm[12][ar]?_[\w+/=]{100,400})",
    ),
    kind("gcp-api-key", &["aiza"], r"\bAIza[\w-]{35}(?:[^\w-]|$)"),
    kind("github-fine-grained-token", &["github_pat_"], r"\bgithub_pat_\w{82}\b"),
    kind(
        "github-token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    ),
    kind(
        "gitlab-token",
        &["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-"],
        r"\bgl(?:pat|dt|rt|ptt|cbt)-[\w-]{20,300}",
    ),
    kind(
        "grafana-token",
        &["glsa_", "glc_"],
        r"\b(?:glsa_\w{32}_[a-fA-F0-9]{8}|glc_[\w+/=]{32,400})",
    ),
    kind("hashicorp-terraform-token", &["atlasv1"], r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    kind("hashicorp-vault-token", &["hvs.", "hvb."], r"\bhv[sb]\.[\w-]{90,300}"),
    kind("huggingface-token", &["hf_", "api_org_"], r"\b(?:hf_|api_org_)[A-Za-z]{34}\b"),
    kind("linear-api-key", &["lin_api_"], r"\blin_api_[A-Za-z0-9]{40}\b"),
    kind("newrelic-key", &["nrak-", "nrjs-"], r"\b(?:NRAK-[A-Z0-9]{27}|NRJS-[a-f0-9]{19})\b"),
    kind("npm-token", &["npm_"], r"\bnpm_[A-Za-z0-9]{36}\b"),
    kind("openai-api-key", &["t3blbkfj"], r"\bsk-[\w-]{20,120}T3BlbkFJ[\w-]{20,120}"),
    kind("postman-api-key", &["pmak-"], r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b"),
    kind(
        "private-key",
        &["-----begin"],
        r#"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[\s"',+\\]){0,40}([A-Za-z0-9+/=]{40,80})"#,
    ),
    kind("pulumi-token", &["pul-"], r"\bpul-[a-f0-9]{40}\b"),
    kind("pypi-token", &["pypi-ageichlwas5vcmc"], r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,300}"),
    kind("rubygems-token", &["rubygems_"], r"\brubygems_[a-f0-9]{48}\b"),
    kind("sendgrid-token", &["sg."], r"\bSG\.[\w=.-]{66}"),
    kind(
        "sentry-token",
        &["sntryu_", "sntrys_"],
        r"\bsntry(?:u_[a-f0-9]{64}|s_eyJ[\w+/=-]{60,300})",
    ),
    kind(
        "shopify-token",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b",
    ),
    kind(
        "slack-token",
        &["xoxb-", "xoxp-", "xoxe-", "xapp-", "xoxe.xox"],
        r"\b(?:xox[bp]-[0-9]{10,13}-[0-9]{10,13}[A-Za-z0-9-]{1,100}|xapp-[0-9]-[A-Z0-9]{1,50}-[0-9]{1,20}-[a-z0-9]{1,200}|xoxe(?:\.xox[bp])?-[0-9]-[A-Za-z0-9]{146,300})",
    ),
    kind(
        "slack-webhook",
        &["hooks.slack.com"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w+/]{43,56})",
    ),
    kind("square-token", &["sq0atp-", "eaaa"], r"\b(?:EAAA[\w-]{60}|sq0atp-[\w-]{22})"),
    kind(
        "stripe-key",
        &["sk_live_", "rk_live_", "sk_prod_", "rk_prod_"],
        r"\b[sr]k_(?:live|prod)_[A-Za-z0-9]{10,99}\b",
    ),
];
