//! Cases of infrastructure resources, recorded and read as the provider does it, in a ledger in memory.

use pipeline_core::environment::EnvironmentAtCommit;
use pipeline_core::infrastructure::{
    Around, InfrastructureParts, InfrastructureRecord, InfrastructureResource, Lists, Review,
    resources, survey,
};
use pipeline_core::registration::{self, Registered};
use pipeline_core::{Cloud, InfrastructureId, KnownRegions, KnownTypes};
use serde_json::{Value, json};

use super::ledger::{Place, broken, done};
use super::samples::{COMMIT, actor, environment, time};
use super::{Case, Found, case, read};

const SITE: &str = "/subscriptions/5f0f7a4c-6f0c-4b1e-9d51-0e8f2c9b7a11/resourceGroups/shop/providers/Microsoft.Web/sites/app-shop";

pub(crate) const CASES: &[Case] = &[
    case("GLB004", || read::<Cloud>("aws"), || read::<Cloud>("gcp")),
    case(
        "GLB002",
        || read::<InfrastructureId>("aws/aws_s3_bucket/shop.example.com"),
        || read::<InfrastructureId>("aws_s3_bucket.shop"),
    ),
    case("GLB002", || aws(|_| ()), || aws(|it| it.name = String::new())),
    case("GLB002", || aws(|_| ()), || aws(|it| it.resource_id = Some(String::new()))),
    case(
        "INF001",
        || aws(|it| it.resource_type = "AWS::ECS::Service".into()),
        || aws(|it| it.resource_type = "aws_ecs_servce".into()),
    ),
    case("INF001", || aws(|_| ()), || aws(|it| it.resource_type = "aws_moon_base".into())),
    case("INF001", || aws(|_| ()), || aws(|it| it.resource_type = "azurerm_subnet".into())),
    case(
        "INF002",
        || aws(|it| it.region = "sa-west-1".into()),
        || aws(|it| it.region = "us-esat-1".into()),
    ),
    case("INF003", || planned(aws_parts()), || planned(tagged(&[("Environment", "production")]))),
    case(
        "INF003",
        || planned(aws_parts()),
        || planned(tagged(&[("environment", "production"), ("Project", " ")])),
    ),
    case("INF004", || listed(|_| ()), || listed(|it| it["status"] = json!("ready"))),
    case("INF005", || changed(|_| ()), || changed(|it| it["status"] = json!("failed"))),
    case(
        "INF005",
        || changed(|it| it["status"] = json!("updated")),
        || changed(|it| it["status"] = json!("destroyed")),
    ),
    case(
        "OWN046",
        || planned(aws_parts()),
        || planned(reviewed(Some((5, "https://ada:s3cret@example.com/pull/7")))),
    ),
    case("OWN047", || cluster("shop"), || cluster("Shop")),
    case("INF006", || planned(aws_parts()), || planned(reviewed(None))),
    case("INF006", || planned(aws_parts()), || planned(reviewed(Some((99, "pull/7"))))),
    case("INF006", || planned(aws_parts()), || planned(reviewed(Some((5, " "))))),
    case(
        "INF006",
        || changed(|_| ()),
        || changed(|it| it["updated_at"] = json!(time(6).to_string())),
    ),
    case(
        "INF007",
        || aws(|it| it.terraform_state = Some("5f0f7a4c-6f0c-4b1e-9d51-0e8f2c9b7a11".into())),
        || aws(|it| it.terraform_state = Some("s3://states/shop.tfstate".into())),
    ),
    case(
        "INF020",
        || azure(|_| ()),
        || azure(|it| it.resource_id = Some(SITE.replace("/sites/", "/serverfarms/"))),
    ),
    case(
        "INF020",
        || azure(|it| it.resource_id = Some(SITE.replace("app-shop", "APP-Shop"))),
        || azure(|it| it.resource_id = Some(SITE.replace("app-shop", "app-mail"))),
    ),
    case("INF021", || azure(|_| ()), || azure(|it| it.resource_type = "AppServce".into())),
    case("INF022", || named("AppService", "a1"), || named("AppService", "-shop")),
    case("INF022", || named("BlobStorage", "stshop1"), || named("BlobStorage", "st-shop")),
    case("INF022", || named("KeyVault", "kv-shop"), || named("KeyVault", "kv--shop")),
    case("INF022", || named("SqlDatabase", "db shop"), || named("SqlDatabase", "db/shop")),
    case("INF022", || named("ApplicationInsights", "a"), || named("ApplicationInsights", "a.")),
    case("INF022", || named("CDN", "cdn-1"), || named("CDN", "cdn-")),
    case("INF022", || named("AppServicePlan", "plan-1"), || named("AppServicePlan", "")),
    case(
        "INF023",
        || azure(|it| it.region = "usgoviowa".into()),
        || azure(|it| it.region = "east-us".into()),
    ),
    case(
        "INF024",
        || planned(azure_parts()),
        || planned(InfrastructureParts { environment: Some("staging".into()), ..azure_parts() }),
    ),
    case(
        "INF024",
        || planned(InfrastructureParts { environment: None, ..aws_parts() }),
        || planned(InfrastructureParts { environment: None, ..azure_parts() }),
    ),
    case(
        "INF025",
        || azure(|it| it.configuration = Some(json!({ "httpsOnly": true }))),
        || azure(|it| it.configuration = Some(json!(["httpsOnly"]))),
    ),
    case(
        "SEC007",
        || azure(|it| it.configuration = Some(json!({ "password": "arn:aws:ssm:eu-west-1:1:x" }))),
        || azure(|it| it.configuration = Some(json!({ "sql": [{ "password": "hunter2" }] }))),
    ),
    case("INF026", || listed_azure("deleting"), || listed_azure("created")),
    case(
        "INF027",
        || listed(|it| it["updated_at"] = json!(time(1).to_string())),
        || listed(|it| it["updated_at"] = json!(time(-1).to_string())),
    ),
    case(
        "INF027",
        || changed(|_| ()),
        || changed(|it| it["updated_at"] = json!(time(500).to_string())),
    ),
    case("INF028", || referring(&[]), || referring(&["aws/aws_ecs_cluster/shap"])),
    case(
        "INF028",
        || referring(&["aws/aws_ecs_cluster/shop"]),
        || referring(&["aws/aws_ecs_service/web"]),
    ),
    case(
        "INF028",
        || referring(&["azure/AppServicePlan/PLAN-shop"]),
        || referring(&["aws/aws_ecs_cluster/shop", "aws/aws_lb/front"]),
    ),
    case("INF028", || removed("aws/aws_lb/front"), || removed("aws/aws_ecs_cluster/shop")),
];

fn aws_parts() -> InfrastructureParts {
    InfrastructureParts {
        cloud: "aws".into(),
        resource_type: "aws_ecs_service".into(),
        name: "web".into(),
        region: "eu-west-1".into(),
        environment: Some("production".into()),
        tags: [("Environment", "production"), ("Project", "shop")]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        review: review(5, "https://example.com/pull/7"),
        ..InfrastructureParts::default()
    }
}

fn azure_parts() -> InfrastructureParts {
    InfrastructureParts {
        cloud: "azure".into(),
        resource_type: "AppService".into(),
        name: "app-shop".into(),
        resource_id: Some(SITE.into()),
        region: "westeurope".into(),
        tags: [].into(),
        ..aws_parts()
    }
}

fn review(seconds: i64, reference: &str) -> Option<Review> {
    let reviewed_at = time(seconds);
    Some(Review { reviewed_by: actor("bob"), reviewed_at, reference: reference.into() })
}

fn reviewed(by: Option<(i64, &str)>) -> InfrastructureParts {
    let review = by.and_then(|(seconds, reference)| review(seconds, reference));
    InfrastructureParts { review, ..aws_parts() }
}

fn tagged(tags: &[(&str, &str)]) -> InfrastructureParts {
    let tags = tags.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    InfrastructureParts { tags, ..aws_parts() }
}

/// What is wrong with a resource as a configuration says it.
fn said(parts: InfrastructureParts) -> Found {
    let (regions, types) = (KnownRegions::default(), KnownTypes::default());
    let lists = Lists { regions: &regions, types: &types };
    super::found(InfrastructureResource::read(parts, Some(lists)))
}

fn aws(change: fn(&mut InfrastructureParts)) -> Found {
    let mut parts = aws_parts();
    change(&mut parts);
    said(parts)
}

fn azure(change: fn(&mut InfrastructureParts)) -> Found {
    let mut parts = azure_parts();
    change(&mut parts);
    said(parts)
}

fn named(kind: &str, name: &str) -> Found {
    let (resource_type, name) = (kind.into(), name.into());
    said(InfrastructureParts { resource_type, name, resource_id: None, ..azure_parts() })
}

fn resource(parts: InfrastructureParts) -> InfrastructureResource {
    parts.try_into().unwrap()
}

fn registered<T>(what: T) -> Registered<T> {
    let registered_by = actor("ada");
    Registered { what, registered_at: time(0), registered_by, updated_at: None }
}

/// A ledger in which production is registered.
fn production() -> Place {
    let (place, production) = (Place::new(), environment());
    let slot = place.ledger.environment(&production.name);
    let record = EnvironmentAtCommit { environment: production, commit_sha: COMMIT };
    place.put(&slot, &registered(record), |_| ());
    place
}

fn put(place: &Place, parts: InfrastructureParts, change: fn(&mut Value)) {
    let record = resource(parts);
    let slot = place.ledger.infrastructure_resource(&record.id);
    place.put(&slot, &registered(record), change);
}

fn planned_in(place: &Place, parts: InfrastructureParts) -> Found {
    let required = ["Environment".to_owned(), "Project".to_owned()];
    let around =
        Around { is_announced: false, planned: &[], required_tags: &required, now: time(9) };
    let survey = done(survey(&place.ledger, resource(parts), around)).unwrap();
    registration::plan(survey, None).violations()
}

/// What a plan says of a new resource.
fn planned(parts: InfrastructureParts) -> Found {
    planned_in(&production(), parts)
}

/// What a plan says of another region for a resource whose record somebody changed.
fn changed(change: fn(&mut Value)) -> Found {
    let place = production();
    put(&place, aws_parts(), change);
    planned_in(&place, InfrastructureParts { region: "eu-west-2".into(), ..aws_parts() })
}

/// What a plan says of references, where a load balancer needs the service and others need nothing.
fn referring(references: &[&str]) -> Found {
    let place = production();
    neighbours(&place);
    let references = references.iter().map(|id| (*id).into()).collect();
    planned_in(&place, InfrastructureParts { references, ..aws_parts() })
}

/// What a plan says of a cluster where there is one that is called `shop`.
fn cluster(name: &str) -> Found {
    let place = production();
    neighbours(&place);
    let resource_type = "aws_ecs_cluster".into();
    planned_in(&place, InfrastructureParts { resource_type, name: name.into(), ..aws_parts() })
}

fn neighbours(place: &Place) {
    let other = |kind: &str, name: &str, references: &[&str]| InfrastructureParts {
        resource_type: kind.into(),
        name: name.into(),
        references: references.iter().map(|id| (*id).into()).collect(),
        ..aws_parts()
    };
    put(place, other("aws_ecs_cluster", "shop", &[]), |_| ());
    let needs = ["aws/aws_ecs_service/web", "aws/aws_ecs_cluster/shop"];
    put(place, other("aws_lb", "front", &needs), |_| ());
    let (resource_type, name) = ("AppServicePlan".into(), "plan-shop".into());
    let plan = InfrastructureParts { resource_type, name, resource_id: None, ..azure_parts() };
    put(place, plan, |_| ());
}

/// What forbids to remove one of them.
fn removed(id: &str) -> Found {
    let (place, id) = (production(), id.parse().unwrap());
    neighbours(&place);
    let removal = pipeline_core::infrastructure::survey_removal(&place.ledger, &id);
    done(removal).unwrap().check().err().unwrap_or_default()
}

/// What a list says of a record that somebody changed.
fn listed(change: fn(&mut Value)) -> Found {
    let place = Place::new();
    put(&place, aws_parts(), change);
    unreadable(&place)
}

fn listed_azure(status: &str) -> Found {
    let place = Place::new();
    match status {
        "deleting" => put(&place, azure_parts(), |it| it["status"] = json!("deleting")),
        _ => put(&place, azure_parts(), |it| it["status"] = json!("created")),
    }
    unreadable(&place)
}

fn unreadable(place: &Place) -> Found {
    let (records, unreadable): (Vec<InfrastructureRecord>, _) =
        done(resources(&place.ledger, None, None)).unwrap();
    assert_eq!(records.len() + unreadable.len(), 1);
    broken(unreadable)
}
