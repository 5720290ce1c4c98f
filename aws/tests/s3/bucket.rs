//! What is told of buckets: their settings, and why they cannot be used.

use pipeline_aws::s3::{ObjectName, Payload, S3Error, StoreError};
use pipeline_core::BucketName;
use pipeline_core::artifact::rules::{BucketFacts, Encryption, Expiry, Setting};

use crate::request::Op;
use crate::server::{Fault, Quirks, Server};

fn bucket() -> BucketName {
    "artifacts".parse().unwrap()
}

/// The facts of a bucket that answers each question with this status and body.
async fn facts(
    versioning: (u16, &str),
    encryption: (u16, &str),
    lifecycle: (u16, &str),
) -> Result<BucketFacts, S3Error> {
    let server = Server::start(Quirks::default(), Vec::new());
    for (name, (status, body)) in
        [("versioning", versioning), ("encryption", encryption), ("lifecycle", lifecycle)]
    {
        server.world().settings.insert(name, (status, body.to_owned()));
    }
    server.storage().facts(&bucket()).await
}

const ENABLED: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const SUSPENDED: &str =
    "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
const NONE: &str = "<VersioningConfiguration/>";
const DENIED: &str = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";

fn encryption(algorithm: &str) -> String {
    let wanted = "ApplyServerSideEncryptionByDefault";
    let rule = format!("<{wanted}><SSEAlgorithm>{algorithm}</SSEAlgorithm></{wanted}>");
    let outer = "ServerSideEncryptionConfiguration";
    format!("<{outer}><Rule>{rule}</Rule></{outer}>")
}

fn lifecycle(rules: &str) -> String {
    format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>")
}

fn error(code: &str) -> String {
    format!("<Error><Code>{code}</Code></Error>")
}

async fn expiries(rules: &str) -> Vec<Expiry> {
    let found = facts((200, ENABLED), (200, &encryption("AES256")), (200, &lifecycle(rules))).await;
    let Setting::Is(expiries) = found.unwrap().expiry else { panic!("the lifecycle is known") };
    expiries
}

#[tokio::test]
async fn settings_are_read() {
    let rule =
        "<Rule><Status>Enabled</Status><Filter/><Expiration><Days>90</Days></Expiration></Rule>";
    let found = facts((200, ENABLED), (200, &encryption("AES256")), (200, &lifecycle(rule))).await;
    let found = found.unwrap();
    assert_eq!(found.versioning, Setting::Is(true));
    assert_eq!(found.encryption, Setting::Is(Encryption::Aes256));
    let all = Expiry { prefix: String::new(), days: 90, narrowed: false };
    assert_eq!(found.expiry, Setting::Is(vec![all]));
}

#[tokio::test]
async fn what_is_not_set_is_not_set() {
    let absent = error("ServerSideEncryptionConfigurationNotFoundError");
    let nothing = error("NoSuchLifecycleConfiguration");
    for versioning in [NONE, SUSPENDED] {
        let found = facts((200, versioning), (404, &absent), (404, &nothing)).await.unwrap();
        assert_eq!(found.versioning, Setting::Is(false));
        assert_eq!(found.encryption, Setting::Is(Encryption::None));
        assert_eq!(found.expiry, Setting::Is(Vec::new()));
    }
}

#[tokio::test]
async fn keys_are_named() {
    let nothing = error("NoSuchLifecycleConfiguration");
    for name in ["aws:kms", "aws:kms:dsse"] {
        let found = facts((200, ENABLED), (200, &encryption(name)), (404, &nothing)).await.unwrap();
        assert_eq!(found.encryption, Setting::Is(Encryption::Keys(name.to_owned())));
    }
}

#[tokio::test]
async fn what_may_not_be_read_is_said() {
    let found = facts((403, DENIED), (403, DENIED), (403, DENIED)).await.unwrap();
    let Setting::Unread { said } = &found.versioning else { panic!("{found:?}") };
    assert_eq!(said, "AccessDenied: Access Denied");
    assert!(matches!(found.encryption, Setting::Unread { .. }));
    assert!(matches!(found.expiry, Setting::Unread { .. }));
}

#[tokio::test]
async fn lifecycles_are_read_as_far_as_they_expire_objects() {
    let rule = |filter: &str, rest: &str| {
        format!("<Rule><Status>Enabled</Status><Filter>{filter}</Filter>{rest}</Rule>")
    };
    let days = "<Expiration><Days>30</Days></Expiration>";
    let tag = "<Tag><Key>a</Key><Value>b</Value></Tag>";
    let expiry = |prefix: &str, narrowed| Expiry { prefix: prefix.to_owned(), days: 30, narrowed };
    let cases = [
        (rule("", days), vec![expiry("", false)]),
        (rule("<Prefix>a/</Prefix>", days), vec![expiry("a/", false)]),
        (rule(tag, days), vec![expiry("", true)]),
        (rule("<ObjectSizeGreaterThan>5</ObjectSizeGreaterThan>", days), vec![expiry("", true)]),
        (rule(&format!("<And><Prefix>a/</Prefix>{tag}</And>"), days), vec![expiry("a/", true)]),
        (
            rule(
                "",
                "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
            ),
            Vec::new(),
        ),
        (
            rule(
                "",
                "<NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays></NoncurrentVersionExpiration>",
            ),
            Vec::new(),
        ),
        (rule("", days).replace("Enabled", "Disabled"), Vec::new()),
        (
            rule("", days).replace("<Filter></Filter>", "<Prefix>b/</Prefix>"),
            vec![expiry("b/", false)],
        ),
    ];
    for (rules, expected) in cases {
        assert_eq!(expiries(&rules).await, expected, "{rules}");
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_an_error() {
    let missing = error("NoSuchBucket");
    let found = facts((404, &missing), (404, &missing), (404, &missing)).await.unwrap_err();
    assert_eq!(found, S3Error::NoBucket { bucket: bucket() });
    let server = Server::start(Quirks::default(), vec![(Op::Bucket, Fault::Answer(404, ""))]);
    let found = server.storage().reach(&bucket()).await.unwrap_err();
    assert_eq!(found, S3Error::NoBucket { bucket: bucket() });
    assert_eq!(server.storage().reach(&bucket()).await, Ok(()));
}

#[tokio::test]
async fn a_bucket_of_another_region_is_named_with_both() {
    for status in [301, 307, 400] {
        let faults = vec![(Op::Head, Fault::Elsewhere(status, "us-west-2"))];
        let server = Server::start(Quirks::default(), faults);
        let object = ObjectName { bucket: bucket(), key: "abc/x".to_owned() };
        let payload = Payload::bytes(b"x".to_vec()).unwrap();
        let storage = server.storage();
        let never = std::future::pending();
        let stored = storage.store(&object, &payload, "text/plain", never).await;
        let Err(StoreError::S3(error @ S3Error::OtherRegion { .. })) = stored else {
            panic!("status {status} is another region");
        };
        let told = error.to_string();
        assert!(told.contains("`us-west-2`") && told.contains("`eu-west-1`"), "{told}");
    }
}
