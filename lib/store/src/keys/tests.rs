//! Pins of every key format: stored keys outlive the code that wrote them.

use std::collections::BTreeSet;

use domain::{
    channel::ChannelKey,
    contact::Contact,
    ids::{TemplateId, UserId},
    message::{Class, MessageType},
    phone::PhoneNumber,
    ports::{DUE_SHARDS, DueThing},
    provider::ProviderKind,
    user::Email,
};

use super::*;

const ID: &str = "0192f0c1a2b37c4d8e5f60718293a4b5";

fn keys() -> TenantKeys {
    TenantKeys::new(TenantId::parse(ID).unwrap())
}

fn at() -> Timestamp {
    "2026-11-20T10:00:00.123456789Z".parse().unwrap()
}

fn check(key: &Key, pk: &str, sk: &str) {
    let (pk, sk) = (pk.replace('@', ID), sk.replace('@', ID));
    assert_eq!(
        (key.pk.as_str(), key.sk.as_str()),
        (pk.as_str(), sk.as_str())
    );
    assert_eq!(key.owner.key(), ID);
}

/// S4.16: channels, contacts, conversations, messages and audit lines each have a place of their own.
#[test]
fn every_key_has_its_pinned_form() {
    let (k, message) = (keys(), MessageId::parse(ID).unwrap());
    let (job, channel) = (JobId::parse(ID).unwrap(), ChannelId::parse(ID).unwrap());
    let uuid = message.uuid();
    let name = MessageId::parked("wa-1").key();
    let seen = Observed::Read { at: at() };
    check(&k.tenant(), "T#@", "T");
    check(&k.channel(channel), "T#@#C#@", "C");
    let contact = ContactId::parse(ID).unwrap();
    check(&k.contact(contact), "T#@#K#@", "K");
    let alias = Alias::provider_user("lid-1");
    let met = ContactId::of_alias(k.0, alias.as_str());
    check(&k.alias(&alias), &format!("T#@#K#{}", met.key()), "K");
    check(&k.word("amal", contact), "T#@#S#61", "616d616c#@");
    check(&k.words("أ#"), "T#@#S#d8a3", "d8a323");
    let hash = "46d841f0a3600fe19344180360de40e73674b0821108943d8514791e1c08f6eb";
    check(
        &k.template("1001", "welcome", "en_US"),
        &format!("T#@#P#{hash}"),
        "P#en_US",
    );
    let hash = "b3de7f7acb5dfe8279c9a90e75a5a193d98fa15bca8e467db60f9757a7abb5ae";
    check(&k.template_sync("1001"), &format!("T#@#P#{hash}"), "S");
    let own = TemplateId::parse(ID).unwrap();
    check(&k.own_template(own), "T#@#O#@", "O");
    check(&k.template_version(own, 1), "T#@#O#@", "V#fffffffe");
    let taken = k.template_name("1001");
    check(&taken, &format!("T#@#O#{hash}"), "N");
    let user = UserId::new("sub-1");
    check(&k.user(&user), "T#@#H#sub-1", "H");
    let email = Email::parse("mona@acme.example").unwrap();
    let (pk, sk) = email_pointer(&email);
    assert!(
        pk.starts_with("UE#") && pk.len() == 67 && !pk.contains("mona"),
        "{pk}"
    );
    assert_eq!(sk, "UE");
    let place = k.users(&email, &user);
    assert_eq!(place.partition, format!("T#{ID}#H"));
    assert!(
        place
            .sort
            .starts_with("6d6f6e614061636d652e6578616d706c65#")
    );
    let place = k.tenants("Acme");
    assert_eq!(place.partition, all_tenants());
    assert_eq!(place.sort, format!("61636d65#{ID}"));
    check(
        &k.conversation(ConversationId::parse(ID).unwrap()),
        "T#@#V#@",
        "V",
    );
    check(&k.job(job), "T#@#J#@", "J");
    check(&k.board(job, 7), "T#@#J#@", "B#000007");
    check(&k.message(message), "T#@#M#@", "M");
    check(&k.payload(message), "T#@#M#@", "P");
    check(&k.inbound(message), "T#@#M#@", "I");
    check(&k.pointer(channel, "wa-1"), &format!("T#@#X#@#{name}"), "P");
    check(
        &k.parked(channel, "wa-1", &seen),
        &format!("T#@#X#@#{name}"),
        "O#read",
    );
    check(
        &k.usage("2026-11-20".parse().unwrap()),
        "T#@#U#2026-11-20",
        "U",
    );
    let hash = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
    check(&k.idempotency("key"), &format!("T#@#I#{hash}"), "I");
    check(&k.audit(at(), uuid), "T#@#A#2026-11", "fffffe5e0799f284#@");
    check(&k.audits_from(at()), "T#@#A#2026-11", "fffffe5e0799f284");
    check(
        &k.journal(at(), message),
        "T#@#W#2026-11-20",
        "0018e9b88333390d15#@",
    );
    check(
        &k.notice(at(), message, 4),
        "T#@#N#0018e9b88333390d15",
        "N#@#00004",
    );
    check(&k.failures(at()), "T#@#N#0018e9b88333390d15", "#");
    let day = "2026-11-20".parse().unwrap();
    check(&k.sheet(day), "T#@#Y#2026-11-20", "Y");
}

#[test]
fn every_place_in_an_index_has_its_pinned_form() {
    let (k, message) = (keys(), MessageId::parse(ID).unwrap());
    let sort = format!("fffffe5e0799f284{ID}");
    let check = |place: Place, partition: &str, sort: &str| {
        assert_eq!(place.partition, partition.replace('@', ID));
        assert_eq!(place.sort, sort);
    };
    let conversation = ConversationId::parse(ID).unwrap();
    check(k.thread(conversation, at(), message), "T#@#V#@#M", &sort);
    for (archived, letter) in [(false, "a"), (true, "z")] {
        let place = k.conversations(archived, ChannelId::parse(ID).unwrap(), at(), conversation);
        check(place, &format!("T#@#V#{letter}#@"), &sort);
    }
    let (own, invoice) = (TemplateId::parse(ID).unwrap(), MessageType::Invoice);
    let place = k.own_templates(invoice, true, "bill", own);
    check(place, "T#@#O#a#i", &format!("62696c6c#{ID}"));
    assert_eq!(k.own_templates_of(invoice, false), format!("T#{ID}#O#z#i"));
    let place = k.provider_templates(true, "1001", "bill", "en");
    let named = "62696c6c00656e#93b007d398cdf308a22e80f0f9e431e5";
    check(place, "T#@#P#a", named);
    assert_eq!(k.provider_templates_of(false), format!("T#{ID}#P#o"));
    assert_eq!(accounts(ProviderKind::Meta), "CA#meta");
    let channel = ChannelId::parse(ID).unwrap();
    let made = format!("01a1f8660d7b#{ID}");
    check(k.channels(at(), channel), "T#@#C", &made);
    let phone = PhoneNumber::parse("+97333000017").unwrap();
    let mut contact = Contact::met(k.0, &phone, None);
    contact.id = ContactId::parse(ID).unwrap();
    let by_number = format!("97333000017#{ID}");
    check(k.contacts(&contact), "T#@#K#1", &by_number);
    contact.phone = None;
    contact.aliases = vec![Alias::provider_user("a#b")];
    check(k.contacts(&contact), "T#@#K#1", &format!("~612362#{ID}"));
    contact.aliases.clear();
    check(k.contacts(&contact), "T#@#K#1", &format!("~#{ID}"));
    check(k.jobs(at(), JobId::parse(ID).unwrap()), "T#@#J#1", &sort);
    check(k.log(Class::Sent, at(), message), "T#@#L#s#1", &sort);
    check(due(at(), message), "DUE#5", "01a1f8660d7b");
    let key = ChannelKey::parse(&"k".repeat(32)).unwrap();
    let expected = (format!("CK#{}", "k".repeat(32)), "CK".to_owned());
    assert_eq!(channel_key(&key), expected);
    let hash = "b3de7f7acb5dfe8279c9a90e75a5a193d98fa15bca8e467db60f9757a7abb5ae";
    let (meta, ours) = (ProviderKind::Meta, "1001");
    assert_eq!(ref_pointer(meta, ours).0, format!("CR#meta#{hash}"));
    assert_eq!(account_pointer(meta, ours).0, format!("CA#meta#{hash}"));
    let platform = platform();
    assert_eq!((platform.0.as_str(), platform.1.as_str()), ("PF", "META"));
}

#[test]
fn later_times_sort_first_in_lists_and_last_in_the_due_index() {
    let times: Vec<Timestamp> = [
        "1960-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2026-11-20T10:00:00.001Z",
        "2026-11-20T10:00:00.002Z",
        "9999-12-30T00:00:00Z",
    ]
    .iter()
    .map(|text| text.parse().unwrap())
    .collect();
    for pair in times.windows(2) {
        assert!(newest_first(pair[0]) >= newest_first(pair[1]));
        assert!(due_until(pair[0]) <= due_until(pair[1]));
        assert!(order::exact(pair[0]) <= order::exact(pair[1]));
    }
    let widths: BTreeSet<_> = times.iter().map(|at| due_until(*at).len()).collect();
    assert_eq!(widths, BTreeSet::from([12]), "one width sorts");
}

/// What an id looks like decides that no id can reach into another key.
#[test]
fn no_id_can_contain_a_separator() {
    for _ in 0..200 {
        let id = MessageId::fresh().key();
        assert!(
            id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
            "{id}"
        );
    }
    for hostile in ["#", "T#x", &format!("{}#", &ID[..31]), "*"] {
        assert!(MessageId::parse(hostile).is_err(), "{hostile}");
    }
}

#[test]
fn due_entries_read_back_and_anything_else_is_none() {
    let (k, message) = (keys(), MessageId::parse(ID).unwrap());
    let tenant = TenantId::parse(ID).unwrap();
    let journal = JournalKey {
        tenant,
        arrived_at: at(),
        id: message,
    };
    let notice = NoticeKey {
        tenant,
        window: at(),
        message,
        attempt: 65_535,
    };
    let cases = [
        (k.message(message), DueThing::Message(tenant, message)),
        (k.inbound(message), DueThing::Media(tenant, message)),
        (Key::from(&journal), DueThing::Journal(journal)),
        (Key::from(&notice), DueThing::Notice(notice)),
    ];
    for (key, thing) in cases {
        assert_eq!(due_thing(&key.pk, &key.sk), Some(thing));
        for cut in 0..key.pk.len() {
            assert_eq!(due_thing(&key.pk[..cut], &key.sk), None, "{cut}");
        }
        for cut in 0..key.sk.len() {
            assert_eq!(due_thing(&key.pk, &key.sk[..cut]), None, "{cut}");
        }
    }
    assert_eq!(due_thing(&k.payload(message).pk, "P"), None);
    assert_eq!(due_thing("é", "é"), None);
    assert_eq!(message_of(&format!("T#{}é", &ID[..31]), "M"), None);
}

#[test]
fn shards_are_used_evenly() {
    let mut count = [0_u32; DUE_SHARDS as usize];
    for _ in 0..4_000 {
        let place = due(at(), MessageId::of_row(JobId::fresh(), 0));
        let shard: usize = place.partition.trim_start_matches("DUE#").parse().unwrap();
        count[shard] += 1;
    }
    assert!(count.iter().all(|n| (400..600).contains(n)), "{count:?}");
}

/// A position of one list opens no other, and none of another tenant.
#[test]
fn positions_are_of_one_form_and_tenant() {
    let tenant = TenantId::parse(ID).unwrap();
    let sorts = [
        (Form::Newest, format!("fffffe5e0799f284{ID}")),
        (Form::Number, format!("97333000017#{ID}")),
        (Form::Number, format!("~612362#{ID}")),
        (Form::Journal, format!("0018e9b88333390d15#{ID}")),
        (Form::Audit, format!("fffffe5e0799f284#{ID}")),
    ];
    for (form, sort) in &sorts {
        let written = Position::write(tenant, sort);
        let read = Position::read("test", tenant, *form, &written).unwrap();
        assert_eq!(read.sort(), sort);
        assert!(Position::read("test", TenantId::fresh(), *form, &written).is_err());
        for cut in 0..written.len() {
            assert!(Position::read("test", tenant, *form, &written[..cut]).is_err());
        }
        for odd in ["#", "\u{0}", "A", "~~", "T#"] {
            let odd = format!("{odd}{sort}");
            let odd = Position::write(tenant, &odd);
            assert!(
                Position::read("test", tenant, *form, &odd).is_err(),
                "{odd}"
            );
        }
    }
    let listed = Position::write(tenant, &sorts[0].1);
    for form in [Form::Number, Form::Journal, Form::Audit] {
        assert!(
            Position::read("test", tenant, form, &listed).is_err(),
            "{form:?}"
        );
    }
    assert_eq!(
        audit_time(&sorts[4].1).unwrap().to_string(),
        "2026-11-20T10:00:00.123Z"
    );
    assert_eq!(audit_time("zz"), None);
}

#[test]
fn a_word_leads_back_to_its_contact() {
    let contact = ContactId::parse(ID).unwrap();
    for word in ["amal", "o'neil", "a#b", "\u{1f600}"] {
        let key = keys().word(word, contact);
        assert_eq!(contact_of_word(&key.sk), Some(contact), "{word}");
        assert!(key.sk.starts_with(&keys().words(word).sk));
    }
    assert_eq!(contact_of_word("616d616c"), None);
}

/// A key is read back only if it is exactly the key of what was read.
#[test]
fn users_and_tenants_are_read_from_their_own_keys_alone() {
    let tenant = TenantId::parse(ID).unwrap();
    let user = UserId::new("0d9f3e0c-7f0e-4a55-8a71-0a2f3b1c4d5e");
    let key = keys().user(&user);
    assert_eq!(user_of(&key.pk, &key.sk), Some((tenant, user)));
    let own = keys().tenant();
    assert_eq!(tenant_of(&own.pk, &own.sk), Some(tenant));
    for (pk, sk) in [
        (format!("T#{ID}#H#"), "H"),
        (format!("T#{ID}#H"), "H"),
        (format!("T#{ID}#H#sub#1"), "H"),
        (format!("T#{ID}#H#sub-1"), "Z"),
        (format!("T#{ID}#K#sub-1"), "H"),
        (format!("T#{ID}"), "W#welcome"),
        ("T#acme".to_owned(), "T"),
    ] {
        assert_eq!(user_of(&pk, sk), None, "{pk} {sk}");
        assert_eq!(tenant_of(&pk, sk), None, "{pk} {sk}");
    }
}
