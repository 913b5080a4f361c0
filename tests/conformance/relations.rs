//! Links, set, followed and removed.

use sugar_oauth::v4_1::{
    GetEntries, GetEntry, GetModifiedRelationships, GetRelationships, SetEntry, SetRelationship, SetRelationships,
};
use sugar_oauth::{ErrorKind, GetEntryList, Session, UtcTime};

use crate::cases;
use crate::records::{create, guid, remove};
use crate::target::Target;

cases![
    set_followed_and_removed,
    links_come_with_records_in_all_three_shapes,
    a_relationships_name_in_the_place_of_a_links,
    an_unknown_link,
    several_links_at_once,
    changed_links_of_the_user,
];

struct Pair {
    session: Session,
    account: String,
    contacts: [String; 2],
}

impl Pair {
    async fn create(target: &Target) -> Self {
        let session = target.session(&target.client()).await;
        let account = SetEntry::create_with_id("Accounts", guid()).set("name", "sugar-oauth test links");
        let contact = || SetEntry::create_with_id("Contacts", guid()).set("last_name", "sugar-oauth test");
        Self {
            account: create(&session, account).await,
            contacts: [create(&session, contact()).await, create(&session, contact()).await],
            session,
        }
    }

    fn link(&self) -> SetRelationship {
        SetRelationship::new("Accounts", &self.account, "contacts", &self.contacts)
    }

    async fn linked(&self) -> Vec<String> {
        let wanted = GetRelationships::new("Accounts", &self.account, "contacts").select(["id", "last_name"]);
        let mut ids: Vec<String> = self
            .session
            .call(&wanted)
            .await
            .unwrap()
            .iter()
            .map(|entry| entry.id().to_owned())
            .collect();
        ids.sort();
        ids
    }

    async fn remove(self) {
        for contact in &self.contacts {
            remove(&self.session, "Contacts", contact).await;
        }
        remove(&self.session, "Accounts", &self.account).await;
        self.session.logout().await.unwrap();
    }
}

async fn set_followed_and_removed(target: Target) {
    let pair = Pair::create(&target).await;
    assert!(pair.linked().await.is_empty());
    assert_eq!(pair.session.set_relationship(&pair.link()).await.unwrap().created, 1);
    let mut both = pair.contacts.to_vec();
    both.sort();
    assert_eq!(pair.linked().await, both);
    let page = GetRelationships::new("Accounts", &pair.account, "contacts")
        .order_by("id")
        .offset(1)
        .limit(1);
    assert_eq!(pair.session.call(&page).await.unwrap().len(), 1);
    let some =
        GetRelationships::new("Accounts", &pair.account, "contacts").query(format!("contacts.id = '{}'", both[0]));
    assert_eq!(pair.session.call(&some).await.unwrap()[0].id(), both[0]);
    let away = SetRelationship::new("Accounts", &pair.account, "contacts", [&both[0]]).remove();
    assert_eq!(pair.session.set_relationship(&away).await.unwrap().deleted, 1);
    assert_eq!(pair.linked().await, both[1..]);
    pair.remove().await;
}

async fn links_come_with_records_in_all_three_shapes(target: Target) {
    let pair = Pair::create(&target).await;
    pair.session.set_relationship(&pair.link()).await.unwrap();
    let one = GetEntry::new("Accounts", &pair.account)
        .select(["id"])
        .with_link("contacts", ["id", "last_name"]);
    let one = pair.session.call(&one).await.unwrap().unwrap();
    let missing = guid();
    let some = GetEntries::new("Accounts", [&missing, &pair.account])
        .select(["id"])
        .with_link("contacts", ["id"]);
    let some = pair.session.call(&some).await.unwrap();
    let list = GetEntryList::new("Accounts")
        .query(format!("accounts.id = '{}'", pair.account))
        .select(["id"])
        .with_link("contacts", ["id"])
        .with_link("opportunities", ["id"]);
    let list = pair.session.call(&list).await.unwrap();
    for entry in [&one, &some[1], &list.entries[0]] {
        let mut ids: Vec<String> = entry
            .link("contacts")
            .iter()
            .map(|fields| fields.get("id").unwrap().into())
            .collect();
        ids.sort();
        let mut both = pair.contacts.to_vec();
        both.sort();
        assert_eq!(ids, both);
        assert!(entry.link("opportunities").is_empty());
    }
    assert!(some[0].is_missing());
    pair.remove().await;
}

async fn a_relationships_name_in_the_place_of_a_links(target: Target) {
    let pair = Pair::create(&target).await;
    let wrong = SetRelationship::new("Accounts", &pair.account, "accounts_contacts", &pair.contacts);
    let error = pair.session.set_relationship(&wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDone, "{error}");
    assert!(error.to_string().contains("its link field is `contacts`"), "{error}");
    let both = SetRelationships::new().with(pair.link()).with(wrong);
    let error = pair.session.set_relationships(&both).await.unwrap_err();
    assert!(error.to_string().contains("its link field is `contacts`"), "{error}");
    assert!(error.may_have_applied(), "the first was done");
    let unknown = SetRelationship::new("Accounts", &pair.account, "no_such_link", &pair.contacts);
    let error = pair.session.set_relationship(&unknown).await.unwrap_err();
    assert!(error.to_string().contains("no link field `no_such_link`"), "{error}");
    pair.remove().await;
}

async fn an_unknown_link(target: Target) {
    let pair = Pair::create(&target).await;
    let wanted = GetEntry::new("Accounts", &pair.account)
        .select(["id"])
        .with_link("no_such_link", ["id"]);
    let error = pair.session.call(&wanted).await.unwrap_err();
    assert!(error.to_string().contains("no_such_link"), "{error}");
    for (link, says) in [("no_such_link", "no_such_link"), ("accounts_contacts", "`contacts`")] {
        let related = GetRelationships::new("Accounts", &pair.account, link);
        let error = pair.session.get_relationships(&related).await.unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let none = GetRelationships::new("Accounts", &pair.account, "contacts");
    assert!(pair.session.get_relationships(&none).await.unwrap().is_empty());
    pair.remove().await;
}

async fn several_links_at_once(target: Target) {
    let pair = Pair::create(&target).await;
    let one = SetRelationship::new("Accounts", &pair.account, "contacts", [&pair.contacts[0]]);
    let other = SetRelationship::new("Accounts", &pair.account, "contacts", [&pair.contacts[1]]);
    let counts = pair
        .session
        .call(&SetRelationships::new().with(one).with(other))
        .await
        .unwrap();
    assert_eq!(counts.created, 2);
    assert_eq!(pair.linked().await.len(), 2);
    pair.remove().await;
}

async fn changed_links_of_the_user(target: Target) {
    let session = target.session(&target.client()).await;
    let from = UtcTime::parse("2000-01-01 00:00:00").unwrap();
    let to = UtcTime::parse("2037-01-01 00:00:00").unwrap();
    let wanted = GetModifiedRelationships::new("Users", "Meetings", from, to)
        .max_results(2)
        .select(["id", "name"]);
    let changed = session.call(&wanted).await.unwrap();
    assert!(changed.entries.len() <= 2);
    assert_eq!(changed.next_offset, changed.entries.len() as u64);
    session.logout().await.unwrap();
}
