//! Every text of a content, for whoever fills in values.

use super::content::{
    ButtonAction, Content, HeaderValue, Interactive, List, Media, MediaSource, Parameters,
    TemplateUse,
};

impl Content {
    /// Shows every text that a person or a provider reads, in the order they stand. Ids and names that
    /// only machines read are left out.
    pub fn texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Text { body } => see(body),
            Self::Interactive(interactive) => interactive.texts(see),
            Self::Image(media) | Self::Document(media) => media.texts(see),
            Self::List(list) => list.texts(see),
            Self::Template(template) => template.texts(see),
        }
    }
}

impl Interactive {
    fn texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        self.header.iter_mut().for_each(&mut *see);
        see(&mut self.body);
        self.footer.iter_mut().for_each(&mut *see);
        for button in &mut self.buttons {
            see(&mut button.title);
        }
    }
}

impl Media {
    fn texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match &mut self.source {
            MediaSource::Link(link) => see(link),
            MediaSource::Id(_) | MediaSource::Stored(_) => {}
        }
        self.caption.iter_mut().for_each(&mut *see);
        self.filename.iter_mut().for_each(&mut *see);
    }
}

impl List {
    fn texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        self.header.iter_mut().for_each(&mut *see);
        see(&mut self.body);
        self.footer.iter_mut().for_each(&mut *see);
        see(&mut self.label);
        for section in &mut self.sections {
            section.title.iter_mut().for_each(&mut *see);
            for row in &mut section.rows {
                see(&mut row.title);
                row.description.iter_mut().for_each(&mut *see);
            }
        }
    }
}

impl TemplateUse {
    fn texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match &mut self.header {
            Some(HeaderValue::Text { values }) => values.texts(see),
            Some(
                HeaderValue::Image(media)
                | HeaderValue::Document(media)
                | HeaderValue::Video(media),
            ) => media.texts(see),
            None => {}
        }
        self.body.texts(see);
        for button in &mut self.buttons {
            match &mut button.value {
                ButtonAction::QuickReply { payload } => see(payload),
                ButtonAction::Url { text } => see(text),
                ButtonAction::CopyCode { code } => see(code),
            }
        }
    }
}

impl Parameters {
    fn texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Positional(values) => values.iter_mut().for_each(see),
            Self::Named(values) => values.values_mut().for_each(see),
        }
    }
}
