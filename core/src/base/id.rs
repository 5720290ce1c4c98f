//! Identifiers: of deployments, workflow runs, accounts and other entities.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::rule::RuleId;
use super::timestamp::Timestamp;
use super::violation::{Violation, Violations, quoted};

/// The ID of a deployment that people see, such as `deploy-20251121-103045-abc123`.
///
/// IDs sort by the time they were made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeploymentId(String);

impl DeploymentId {
    /// The ID of a deployment requested at this time, told apart by six random characters.
    ///
    /// # Errors
    /// DEP050 unless the characters are six lower-case letters or digits.
    pub fn new(requested: Timestamp, random: &str) -> Result<Self, Violations> {
        let time = requested.civil();
        format!("deploy-{}-{random}", time.strftime("%Y%m%d-%H%M%S")).parse()
    }

    /// The ID of a deployment that is requested at this moment. Two of its characters are the
    /// millisecond, so that IDs of one second sort by time, and four are of these random bytes.
    ///
    /// # Errors
    /// DEP050 when the clock is outside the calendar.
    pub fn draw(requested: jiff::Timestamp, random: [u8; 16]) -> Result<Self, Violations> {
        let suffix = six_characters(requested.subsec_millisecond(), random);
        Self::new(Timestamp::from_jiff(requested), &suffix)
    }

    /// The ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn six_characters(millisecond: i32, random: [u8; 16]) -> String {
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let letter = |number: usize| char::from(LETTERS[number % LETTERS.len()]);
    let millisecond = usize::try_from(millisecond).unwrap_or_default();
    let chance = random.iter().rev().take(4).map(|byte| letter(usize::from(*byte)));
    [letter(millisecond / LETTERS.len()), letter(millisecond)].into_iter().chain(chance).collect()
}

impl FromStr for DeploymentId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if stamp(text, "deploy-").is_some() {
            return Ok(Self(text.to_owned()));
        }
        let expected = "`deploy-YYYYMMDD-HHMMSS-xxxxxx` with a real date and time and six \
                        lower-case letters or digits";
        let next = "Copy the ID from the record, such as `deploy-20251121-103045-abc123`.";
        Err(Violation::new(RuleId::DEP050, quoted(text), expected, next).into())
    }
}

/// The time in an ID of the form `<prefix>YYYYMMDD-HHMMSS-xxxxxx`.
pub(crate) fn stamp(text: &str, prefix: &str) -> Option<Timestamp> {
    let rest = text.strip_prefix(prefix)?;
    let (date, time, suffix) = (rest.get(..8)?, rest.get(9..15)?, rest.get(16..)?);
    let separated = rest.get(8..9) == Some("-") && rest.get(15..16) == Some("-");
    let random = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    if !separated || suffix.len() != 6 || !suffix.bytes().all(random) {
        return None;
    }
    let year = digits(date.get(..4)?)?;
    let part = |text: &str| i8::try_from(digits(text)?).ok();
    let (month, day) = (part(date.get(4..6)?)?, part(date.get(6..)?)?);
    let hour = part(time.get(..2)?)?;
    let (minute, second) = (part(time.get(2..4)?)?, part(time.get(4..)?)?);
    let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Timestamp::from_civil(civil)
}

fn digits(text: &str) -> Option<i16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A UUID in lower case; it stands beside the ID of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeploymentUuid(Uuid);

impl DeploymentUuid {
    /// A random UUID (version 4) made from 16 random bytes.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}

impl fmt::Display for DeploymentUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for DeploymentUuid {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let next = match Uuid::try_parse(text) {
            Ok(uuid) if uuid.to_string() == text => return Ok(Self(uuid)),
            Ok(uuid) if uuid.to_string() == text.to_ascii_lowercase() => {
                format!("Write it in lower case: `{uuid}`.")
            }
            Ok(uuid) => format!("Write `{uuid}`."),
            Err(_) => "Write 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.".to_owned(),
        };
        let expected = "a UUID in lower case";
        Err(Violation::new(RuleId::DEP030, quoted(text), expected, next).into())
    }
}

/// The ID of a GitHub Actions run, a positive number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkflowRunId(std::num::NonZeroU64);

impl FromStr for WorkflowRunId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        match text.parse() {
            Ok(number) if plain => Ok(Self(number)),
            _ => Err(Violation::new(
                RuleId::DEP006,
                quoted(text),
                "a GitHub Actions run ID: decimal digits, positive, without leading zeros",
                "Take it from `GITHUB_RUN_ID`, or leave it out outside of GitHub Actions.",
            )
            .into()),
        }
    }
}

impl fmt::Display for WorkflowRunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of an AWS account: twelve digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl FromStr for AccountId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        let bare: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let short = !bare.is_empty() && bare.len() < 12 && bare.bytes().all(|b| b.is_ascii_digit());
        let next = if bare != text && bare.len() == 12 && bare.bytes().all(|b| b.is_ascii_digit()) {
            format!("Write `{bare}`.")
        } else if short {
            format!("If zeros at the front were lost, write `\"{bare:0>12}\"`, as a text.")
        } else {
            "Ask AWS: `aws sts get-caller-identity`.".to_owned()
        };
        let expected = "the twelve digits of an AWS account";
        Err(Violation::new(RuleId::ENV022, quoted(text), expected, next).into())
    }
}

/// The ID of a pipeline run or an infrastructure resource that a deployment refers to: a UUID,
/// an identifier of AWS or Azure, or `run-…`/`deploy-…` with date and time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(String);

impl EntityId {
    /// The ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EntityId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let documented = stamp(text, "run-").is_some() || stamp(text, "deploy-").is_some();
        let uuid = text.parse::<DeploymentUuid>().is_ok();
        if documented || uuid || is_aws(text) || is_azure(text) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a UUID, an ARN or AWS resource ID, an Azure resource ID, or \
                        `run-YYYYMMDD-HHMMSS-xxxxxx`";
        let next = "Copy the `id` of the resource that is meant.";
        Err(Violation::new(RuleId::GLB002, quoted(text), expected, next).into())
    }
}

/// An ARN of six parts, or an ID such as `i-0abc1234` (8 or 17 hexadecimal digits).
fn is_aws(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    if let ["arn", partition, service, _, _, resource] = parts[..] {
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        return partition.starts_with("aws")
            && !service.is_empty()
            && !resource.is_empty()
            && clean;
    }
    text.rsplit_once('-').is_some_and(|(kind, id)| {
        let hexadecimal = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let named = kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        matches!(id.len(), 8 | 17) && hexadecimal && !kind.is_empty() && named
    })
}

fn is_azure(text: &str) -> bool {
    let mut parts = text.split('/');
    parts.next() == Some("")
        && parts.next() == Some("subscriptions")
        && parts.clone().count() >= 1
        && parts.all(|part| !part.is_empty() && !part.chars().any(char::is_whitespace))
}

macro_rules! display_text {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}

display_text!(DeploymentId, AccountId, EntityId);
text_serde!(DeploymentId, DeploymentUuid, WorkflowRunId, AccountId, EntityId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_second_sort_by_time() {
        let ids: Vec<String> = (0..1000).map(|ms| six_characters(ms, [7; 16])).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 6));
    }
    use proptest::prelude::*;

    #[test]
    fn deployment_ids_have_a_real_date_and_time() {
        assert!("deploy-20251121-103045-abc123".parse::<DeploymentId>().is_ok());
        for bad in [
            "deploy-20251131-103045-abc123",
            "deploy-20251121-246045-abc123",
            "deploy-20251121-103060-abc123",
            "deploy-20251121-103045-ABC123",
            "deploy-20251121-103045-abc12",
            "deploy-20251121-103045-abc1234",
            "deploy-20251121x103045-abc123",
            "deploy-+2251121-103045-abc123",
            "deploy-1729433445",
            "deploy-002",
            "deploy-äöü",
            "",
        ] {
            assert!(bad.parse::<DeploymentId>().unwrap_err().breaks(RuleId::DEP050), "{bad}");
        }
    }

    #[test]
    fn random_uuids_are_of_version_4() {
        let uuid = DeploymentUuid::from_random([0xff; 16]);
        assert_eq!(uuid.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let upper = "A1B2C3D4-E5F6-7890-ABCD-EF1234567890";
        let told = upper.parse::<DeploymentUuid>().unwrap_err().to_string();
        assert!(told.contains(&upper.to_lowercase()), "{told}");
        let told =
            "a1b2c3d4e5f67890abcdef1234567890".parse::<DeploymentUuid>().unwrap_err().to_string();
        assert!(told.contains("Write `a1b2c3d4-e5f6-7890-abcd-ef1234567890`."), "{told}");
        for bad in [
            "",
            "42",
            "+1b2c3d4-e5f6-7890-abcd-ef1234567890",
            "a1b2c3d4-e5f6-7890-abcd-ef123456789g",
        ] {
            let told = bad.parse::<DeploymentUuid>().unwrap_err().to_string();
            assert!(told.contains("groups of 8, 4, 4, 4 and 12"), "{told}");
        }
    }

    #[test]
    fn run_ids_are_positive_decimal_numbers() {
        assert_eq!("1234567890".parse::<WorkflowRunId>().unwrap().to_string(), "1234567890");
        for bad in ["", "0", "01", "+1", "-1", "1a", "99999999999999999999999"] {
            assert!(bad.parse::<WorkflowRunId>().unwrap_err().breaks(RuleId::DEP006), "{bad}");
        }
    }

    #[test]
    fn accounts_are_told_how_to_be_written() {
        let told = |text: &str| text.parse::<AccountId>().unwrap_err().to_string();
        assert!(told("1234-5678-9012").contains("Write `123456789012`."));
        assert!(told("12345678901").contains("\"012345678901\""));
        assert!(told("prod").contains("get-caller-identity"));
    }

    #[test]
    fn entity_ids_come_in_several_forms() {
        for good in [
            "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
            "arn:aws:ecs:us-east-1:123456789012:service/web/api",
            "arn:aws-cn:s3:::bucket",
            "i-0abc1234",
            "vpc-0123456789abcdef0",
            "run-20251020-143045-k8m3q2",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x",
        ] {
            assert_eq!(good.parse::<EntityId>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "42",
            "arn:aws:ecs",
            "arn:aws::::x",
            "arn:aws:s3:::",
            "arn:gcp:s3:::x",
            "-0abc1234",
            "I-0abc1234",
            "i-0abc123",
            "i-0abc123g",
            "i_0-0abc1234",
            "run-20251399-143045-k8m3q2",
            "/subscriptions",
            "x y",
        ] {
            assert!(bad.parse::<EntityId>().unwrap_err().breaks(RuleId::GLB002), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn deployment_ids_are_made_from_their_time(seconds in 0..253_402_207_200_i64, random in "[a-z0-9]{6}") {
            let time = Timestamp::from_unix_seconds(seconds).unwrap();
            let id = DeploymentId::new(time, &random).unwrap();
            prop_assert_eq!(&id.to_string().parse::<DeploymentId>().unwrap(), &id);
            prop_assert_eq!(stamp(id.as_str(), "deploy-"), Some(time));
        }

        #[test]
        fn uuids_round_trip(bytes: [u8; 16]) {
            let uuid = DeploymentUuid::from_random(bytes);
            prop_assert_eq!(uuid.to_string().parse::<DeploymentUuid>().unwrap(), uuid);
        }

        #[test]
        fn a_uuid_is_what_the_crate_prints(text in "[0-9a-fA-F]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f-]{0,40}") {
            let canonical = Uuid::try_parse(&text).is_ok_and(|uuid| uuid.to_string() == text);
            prop_assert_eq!(text.parse::<DeploymentUuid>().is_ok(), canonical);
            if let Ok(id) = text.parse::<DeploymentUuid>() { prop_assert_eq!(id.to_string(), text); }
        }

        #[test]
        fn what_is_accepted_prints_back(text in "[0-9a-f-]{0,40}|[0-9]{1,20}") {
            if let Ok(id) = text.parse::<DeploymentUuid>() { prop_assert_eq!(id.to_string(), text.clone()); }
            if let Ok(id) = text.parse::<WorkflowRunId>() { prop_assert_eq!(id.to_string(), text.clone()); }
            if let Ok(id) = text.parse::<AccountId>() { prop_assert_eq!(id.to_string(), text.clone()); }
        }
    }
}
