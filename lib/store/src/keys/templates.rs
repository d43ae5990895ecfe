//! Keys of templates: a company's own, and its providers'.

use domain::{ids::TemplateId, message::MessageType};

use super::{Key, Place, TenantKeys, digest, order};

impl TenantKeys {
    /// A provider's template in one language.
    pub(crate) fn template(self, account: &str, name: &str, language: &str) -> Key {
        let hash = digest(&[account, name]);
        let language: String = language.chars().take(32).collect();
        self.key(&format!("#P#{hash}"), format!("P#{language}"))
    }

    /// What came of the last sync of an account's templates.
    pub(crate) fn template_sync(self, account: &str) -> Key {
        let hash = digest(&[account]);
        self.key(&format!("#P#{hash}"), "S")
    }

    /// A provider's template among those that may be sent, or the others, by name and language.
    pub(crate) fn provider_templates(
        self,
        approved: bool,
        account: &str,
        name: &str,
        language: &str,
    ) -> Place {
        let mut hash = digest(&[account, name, language]);
        hash.truncate(32);
        // A name ends before any of its characters begins: `a` stands before `a_b` in every language.
        let sort = order::name(&format!("{name}\0{language}"));
        Place {
            partition: self.provider_templates_of(approved),
            sort: format!("{sort}#{hash}"),
        }
    }

    /// The providers' templates that may be sent, or the others.
    pub(crate) fn provider_templates_of(self, approved: bool) -> String {
        let letter = if approved { 'a' } else { 'o' };
        format!("{}#P#{letter}", self.prefix())
    }

    /// A template of the company's own.
    pub(crate) fn own_template(self, id: TemplateId) -> Key {
        self.key(&format!("#O#{}", id.key()), "O")
    }

    /// A version of it, newest first.
    pub(crate) fn template_version(self, id: TemplateId, version: u32) -> Key {
        let inverted = u32::MAX - version;
        self.key(&format!("#O#{}", id.key()), format!("V#{inverted:08x}"))
    }

    /// What a name of the company's own templates is taken by. Whatever the name is, its hash stands here.
    pub(crate) fn template_name(self, unique_name: &str) -> Key {
        let hash = digest(&[unique_name]);
        self.key(&format!("#O#{hash}"), "N")
    }

    /// A template's place among those of its type, by name.
    pub(crate) fn own_templates(
        self,
        message_type: MessageType,
        active: bool,
        unique_name: &str,
        id: TemplateId,
    ) -> Place {
        Place {
            partition: self.own_templates_of(message_type, active),
            sort: format!("{}#{}", order::name(unique_name), id.key()),
        }
    }

    /// The templates of a type that are switched on, or off.
    pub(crate) fn own_templates_of(self, message_type: MessageType, active: bool) -> String {
        let letter = if active { 'a' } else { 'z' };
        let message_type = message_type.letter();
        format!("{}#O#{letter}#{message_type}", self.prefix())
    }
}
