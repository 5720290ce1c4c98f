//! Who uses a type without a doc comment hears of that alone.

use tfplugin::{Computed, Context, Diagnostics, Model, Resource};

/// Fine.
#[derive(Debug, Clone, Model)]
struct Thing {
    name: String,
    /// Fine.
    size: Computed<i64>,
}

impl Resource for Thing {
    const NAME: &'static str = "test_thing";
    type Provider = ();

    async fn create(self, _cx: &Context<Self>) -> Result<Self, Diagnostics> {
        Ok(self)
    }

    async fn read(self, _cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        Ok(Some(self))
    }
}

fn main() {}
