//! Whatever the umask: each file that the program writes is mode 0600, each folder 0700.

use crate::modes::{UMASKS, assert_for_this_user_alone};
use crate::person::{Person, authorized, sandbox};

#[tokio::test]
async fn profiles_exports_and_downloads_are_for_one_person() {
    for umask in UMASKS {
        let (person, sandbox) = (Person::new(), sandbox().await);
        let limit = format!("umask {umask}");
        let ended = authorized(person.logs_in(&sandbox, &[]).under(&limit), &sandbox);
        assert_eq!(ended.status, Some(0), "umask {umask}: {}", ended.errors);
        let out = person.home().join("out").display().to_string();
        let export = person.types(&["export", "Accounts", "--links", "--out", &out]);
        let ended = export.under(&limit).run();
        assert_eq!(ended.status, Some(0), "umask {umask}: {}", ended.errors);
        let file = person.home().join("offer.txt");
        std::fs::write(&file, "an offer").expect("it is written");
        let data = r#"{"module_name":"Notes","name_value_list":[{"name":"name","value":"of the test"}]}"#;
        let made = person.runs(&["call", "set_entry", "--data", data, "--json"]);
        let made: serde_json::Value = serde_json::from_str(&made.output).expect("JSON");
        let id = made["id"].as_str().expect("an id");
        person
            .runs(&["upload", "Notes", id, &file.display().to_string()])
            .succeeded();
        std::fs::remove_file(file).expect("it is there");
        let folder = person.home().join("files").display().to_string();
        let download = person.types(&["download", "Notes", id, "--dir", &folder]);
        let ended = download.under(&limit).run();
        assert_eq!(ended.status, Some(0), "umask {umask}: {}", ended.errors);
        // .config, its sugar-oauth, the profile, the export with its manifest and records, the folder and its file.
        assert_for_this_user_alone(person.home(), 8, &format!("umask {umask}"));
    }
}
