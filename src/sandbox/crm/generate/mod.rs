//! Believable records, the same ones for the same numbers.

mod others;

use super::module::Module;
use super::modules::{ACCOUNTS, CONTACTS, USERS};
use super::names::{CITIES, COMPANIES, DESCRIPTIONS, FAMILY_NAMES, GIVEN_NAMES, LEGAL_FORMS, SALUTATIONS, TITLES};
use super::store::Records;
use super::table::Record;

/// Ids as imports, old versions and other programs leave them behind.
const ODD_ACCOUNT_IDS: [&str; 8] = [
    "1",
    " 1",
    "{X}",
    "_x",
    "seed_north_id",
    "ABCDEF01-2345-6789-ABCD-EF0123456789",
    "o'hara",
    "zz-imported",
];
const ODD_CONTACT_IDS: [&str; 15] = [
    "1",
    " 1",
    "{X}",
    "_x",
    "_X-legacy",
    "seed_sally_id",
    "seed_jim_id",
    "42",
    "0DDBA11-UPPER",
    "FEDCBA98-7654-3210-FEDC-BA9876543210",
    "{6F9619FF-8B86-D011-B42D-00CF4FC9}",
    "o'brien",
    "r&d-7",
    "<none>",
    "ünicode-1",
];

/// A name with each character that needs care somewhere: entities, both kinds of ampersand, control characters.
const ODD_FAMILY_NAMES: [&str; 6] = [
    "O'Neil & <b>Sons</b> \"ü\"",
    "Esc\u{1b}[31mRed\u{1b}[0m",
    "Smith &amp; Sons",
    "Tab\tand\r\nline",
    "Back\\slash/Slash",
    "\u{202e}Reversed\u{202c}",
];

const USER_IDS: [&str; 3] = ["1", "seed_sally_id", "seed_jim_id"];

/// 2023-01-02 00:00:00 UTC.
const FIRST_ENTRY: u64 = 1_672_617_600;

/// `accounts` and `contacts` records (at least the odd ones), and the users.
pub(super) fn records(accounts: usize, contacts: usize, user_name: &str) -> Records {
    let mut random = Random(0x5DEE_CE66_D123_4567);
    let account_ids = ids(&ODD_ACCOUNT_IDS, accounts, &mut random);
    let contact_ids = ids(&ODD_CONTACT_IDS, contacts, &mut random);
    let mut records = Records::default();
    for user in users(USER_IDS, user_name) {
        records.add(&USERS, user);
    }
    for (number, id) in account_ids.iter().enumerate() {
        records.add(&ACCOUNTS, account(number, id, &mut random));
    }
    for (number, id) in contact_ids.iter().enumerate() {
        records.add(&CONTACTS, contact(number, id, &mut random));
        // Some contacts have no account, a few have two.
        for _ in 0..[1, 1, 1, 1, 1, 0, 1, 1, 1, 2][random.below(10)] {
            let account = account_ids[random.below(account_ids.len())].clone();
            records.join("accounts_contacts", &account, id);
        }
    }
    others::add(&mut records, &account_ids, &contact_ids, &mut random);
    records
}

/// The users and currencies of an instance that nobody has used yet. Its Sally has another id than that of
/// [`records`], as on an instance that was set up anew.
pub(super) fn unused(user_name: &str) -> Records {
    let mut random = Random(0x00C0_FFEE_5EED_0011);
    let ids = [USER_IDS[0], &random.guid(), USER_IDS[2]];
    let mut records = Records::default();
    for user in users(ids, user_name) {
        records.add(&USERS, user);
    }
    others::add_unused(&mut records, ids, &mut random);
    records
}

/// A record with these values, and the defaults of the fields that have no value among them.
fn full(module: &'static Module, values: &[(&str, &str)]) -> Record {
    let defaults = module
        .fields
        .iter()
        .filter_map(|field| Some((field.name, field.default?)));
    Record::new(module, defaults.chain(values.iter().copied()))
}

fn ids(odd: &[&str], count: usize, random: &mut Random) -> Vec<String> {
    let mut ids: Vec<String> = odd.iter().map(|&id| id.to_owned()).collect();
    while ids.len() < count {
        ids.push(random.guid());
    }
    ids
}

fn users(ids: [&str; 3], user_name: &str) -> Vec<Record> {
    let user = |id, name, first, last, admin| {
        Record::new(
            &USERS,
            [
                ("id", id),
                ("user_name", name),
                ("first_name", first),
                ("last_name", last),
                ("date_entered", "2023-01-01 00:00:00"),
                ("date_modified", "2023-01-01 00:00:00"),
                ("modified_user_id", "1"),
                ("created_by", "1"),
                ("deleted", "0"),
                ("status", "Active"),
                ("is_admin", admin),
            ],
        )
    };
    vec![
        user(ids[0], user_name, "", "Administrator", "1"),
        user(ids[1], "sally", "Sally", "Bronsen", "0"),
        user(ids[2], "jim", "Jim", "Brennan", "0"),
    ]
}

fn account(number: usize, id: &str, random: &mut Random) -> Record {
    let name = format!(
        "{}{} {}",
        random.pick(FAMILY_NAMES),
        random.pick(COMPANIES),
        random.pick(LEGAL_FORMS)
    );
    let (city, country) = random.pick(CITIES);
    let (entered, modified) = dates(number, random);
    let street = format!("{} {}", random.pick(FAMILY_NAMES), 1 + random.below(200));
    let website = format!("https://www.example{number}.test/");
    let phone = phone(random);
    let mut values = vec![
        ("id", id),
        ("name", name.as_str()),
        ("date_entered", &entered),
        ("date_modified", &modified),
        ("modified_user_id", "1"),
        ("created_by", "1"),
        ("deleted", deleted(number)),
        ("assigned_user_id", random.pick(&USER_IDS)),
        ("account_type", random.pick(&["Customer", "Prospect", "Partner", ""])),
        ("billing_address_street", &street),
        ("billing_address_city", city),
        ("billing_address_country", country),
    ];
    for (field, value) in [
        ("industry", random.pick(&["Banking", "Shipping", "Education"])),
        ("website", &website),
        ("phone_office", &phone),
    ] {
        if random.below(4) > 0 {
            values.push((field, value));
        }
    }
    if random.below(3) > 0 {
        values.push(("description", random.pick(DESCRIPTIONS)));
    }
    if random.below(8) == 0 {
        values.push(("jjwg_maps_address_c", city));
    }
    if random.below(3) == 0 {
        values.push((
            "interests_c",
            random.pick(&["^training^", "^support^,^R&D^", "^hosting^,^support^,^training^"]),
        ));
    }
    full(&ACCOUNTS, &values)
}

fn contact(number: usize, id: &str, random: &mut Random) -> Record {
    let last_name = match ODD_FAMILY_NAMES.get(number.wrapping_sub(20)) {
        Some(odd) => odd,
        None => random.pick(FAMILY_NAMES),
    };
    let (city, country) = random.pick(CITIES);
    let (entered, modified) = dates(number, random);
    let (mobile, work) = (phone(random), phone(random));
    let mut values = vec![
        ("id", id),
        ("date_entered", entered.as_str()),
        ("date_modified", &modified),
        ("modified_user_id", "1"),
        ("created_by", "1"),
        ("deleted", deleted(number)),
        ("assigned_user_id", random.pick(&USER_IDS)),
        ("last_name", last_name),
        ("title", random.pick(TITLES)),
        ("primary_address_city", city),
        ("primary_address_country", country),
    ];
    for (field, value) in [
        ("salutation", random.pick(SALUTATIONS)),
        ("first_name", random.pick(GIVEN_NAMES)),
        ("phone_mobile", &mobile),
        ("phone_work", &work),
        ("description", random.pick(DESCRIPTIONS)),
        (
            "lead_source",
            random.pick(&["Web Site", "Trade Show", "Word of mouth", ""]),
        ),
    ] {
        if random.below(6) > 0 {
            values.push((field, value));
        }
    }
    full(&CONTACTS, &values)
}

/// About one in seventeen is deleted, and none of the odd ids.
fn deleted(number: usize) -> &'static str {
    if number > 30 && number.is_multiple_of(17) {
        "1"
    } else {
        "0"
    }
}

/// When a record was entered and changed. Runs of records share a second, as after an import.
fn dates(number: usize, random: &mut Random) -> (String, String) {
    let entered = FIRST_ENTRY + (number as u64 / 4) * 613;
    let modified = entered
        + if random.below(3) == 0 {
            random.below(30_000_000) as u64
        } else {
            0
        };
    (date_time(entered), date_time(modified))
}

fn phone(random: &mut Random) -> String {
    format!("+{} 555 01{:02}", 1 + random.below(98), random.below(100))
}

/// Seconds since 1970 as `YYYY-MM-DD hh:mm:ss` in UTC.
fn date_time(seconds: u64) -> String {
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}", days + 1)
}

/// A small generator (SplitMix64): the same sequence on every machine, good enough for names.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn pick_text<'a>(&mut self, choices: &'a [String]) -> &'a str {
        choices.get(self.below(choices.len())).map_or("", String::as_str)
    }

    fn guid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right() {
        // Expected values from `date -u -d @…`.
        assert_eq!(date_time(0), "1970-01-01 00:00:00");
        assert_eq!(date_time(FIRST_ENTRY), "2023-01-02 00:00:00");
        assert_eq!(date_time(1_709_251_199), "2024-02-29 23:59:59");
        assert_eq!(date_time(1_735_689_599), "2024-12-31 23:59:59");
        assert_eq!(date_time(1_735_689_600), "2025-01-01 00:00:00");
    }
}
