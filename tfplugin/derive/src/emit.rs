//! Third pass: writes the code. What it writes is data and conversions; the rules are in `tfplugin`.

use proc_macro2::TokenStream;

use crate::parse::Input;

mod blank;
mod choice;
mod default;
mod draft;
mod model;

/// The code for what was parsed and checked.
pub(crate) fn input(input: &Input) -> TokenStream {
    match input {
        Input::Choice(input) => choice::emit(input),
        Input::Model(input) => {
            let model = model::emit(input);
            let draft = draft::emit(input);
            quote::quote! { #model #draft }
        }
    }
}
