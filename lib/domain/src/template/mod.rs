//! Templates: a company's own texts with `{name}` placeholders, and those that a provider keeps and
//! approves, with `{{1}}` or `{{name}}`. One set of named variables fills both (X14).

mod check;
mod fill;
#[cfg(test)]
mod hostile;
mod own;
mod placeholders;
mod provider;
mod render;
mod text;
mod variables;

pub use self::{
    fill::{FilledTemplate, ProviderPreview, SlotNames, fill, preview},
    own::{LONGEST_NAME, LONGEST_TEXT, OwnTemplate, Slot, TemplateText, own_name},
    placeholders::{Allowed, allowed, default_text, sample, samples},
    provider::{
        ButtonShape, HeaderShape, KnownTemplate, ListedTemplate, ProviderTemplate, SlotFormat,
        TemplateShape, TemplateSync,
    },
    render::{Filled, Warning, render, render_free},
    text::{Piece, is_placeholder, pieces, slots},
    variables::{Value, Variables, flat},
};
