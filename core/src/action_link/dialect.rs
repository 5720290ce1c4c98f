//! A link to a workflow in the JSON of the documented systems.

use serde_json::{Map, Value};

use super::{ActionLink, ActionLinkParts, GITHUB};
use crate::base::dialect::{Dialect, Documented, Told};
use crate::base::fields::{Fields, text};
use crate::base::violation::Violations;

impl Documented for ActionLink {
    const DIALECTS: &'static [Dialect] = &[Dialect::D001];

    fn read(json: &Value, _: Dialect) -> Result<Self, Violations> {
        let mut fields = Fields::of(json)?;
        let parts = ActionLinkParts {
            label: fields.must("label", text).unwrap_or_default(),
            url: fields.must("url", text).unwrap_or_default(),
            category: fields.must("category", text).unwrap_or_default(),
            description: fields.may("description", text),
            icon: fields.may("icon", text),
        };
        let link = fields.is_faultless().then(|| Self::new(parts, GITHUB));
        let made = link.and_then(|link| fields.whole(link));
        fields.finish(made)
    }

    fn tell(&self, _: Dialect) -> Result<Told, Violations> {
        let said = [
            ("label", Some(self.label().to_owned())),
            ("url", Some(self.url().to_string())),
            ("description", self.description.clone()),
            ("icon", self.icon.clone()),
            ("category", Some(self.category().to_string())),
        ];
        let said = said.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?.into())));
        Ok(Told::whole(Value::Object(said.collect::<Map<_, _>>())))
    }
}
