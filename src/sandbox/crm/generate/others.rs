//! A dozen records of each of the other modules, joined with accounts and contacts.

use super::{Random, USER_IDS, date_time, dates, deleted, full};
use crate::sandbox::crm::module::Module;
use crate::sandbox::crm::modules::*;
use crate::sandbox::crm::names::{CITIES, COMPANIES, DESCRIPTIONS, FAMILY_NAMES, GIVEN_NAMES, TITLES};
use crate::sandbox::crm::store::Records;
use crate::sandbox::crm::table::Record;

/// How many leads there are: enough that an owner's part of them is a part.
const LEAD_COUNT: usize = 48;

const DOZEN: usize = 12;

/// So many accounts have a case, from the first.
const ACCOUNTS_WITH_CASES: usize = 6;

/// Adds them.
pub(super) fn add(records: &mut Records, accounts: &[String], contacts: &[String], random: &mut Random) {
    for (module, ids) in [(&ACCOUNTS, accounts), (&CONTACTS, contacts)] {
        for id in ids {
            address(records, module, id, &mailbox(id), random);
        }
    }
    for id in USER_IDS {
        address(records, &USERS, id, &format!("user-{id}@example.test"), random);
    }
    leads(records, accounts, random);
    opportunities(records, accounts, contacts, random);
    support(records, accounts, contacts, random);
    activities(records, accounts, contacts, random);
    notes(records, accounts, contacts, random);
    documents(records, accounts, random);
    emails(records, accounts, random);
    currencies(records, |iso4217| format!("currency-{}", iso4217.to_ascii_lowercase()));
}

/// Adds what an instance has before anybody has used it.
pub(super) fn add_unused(records: &mut Records, users: [&str; 3], random: &mut Random) {
    for id in users {
        address(records, &USERS, id, &format!("user-{id}@example.test"), random);
    }
    currencies(records, |_| random.guid());
    // The system's own currency is a row like the others; the documents do not say so.
    let values = [
        ("id", "-99"),
        ("name", "US Dollar"),
        ("symbol", "$"),
        ("iso4217", "USD"),
        ("conversion_rate", "1"),
        ("status", "Active"),
        ("deleted", "0"),
        ("date_entered", "2023-01-01 00:00:00"),
        ("date_modified", "2023-01-01 00:00:00"),
        ("created_by", "1"),
    ];
    records.add(&CURRENCIES, full(&CURRENCIES, &values));
}

/// An address in a domain that exists for nobody.
fn mailbox(id: &str) -> String {
    let mailbox: String = id.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    format!("{}@example.test", mailbox.to_ascii_lowercase())
}

fn address(records: &mut Records, module: &'static Module, owner: &str, address: &str, random: &mut Random) {
    let id = random.guid();
    let caps = address.to_uppercase();
    let values = [
        ("email_address", address),
        ("email_address_caps", &caps),
        ("date_created", "2023-01-02 00:00:00"),
    ];
    let flags = [
        ("invalid_email", "0"),
        ("opt_out", "0"),
        ("deleted", "0"),
        ("date_modified", "2023-01-02 00:00:00"),
    ];
    let id_value = [("id", id.as_str())];
    let record = Record::new(&EMAIL_ADDRESSES, id_value.into_iter().chain(values).chain(flags));
    records.add(&EMAIL_ADDRESSES, record);
    for link in ["email_addresses", "email_addresses_primary"] {
        if let Some(link) = module.link(link) {
            records.join(link.relationship, owner, &id);
        }
    }
}

/// A record with what all records have.
fn common(module: &'static Module, number: usize, values: &[(&str, &str)], random: &mut Random) -> (String, Record) {
    let id = random.guid();
    let (entered, modified) = dates(number, random);
    let mut all = vec![
        ("id", id.as_str()),
        ("date_entered", &entered),
        ("date_modified", &modified),
        ("modified_user_id", "1"),
        ("created_by", "1"),
        ("deleted", deleted(number)),
        ("assigned_user_id", USER_IDS[number % USER_IDS.len()]),
    ];
    all.extend(values);
    let record = full(module, &all);
    (id, record)
}

fn leads(records: &mut Records, accounts: &[String], random: &mut Random) {
    for number in 0..LEAD_COUNT {
        let (city, country) = random.pick(CITIES);
        let values = [
            ("first_name", random.pick(GIVEN_NAMES)),
            ("last_name", random.pick(FAMILY_NAMES)),
            ("title", random.pick(TITLES)),
            ("status", random.pick(&["New", "Assigned", "In Process", "Dead"])),
            ("lead_source", random.pick(&["Web Site", "Trade Show", ""])),
            ("account_name", random.pick(COMPANIES)),
            ("account_id", random.pick_text(accounts)),
            ("primary_address_city", city),
            ("primary_address_country", country),
        ];
        let (id, record) = common(&LEADS, number, &values, random);
        records.add(&LEADS, record);
        address(records, &LEADS, &id, &mailbox(&id), random);
    }
}

fn opportunities(records: &mut Records, accounts: &[String], contacts: &[String], random: &mut Random) {
    for number in 0..DOZEN {
        let name = format!("{} - {} units", random.pick(COMPANIES), 10 * (number + 1));
        let amount = (1_000 + 250 * random.below(400)).to_string();
        let values = [
            ("name", name.as_str()),
            ("amount", &amount),
            ("amount_usdollar", &amount),
            ("currency_id", "-99"),
            ("date_closed", ["2024-03-31", "2024-06-30", "2025-01-15"][number % 3]),
            (
                "sales_stage",
                random.pick(&["Prospecting", "Proposal/Price Quote", "Closed Won"]),
            ),
            (
                "opportunity_type",
                random.pick(&["New Business", "Existing Business", ""]),
            ),
            ("probability", random.pick(&["10", "65", "100"])),
        ];
        let (id, record) = common(&OPPORTUNITIES, number, &values, random);
        records.add(&OPPORTUNITIES, record);
        records.join("accounts_opportunities", random.pick_text(accounts), &id);
        records.join("opportunities_contacts", &id, random.pick_text(contacts));
    }
}

fn support(records: &mut Records, accounts: &[String], contacts: &[String], random: &mut Random) {
    for number in 0..DOZEN {
        let case_number = (number + 1).to_string();
        let values = [
            (
                "name",
                random.pick(&["Does not start", "Wrong <invoice>", "Question & answer"]),
            ),
            ("case_number", case_number.as_str()),
            ("status", random.pick(&["Open_New", "Open_Assigned", "Closed_Closed"])),
            ("priority", random.pick(&["High", "Low"])),
            ("account_id", accounts[number % ACCOUNTS_WITH_CASES].as_str()),
        ];
        let (id, record) = common(&CASES, number, &values, random);
        records.add(&CASES, record);
        records.join("contacts_cases", random.pick_text(contacts), &id);
        let values = [
            ("name", random.pick(&["Call back", "Send offer", "Order parts"])),
            ("status", random.pick(&["Not Started", "Completed"])),
            ("priority", "Medium"),
            ("date_due", "2024-05-02 12:00:00"),
            ("parent_type", "Accounts"),
            ("parent_id", random.pick_text(accounts)),
            ("contact_id", random.pick_text(contacts)),
        ];
        let (_, record) = common(&TASKS, number, &values, random);
        records.add(&TASKS, record);
    }
}

fn activities(records: &mut Records, accounts: &[String], contacts: &[String], random: &mut Random) {
    for module in [&MEETINGS, &CALLS] {
        let (with_users, with_contacts) = match module.name {
            "Meetings" => ("meetings_users", "meetings_contacts"),
            _ => ("calls_users", "calls_contacts"),
        };
        for number in 0..DOZEN {
            let start = 1_704_096_000 + number as u64 * 86_400;
            let (start, end) = (date_time(start), date_time(start + 5_400));
            let values = [
                (
                    "name",
                    random.pick(&["Initial discussion", "Discuss pricing", "Follow-up", "Review \"needs\""]),
                ),
                ("date_start", start.as_str()),
                ("date_end", &end),
                ("duration_hours", "1"),
                ("duration_minutes", "30"),
                ("status", random.pick(&["Planned", "Held", "Not Held"])),
                ("parent_type", "Accounts"),
                ("parent_id", random.pick_text(accounts)),
                ("location", random.pick(CITIES).0),
                ("direction", random.pick(&["Inbound", "Outbound"])),
                ("reminder_time", "-1"),
            ];
            let (id, record) = common(module, number, &values, random);
            records.add(module, record);
            records.join(with_users, &id, USER_IDS[number % USER_IDS.len()]);
            // Some have no contact.
            if number % 3 > 0 {
                records.join(with_contacts, &id, random.pick_text(contacts));
            }
        }
    }
}

fn notes(records: &mut Records, accounts: &[String], contacts: &[String], random: &mut Random) {
    for number in 0..DOZEN {
        let name = format!("Note {number}: {}", random.pick(&["minutes", "site visit", "<draft>"]));
        let mut values = vec![
            ("name", name.as_str()),
            ("description", random.pick(DESCRIPTIONS)),
            ("parent_type", "Accounts"),
            ("parent_id", random.pick_text(accounts)),
            ("portal_flag", "0"),
            ("embed_flag", "0"),
        ];
        if number % 2 == 0 {
            values.push(("contact_id", random.pick_text(contacts)));
        }
        let (_, record) = common(&NOTES, number, &values, random);
        records.add(&NOTES, record);
    }
}

fn documents(records: &mut Records, accounts: &[String], random: &mut Random) {
    for number in 0..DOZEN {
        let name = format!("Offer {number}");
        let revision_id = random.guid();
        let values = [
            ("document_name", name.as_str()),
            ("document_revision_id", &revision_id),
            ("status_id", random.pick(&["Active", "Draft"])),
            ("category_id", random.pick(&["Sales", "Marketing", ""])),
            ("active_date", "2023-05-01"),
        ];
        let (id, record) = common(&DOCUMENTS, number, &values, random);
        records.add(&DOCUMENTS, record);
        records.join("documents_accounts", &id, random.pick_text(accounts));
        let values = [
            ("id", revision_id.as_str()),
            ("document_id", &id),
            ("revision", "1"),
            ("filename", ["offer.pdf", "offer.txt", "plan.odt"][number % 3]),
            ("file_ext", ["pdf", "txt", "odt"][number % 3]),
            ("file_mime_type", "application/octet-stream"),
            ("change_log", "Document created"),
        ];
        let (_, record) = common(&DOCUMENT_REVISIONS, number, &values, random);
        records.add(&DOCUMENT_REVISIONS, record);
    }
}

fn emails(records: &mut Records, accounts: &[String], random: &mut Random) {
    for number in 0..DOZEN {
        let account = random.pick_text(accounts);
        let values = [
            (
                "name",
                random.pick(&["Your offer", "Re: Your offer", "Invoice & delivery"]),
            ),
            ("date_sent_received", "2024-02-01 09:00:00"),
            ("type", random.pick(&["out", "inbound", "archived"])),
            ("status", random.pick(&["sent", "read", "archived"])),
            ("parent_type", "Accounts"),
            ("parent_id", account),
        ];
        let (id, record) = common(&EMAILS, number, &values, random);
        records.add(&EMAILS, record);
        let values = [
            ("email_id", id.as_str()),
            ("from_addr", "Sally Bronsen <user-seed_sally_id@example.test>"),
            ("to_addrs", &mailbox(account)),
            ("description", random.pick(DESCRIPTIONS)),
            ("description_html", "<p>Dear customer,</p>"),
            ("deleted", deleted(number)),
        ];
        records.add(&EMAIL_TEXT, full(&EMAIL_TEXT, &values));
    }
}

/// The system's own currency stands in no table.
fn currencies(records: &mut Records, mut id_of: impl FnMut(&str) -> String) {
    let currencies = [
        ("Euro", "€", "EUR", "0.9"),
        ("Pound Sterling", "£", "GBP", "0.8"),
        ("Yen", "¥", "JPY", "150"),
        ("Franc", "CHF", "CHF", "0.88"),
    ];
    for (name, symbol, iso4217, rate) in currencies {
        let id = id_of(iso4217);
        let values = [
            ("id", id.as_str()),
            ("name", name),
            ("symbol", symbol),
            ("iso4217", iso4217),
            ("conversion_rate", rate),
            ("status", "Active"),
            ("deleted", "0"),
            ("date_entered", "2023-01-01 00:00:00"),
            ("date_modified", "2023-01-01 00:00:00"),
            ("created_by", "1"),
        ];
        records.add(&CURRENCIES, full(&CURRENCIES, &values));
    }
}
