//! The tracker: which records a user looked at last.

/// So many records of a module are answered.
const SHOWN: usize = 10;

/// So many looks are kept; older ones are forgotten.
const KEPT: usize = 1_000;

/// A look at a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// The number of the look.
    pub(crate) id: u64,
    pub(crate) user: String,
    pub(crate) module: String,
    /// The record's id.
    pub(crate) record: String,
    /// The record's name when it was looked at.
    pub(crate) summary: String,
    /// For example `2026-11-21 08:54:25`, UTC.
    pub(crate) at: String,
}

/// All looks, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Viewed {
    views: Vec<View>,
    count: u64,
}

impl Viewed {
    /// Notes that a user looked at a record. Of several looks at one record the last one counts.
    pub(crate) fn note(&mut self, user: &str, module: &str, record: &str, summary: &str, at: &str) {
        self.views
            .retain(|view| (view.user.as_str(), view.module.as_str(), view.record.as_str()) != (user, module, record));
        if self.views.len() >= KEPT {
            self.views.remove(0);
        }
        self.count += 1;
        self.views.push(View {
            id: self.count,
            user: user.to_owned(),
            module: module.to_owned(),
            record: record.to_owned(),
            summary: summary.to_owned(),
            at: at.to_owned(),
        });
    }

    /// The records of a module that the user looked at, the last one first.
    pub(crate) fn last(&self, user: &str, module: &str) -> impl Iterator<Item = &View> {
        let of_both = move |view: &&View| view.user == user && view.module == module;
        self.views.iter().rev().filter(of_both).take(SHOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(viewed: &Viewed, user: &str, module: &str) -> Vec<String> {
        viewed.last(user, module).map(|view| view.record.clone()).collect()
    }

    #[test]
    fn the_last_look_stands_first_and_each_record_once() {
        let mut viewed = Viewed::default();
        for record in ["a", "b", "a", "c"] {
            viewed.note("1", "Accounts", record, "", "");
        }
        viewed.note("1", "Contacts", "d", "", "");
        viewed.note("2", "Accounts", "e", "", "");
        assert_eq!(records(&viewed, "1", "Accounts"), ["c", "a", "b"]);
        assert!(records(&viewed, "2", "Contacts").is_empty());
    }

    #[test]
    fn ten_of_a_module_are_shown() {
        let mut viewed = Viewed::default();
        for number in 0..2_000 {
            viewed.note("1", "Accounts", &number.to_string(), "", "");
        }
        let shown = records(&viewed, "1", "Accounts");
        assert_eq!((shown.len(), shown[0].as_str()), (10, "1999"));
        assert_eq!(viewed.views.len(), KEPT);
    }
}
