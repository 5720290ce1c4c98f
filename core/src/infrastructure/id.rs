//! What names a resource among all that are recorded: its cloud, its type and its name.

use std::fmt;
use std::str::FromStr;

use super::kind::{Cloud, ResourceType};
use crate::base::filing::{LONGEST, escaped};
use crate::base::foreign::hidden;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, Violations, quoted};

/// The name of a resource, which its type allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `cloud/type/name`, such as `azure/KeyVault/kv-shop-prod`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InfrastructureId {
    kind: ResourceType,
    name: Name,
}

impl InfrastructureId {
    /// A resource of a type by its name.
    ///
    /// # Errors
    /// INF022 for a name that Azure does not allow; GLB002 for one that is empty, too long or no line.
    pub fn new(kind: ResourceType, name: &str) -> Result<Self, Violations> {
        let id = Self { kind, name: Name(name.to_owned()) };
        let fault = match id.kind {
            ResourceType::Azure(kind) => kind.name_fault(name),
            ResourceType::Aws(_) => None,
        };
        let is_line = !name.is_empty() && hidden(name).is_none();
        let fits = is_line && escaped(&id.comparable()).len() <= LONGEST;
        let unfit = || {
            let expected =
                format!("a name on one line, of at most {LONGEST} bytes where it is filed");
            let next = "Write a shorter name that says what the resource is.";
            Violation::new(RuleId::GLB002, quoted(name), expected, next)
        };
        Violations::check(fault.or_else(|| (!fits).then(unfit)).into_iter().collect())?;
        Ok(id)
    }

    /// The cloud.
    #[must_use]
    pub const fn cloud(&self) -> Cloud {
        self.kind.cloud()
    }

    /// The type.
    #[must_use]
    pub const fn kind(&self) -> &ResourceType {
        &self.kind
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Where its record lies. Azure compares names without case, and git allows few characters.
    pub(super) fn filed(&self) -> String {
        let kind = escaped(&self.kind.to_string());
        format!("{}/{kind}/{}", self.cloud(), escaped(&self.comparable()))
    }

    /// The name as its cloud compares it.
    fn comparable(&self) -> String {
        match self.cloud() {
            Cloud::Aws => self.name.0.clone(),
            Cloud::Azure => self.name.0.to_lowercase(),
        }
    }

    /// INF020 for Azure; GLB002 for AWS, whose IDs have many forms.
    pub(super) fn resource_id_fault(&self, text: &str) -> Option<Violation> {
        if let ResourceType::Azure(kind) = self.kind {
            return kind.id_fault(text, &self.name);
        }
        let fits = (1..=2048).contains(&text.len()) && !text.chars().any(char::is_control);
        (!fits).then(|| {
            let expected = "the ID that Terraform has of the resource";
            let next = "Copy the `id` of the resource, or leave it out.";
            Violation::new(RuleId::GLB002, quoted(text), expected, next).under("resource_id")
        })
    }
}

impl FromStr for InfrastructureId {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let mut parts = text.splitn(3, '/');
        let (Some(cloud), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next())
        else {
            let expected = "`<cloud>/<type>/<name>`, such as `azure/KeyVault/kv-shop-prod`";
            let next = "Write the `id` of a `pipeline_infrastructure_resource`.";
            return Err(Violation::new(RuleId::GLB002, quoted(text), expected, next).into());
        };
        let kind = ResourceType::read(cloud.parse()?, kind)?;
        Self::new(kind, name)
    }
}

impl fmt::Display for InfrastructureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}/{}", self.cloud(), self.kind, self.name))
    }
}

text_serde!(InfrastructureId);
