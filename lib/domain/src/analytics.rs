//! What became of a day's messages, by channel and type, and by the template they were made from: folded
//! from the messages themselves, so that nothing can be counted twice.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ids::ChannelId,
    message::{MadeFrom, Message, MessageType, Status},
};

/// The upper ends of the steps that answers are counted in, in seconds; what takes longer is in one more.
pub const STEPS: [i64; 6] = [60, 300, 900, 3_600, 14_400, 86_400];

/// How often something took how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Took {
    /// How often.
    #[serde(rename = "n")]
    pub count: u32,
    /// Seconds altogether.
    #[serde(rename = "s")]
    pub seconds: i64,
}

impl Took {
    fn note(&mut self, from: Timestamp, to: Timestamp) {
        self.count += 1;
        // Clocks of two houses may disagree by a moment.
        self.seconds += to.duration_since(from).as_secs().max(0);
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.seconds += other.seconds;
    }

    /// The mean, in seconds; none of nothing.
    #[must_use]
    pub fn mean(self) -> Option<i64> {
        self.seconds.checked_div(i64::from(self.count))
    }
}

/// What became of some messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// How many show each status, by its code.
    #[serde(rename = "t")]
    pub statuses: [u32; 8],
    /// How many reached their recipient.
    #[serde(rename = "d")]
    pub delivered: u32,
    /// How many were read.
    #[serde(rename = "r")]
    pub read: u32,
    /// How many were replied to.
    #[serde(rename = "p")]
    pub replied: u32,
    /// From the provider's acceptance to delivery.
    #[serde(rename = "td")]
    pub to_delivered: Took,
    /// From the provider's acceptance to being read.
    #[serde(rename = "tr")]
    pub to_read: Took,
    /// From a customer's message to the first answer.
    #[serde(rename = "ta")]
    pub to_answer: Took,
    /// The same by steps.
    #[serde(rename = "as")]
    pub answers: [u32; 7],
}

impl Figures {
    /// How many show this status.
    #[must_use]
    pub fn shown(&self, status: Status) -> u32 {
        let place = usize::from(status.code());
        self.statuses.get(place).copied().unwrap_or(0)
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.statuses.iter().sum()
    }

    /// Those that went out, or failed to: what rates are of.
    #[must_use]
    pub fn tried(&self) -> u32 {
        self.total()
            - self.shown(Status::Queued)
            - self.shown(Status::Pending)
            - self.shown(Status::Cancelled)
    }

    /// Takes others in.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.statuses.iter_mut().zip(other.statuses) {
            *sum += more;
        }
        for (sum, more) in self.answers.iter_mut().zip(other.answers) {
            *sum += more;
        }
        self.delivered += other.delivered;
        self.read += other.read;
        self.replied += other.replied;
        self.to_delivered.add(other.to_delivered);
        self.to_read.add(other.to_read);
        self.to_answer.add(other.to_answer);
    }

    fn note(&mut self, message: &Message) {
        if let Some(shown) = self.statuses.get_mut(usize::from(message.status().code())) {
            *shown += 1;
        }
        let facts = &message.facts;
        // A reply to a message is proof that it came.
        let reached = facts.delivered_at().is_some() || facts.reply.is_some();
        self.delivered += u32::from(reached);
        self.read += u32::from(facts.read.is_some());
        self.replied += u32::from(facts.reply.is_some());
        let accepted = facts.accepted.values().next_back().map(|fact| fact.at);
        if let (Some(from), Some(to)) = (accepted, facts.delivered_at()) {
            self.to_delivered.note(from, to);
        }
        if let (Some(from), Some(to)) = (accepted, facts.read) {
            self.to_read.note(from, to);
        }
        if let Some(since) = message.answers_since {
            self.to_answer.note(since, message.created_at);
            let took = message.created_at.duration_since(since).as_secs();
            let step = STEPS.iter().filter(|end| took > **end).count();
            if let Some(answers) = self.answers.get_mut(step) {
                *answers += 1;
            }
        }
    }
}

/// The messages of one channel and type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Through which channel.
    #[serde(rename = "c")]
    pub channel: ChannelId,
    /// What for.
    #[serde(rename = "y")]
    pub message_type: MessageType,
    /// What became of them.
    #[serde(rename = "f")]
    pub figures: Figures,
}

/// The messages made from one template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Which.
    #[serde(rename = "m")]
    pub made_from: MadeFrom,
    /// What became of them.
    #[serde(rename = "f")]
    pub figures: Figures,
}

/// Messages, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// By channel and type.
    #[serde(rename = "l")]
    pub lines: Vec<Line>,
    /// By template.
    #[serde(rename = "u")]
    pub uses: Vec<Use>,
}

impl Fold {
    /// Takes a message in.
    pub fn note(&mut self, message: &Message) {
        let mut one = Figures::default();
        one.note(message);
        self.add_line(message.channel, message.message_type, &one);
        if let Some(made_from) = &message.made_from {
            self.add_use(made_from, &one);
        }
    }

    /// Takes another fold in.
    pub fn add(&mut self, other: &Self) {
        for line in &other.lines {
            self.add_line(line.channel, line.message_type, &line.figures);
        }
        for one in &other.uses {
            self.add_use(&one.made_from, &one.figures);
        }
    }

    /// All of it together.
    #[must_use]
    pub fn total(&self) -> Figures {
        let mut total = Figures::default();
        for line in &self.lines {
            total.add(&line.figures);
        }
        total
    }

    fn add_line(&mut self, channel: ChannelId, message_type: MessageType, figures: &Figures) {
        let same = |line: &&mut Line| line.channel == channel && line.message_type == message_type;
        match self.lines.iter_mut().find(same) {
            Some(line) => line.figures.add(figures),
            None => self.lines.push(Line {
                channel,
                message_type,
                figures: figures.clone(),
            }),
        }
    }

    fn add_use(&mut self, made_from: &MadeFrom, figures: &Figures) {
        match self.uses.iter_mut().find(|one| one.made_from == *made_from) {
            Some(one) => one.figures.add(figures),
            None => self.uses.push(Use {
                made_from: made_from.clone(),
                figures: figures.clone(),
            }),
        }
    }
}

/// A fold that has read a part of its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growing {
    /// When it began.
    #[serde(rename = "b")]
    pub began: Timestamp,
    /// What it has read.
    #[serde(rename = "f")]
    pub fold: Fold,
    /// Where it goes on.
    #[serde(rename = "n")]
    pub next: String,
}

/// The figures of one day of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The day, in the company's zone.
    #[serde(rename = "d")]
    pub day: Date,
    /// The zone it was a day of.
    #[serde(rename = "z")]
    pub zone: String,
    /// The whole day as of a moment, if it was ever read to its end.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<(Timestamp, Fold)>,
    /// What is being read.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub growing: Option<Growing>,
    /// Raised by the store at every write; a write with an old version is refused.
    #[serde(skip)]
    pub version: u32,
}

impl Sheet {
    /// A sheet that nobody wrote.
    #[must_use]
    pub fn empty(day: Date, zone: &str) -> Self {
        Self {
            day,
            zone: zone.to_owned(),
            whole: None,
            growing: None,
            version: 0,
        }
    }
}
