//! Every method's own answer, from any JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sugar_oauth::fuzzing::{Read, Reply, envelope};
use sugar_oauth::v4_1::*;
use sugar_oauth_fuzz::fit_to_show;

fuzz_target!(|data: &[u8]| {
    let Ok(Read::Value(value)) = envelope(Reply::json(data), false) else {
        return;
    };
    let links = GetEntryList::new("Contacts").with_link("accounts", ["id", "name"]);
    read(&links, &value, |list| {
        for entry in &list.entries {
            let fields: Vec<&str> = entry.fields().collect();
            assert!(fields.iter().all(|name| entry.raw(name).is_some()));
            let _ = (entry.is_missing(), entry.link("accounts").len());
        }
        let _ = list.to::<Value>();
    });
    read(&GetEntry::new("Contacts", "1"), &value, drop);
    read(&GetEntries::new("Contacts", ["1", "2"]), &value, drop);
    read(&GetRelationships::new("Contacts", "1", "accounts"), &value, drop);
    read(&GetEntriesCount::new("Contacts"), &value, drop);
    read(&GetAvailableModules::all(), &value, |modules| {
        let _ = modules
            .iter()
            .filter(|module| module.allows("edit") == Some(true))
            .count();
    });
    read(&GetModuleFields::new("Contacts"), &value, drop);
    read(&GetModuleFieldsMd5::new(["Contacts"]), &value, drop);
    read(&GetModuleLayout::new(["Contacts"]), &value, drop);
    read(&GetModuleLayoutMd5::new(["Contacts"]), &value, drop);
    read(&GetLanguageDefinition::new(["Contacts"]), &value, drop);
    read(&GetNoteAttachment::new("1"), &value, drop);
    read(&GetDocumentRevision::new("1"), &value, drop);
    read(&GetLastViewed::new(["Contacts"]), &value, drop);
    read(&GetUpcomingActivities, &value, drop);
    read(&SearchByModule::new("a", ["Contacts"]), &value, drop);
    read(&GetServerInfo, &value, drop);
    read(&GetUserId, &value, drop);
    read(&SetEntries::new("Contacts"), &value, drop);
    read(&SetRelationships::new(), &value, drop);
});

fn read<M: Method>(method: &M, value: &Value, check: impl Fn(M::Answer)) {
    match method.read(value.clone()) {
        Ok(answer) => check(answer),
        Err(error) => fit_to_show(&error),
    }
}
