//! What a migration does when something is wrong: with the map, the data, the target, the sessions or the way.
#![cfg(unix)]

#[path = "support/between.rs"]
mod between;
mod process;
#[path = "support/raw_http.rs"]
mod raw_http;
#[path = "support/v11.rs"]
mod v11;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use between::{Between, MAP, PASSWORD, end};
use serde_json::{Value, json};
use sugar_oauth::sandbox::Fault;

const LIMIT: Duration = Duration::from_secs(120);

fn pairs(values: &[(&str, &str)]) -> Value {
    values
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

/// Old instances where every record has a counterpart.
async fn small() -> Between {
    Between::with(|old| old.records(20, 40), |new| new).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_lists_what_has_no_counterpart_and_writes_nothing() {
    let between = small().await;
    let user = between.old_set("Users", pairs(&[("user_name", "left.company"), ("last_name", "Gone")]));
    let user = v11::text(&user["id"]);
    between.old_set(
        "Accounts",
        pairs(&[("id", "1"), ("industry", "Alchemy"), ("assigned_user_id", &user)]),
    );
    let lead = between.old_records("Leads").remove(0);
    let note = pairs(&[
        ("name", "Of a lead"),
        ("parent_type", "Leads"),
        ("parent_id", lead["id"].as_str().expect("an id")),
    ]);
    between.old_set("Notes", note);
    let note = pairs(&[
        ("name", "Of nothing"),
        ("parent_type", "Accounts"),
        ("parent_id", "no-such-account"),
    ]);
    between.old_set("Notes", note);
    let unmapped = [
        "industry: the target's list does not offer \"Alchemy\"",
        "assigned_user_id: the target has no user left.company",
        "parent_id: Leads are not carried",
        "parent_id: the record that it leads to has not been carried",
        "fields left behind: jjwg_maps_address_c, interests_c",
    ];
    let dry = between.run(&["--dry-run"]);
    dry.ended_with(5);
    for text in unmapped {
        dry.says(text);
    }
    assert!(!between.ledger().exists(), "a dry run leaves a ledger");
    // Without --dry-run it stops at the same place.
    let stopped = between.run(&[]);
    stopped.ended_with(5).says("nothing was written");
    for text in unmapped {
        stopped.says(text);
    }
    assert_eq!(between.writes(), [""; 0]);
    // With counterparts for some it names the others.
    let map = MAP.to_owned() + "[Accounts.values.industry]\nAlchemy = \"Other\"\n[users]\n\"left.company\" = \"jim\"\n";
    let map = between.file("map.toml", &map);
    let dry = between.run(&["--dry-run", "--map", &map]);
    dry.ended_with(5).says(unmapped[2]);
    assert!(
        !dry.output.contains("Alchemy") && !dry.output.contains("left.company"),
        "{}",
        dry.output
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn currencies_without_a_counterpart_are_listed() {
    let between = small().await;
    between.old_set(
        "Currencies",
        pairs(&[
            ("name", "Ducat"),
            ("iso4217", "XDU"),
            ("symbol", "D"),
            ("conversion_rate", "2"),
            ("status", "Active"),
        ]),
    );
    let map = "[Accounts.fields]\nname = \"name\"\n[currencies]\nXDU = \"EUR\"\nXXX = \"YYY\"\n";
    let map = between.file("map.toml", map);
    between
        .run(&["--dry-run", "--map", &map])
        .ended_with(2)
        .says("map.toml:5: the source has no currency XXX")
        .says("map.toml:5: the target has no currency YYY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_that_names_what_is_not_there_is_refused_with_every_line() {
    let between = small().await;
    let map = "[Accounts.fields]\nname = \"name\"\nnmae = \"website\"\nphone_office = \"phone_ofice\"\n\
               [Contacts.links]\naccounts = \"acounts\"\nfriends = \"contacts\"\n\
               [Accounts.values.industry]\nBanking = \"Banking\"\n[Accounts.set]\nteam = \"1\"\n[users]\nnobody = \"jim\"\n";
    let map = between.file("map.toml", map);
    let ended = between.run(&["--map", &map]);
    ended.ended_with(2);
    for text in [
        "map.toml:3: Accounts on the source have no field nmae",
        "map.toml:4: Accounts on the target have no field phone_ofice",
        "map.toml:6: Contacts on the target have no link field acounts",
        "map.toml:7: Contacts on the source have no link field friends",
        "map.toml:8: values of industry, which is not among the fields",
        "map.toml:11: Accounts on the target have no field team",
    ] {
        ended.says(text);
    }
    let map = between.file("map.toml", "[Acounts.fields]\nname = 3\n[Notes]\nfeilds = {}\n");
    let ended = between.run(&["--map", &map]);
    ended
        .ended_with(2)
        .says("map.toml:1: [Acounts] is none of")
        .says("map.toml:4: feilds is none of");
    let map = between.file("map.toml", "[Accounts.fields]\nname = \n");
    between.run(&["--map", &map]).ended_with(2).says("map.toml:2: no TOML");
    assert_eq!(between.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_target_refuses_is_skipped_with_its_reason_and_taken_later() {
    let between = small().await;
    // One without its last name, which the target insists on; one whose id is taken there.
    let nameless = between.old_records("Contacts")[7].clone();
    let (nameless_id, name) = (v11::text(&nameless["id"]), v11::text(&nameless["last_name"]));
    between.old_set("Contacts", pairs(&[("id", &nameless_id), ("last_name", "")]));
    between.new_post("/v11/Contacts", &json!({"id": "42", "last_name": "Of somebody else"}));
    let note = between.old_set("Notes", pairs(&[("name", "Of both"), ("contact_id", &nameless_id)]));
    let note = v11::text(&note["id"]);
    let ended = between.run_leaving();
    ended.ended_with(5).says("Done in part");
    let report = between.report();
    let reasons = report["tallies"]["Contacts"]["reasons"].to_string();
    assert!(
        reasons.contains("last_name") && reasons.contains("not from this migration"),
        "{reasons}"
    );
    assert_eq!(report["tallies"]["Contacts"]["skipped"], 2, "{report:#}");
    assert_eq!(report["complete"], false);
    let contacts = between.new_records("Contacts");
    assert_eq!(contacts.len(), between.old_records("Contacts").len() - 1);
    assert_eq!(contacts["42"]["last_name"], "Of somebody else");
    assert!(
        report["tallies"]["Notes"]["left_out"]
            .to_string()
            .contains("contact_id: the record"),
        "{report:#}"
    );
    assert_eq!(between.new_records("Notes")[&note]["contact_id"], "");
    // When it is mended, the next run takes it, and what led to it.
    between.old_set("Contacts", pairs(&[("id", &nameless_id), ("last_name", &name)]));
    between.new.clear_requests();
    between.run_leaving().ended_with(5);
    let written: Vec<String> = between
        .writes()
        .into_iter()
        .filter(|write| !write.contains("/link/"))
        .collect();
    assert_eq!(
        written,
        [
            "POST /v11/Contacts",
            "POST /v11/Contacts",
            &format!("PUT /v11/Notes/{note}")
        ]
    );
    assert!(between.new_records("Contacts").contains_key(&nameless_id));
    assert_eq!(between.new_records("Notes")[&note]["contact_id"], *nameless_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_are_no_second_records() {
    let between = small().await;
    let is_bulk_of = |text: &'static str| {
        move |request: &sugar_oauth::sandbox::ReceivedRequest| {
            request.path.ends_with("/bulk") && String::from_utf8_lossy(&request.body).contains(text)
        }
    };
    between.new.fault(
        Fault::reset_before_answer()
            .after_acting()
            .times(2)
            .when(is_bulk_of("v11/Contacts\"")),
    );
    between
        .new
        .fault(Fault::status(503).after_acting().once().when(is_bulk_of("/link/")));
    between
        .new
        .fault(Fault::status(502).once().when(is_bulk_of("v11/Notes\"")));
    between.run_leaving().succeeded();
    assert_eq!(
        between.new_records("Contacts").len(),
        between.old_records("Contacts").len()
    );
    assert_eq!(between.report()["tallies"]["Contacts"]["skipped"], 0);
    let writes = between.writes();
    let created = writes.iter().filter(|write| *write == "POST /v11/Contacts").count();
    assert_eq!(created, between.old_records("Contacts").len(), "some were sent twice");
}

/// The target looked as if it had not got the records, and gets them just before they are sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_arrives_late_is_no_refusal() {
    let between = small().await;
    let (url, token) = (between.new.url().to_owned(), between.token.clone());
    let is_write = |request: &sugar_oauth::sandbox::ReceivedRequest| {
        request.path.ends_with("/bulk") && String::from_utf8_lossy(&request.body).contains("v11/Contacts\"")
    };
    between.new.fault(Fault::reset_before_answer().once().when(is_write));
    let sent = AtomicU32::new(0);
    let (sender, late) = mpsc::channel();
    between.new.latency(move |request| {
        if !is_write(request) || sent.fetch_add(1, Ordering::SeqCst) != 1 {
            return Duration::ZERO;
        }
        let headers = [("OAuth-Token", token.as_str()), ("Content-Type", "application/json")];
        let late = raw_http::request("POST", &url, &request.path, &headers, &request.body);
        let (url, sender) = (url.clone(), sender.clone());
        std::thread::spawn(move || sender.send(raw_http::send(&url, &late)));
        Duration::from_secs(3)
    });
    let ended = between.run(&["--unmapped", "leave", "--workers", "1"]);
    let late = late.recv_timeout(LIMIT).expect("it was sent again").json();
    let made = late.as_array().expect("answers");
    assert!(made.iter().all(|answer| answer["status"] == 200), "{late}");
    assert!(
        between.report()["tallies"]["Contacts"]["skipped"] == 0,
        "{:#}",
        between.report()
    );
    ended.succeeded();
    assert_eq!(
        between.new_records("Contacts").len(),
        between.old_records("Contacts").len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn links_and_files_that_are_lost_on_the_way_there_are_sent_again() {
    let mut between = small().await;
    let run = ["--unmapped", "leave", "--batch", "1"];
    between.run(&run).succeeded();
    let expected = between.new_contents();
    between.anew().await;
    let is_link = |request: &sugar_oauth::sandbox::ReceivedRequest| {
        request.path.ends_with("/bulk") && String::from_utf8_lossy(&request.body).contains("/link/")
    };
    let is_upload = |request: &sugar_oauth::sandbox::ReceivedRequest| request.path.ends_with("/file/filename");
    // None of these has acted.
    let down = r#"[{"contents":{"error":"fatal_error","error_message":"down"},"headers":{},"status":503}]"#;
    let answer = Fault::status(200).header("Content-Type", "application/json").body(down);
    between.new.fault(answer.times(2).when(is_link));
    between.new.fault(Fault::reset_before_answer().times(2).when(is_link));
    between.new.fault(Fault::reset_before_answer().times(2).when(is_upload));
    between.new.fault(Fault::status(503).times(2).when(is_upload));
    between.run(&run).succeeded();
    let contents = between.new_contents();
    for (name, value) in &expected {
        assert_eq!(contents.get(name), Some(value), "{name}");
    }
    assert_eq!(contents.len(), expected.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_for_the_web_server_is_skipped_and_the_others_come() {
    let between = small().await;
    let is_upload = |request: &sugar_oauth::sandbox::ReceivedRequest| request.path.ends_with("/file/filename");
    between
        .new
        .fault(Fault::status(413).body("<html>").once().when(is_upload));
    between.run_leaving().ended_with(5).says("Done in part");
    let report = between.report();
    let files = &report["tallies"]["files"];
    assert_eq!(files["skipped"], 1, "{report:#}");
    assert!(files["carried"].as_u64() > Some(1), "{report:#}");
    assert!(files["reasons"].to_string().contains("too large"), "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_ends_it_and_the_next_run_goes_on() {
    let between = small().await;
    let down = |request: &sugar_oauth::sandbox::ReceivedRequest| {
        request.path.ends_with("/bulk") && String::from_utf8_lossy(&request.body).contains("v11/Calls")
    };
    between.new.fault(Fault::status(503).when(down));
    let ended = between.run_leaving();
    ended.ended_with(1).says("start it again to go on");
    assert!(!between.new_records("Contacts").is_empty());
    between.new.clear_faults();
    between.new.clear_requests();
    between.run_leaving().succeeded();
    assert!(
        !between.writes().iter().any(|write| write == "POST /v11/Contacts"),
        "contacts again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_end_in_the_middle_on_both_sides_are_renewed() {
    let between = small().await;
    between.new.work(|_| Duration::from_millis(4));
    let child = between
        .command()
        .args(["--unmapped", "leave", "--batch", "2"])
        .spawn()
        .expect("it starts");
    let wait_for = |count: usize| {
        let began = Instant::now();
        while between.writes().len() < count {
            assert!(began.elapsed() < LIMIT, "it does not write");
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    wait_for(5);
    between.old.expire_sessions();
    // The access token has ended.
    between.new.clock().advance(Duration::from_secs(2 * 3_600));
    wait_for(25);
    // The refresh token, too: only the password is left.
    between.new.clock().advance(Duration::from_secs(20 * 86_400));
    between.old.expire_sessions();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let grants: Vec<String> = between
        .new
        .requests()
        .iter()
        .filter(|request| request.path.ends_with("/oauth2/token"))
        .filter_map(|request| serde_json::from_slice(&request.body).ok())
        .filter(|body: &Value| body["platform"] == between::PLATFORM)
        .map(|body| v11::text(&body["grant_type"]))
        .collect();
    assert_eq!(
        grants.iter().filter(|grant| *grant == "password").count(),
        2,
        "{grants:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_wrong_urls_say_which_side_and_why() {
    let between = small().await;
    end(between.command().env("SUGAR_TARGET_PASSWORD", "wrong"))
        .ended_with(1)
        .says("the target")
        .says("need_login");
    end(between.command().env("SUGAR_TARGET_PLATFORM", "unheard_of"))
        .ended_with(1)
        .says("the target")
        .says("platform");
    end(between.command().env("SUGAR_CONSUMER_SECRET", "wrong"))
        .ended_with(1)
        .says("the source");
    end(between.command().env("SUGAR_ACCESS_TOKEN_SECRET", "wrong"))
        .ended_with(1)
        .says("the source");
    // Each URL in the other's place.
    end(between.command().env("SUGAR_TARGET_URL", between.old.url()))
        .ended_with(1)
        .says("the target");
    end(between.command().env("SUGAR_URL", between.new.url()))
        .ended_with(1)
        .says("the source");
    for missing in [
        "SUGAR_TARGET_USER",
        "SUGAR_TARGET_PLATFORM",
        "SUGAR_ACCESS_TOKEN_SECRET",
        "SUGAR_URL",
    ] {
        end(between.command().env_remove(missing)).ended_with(2).says(missing);
    }
    end(between.command().arg("--unmapped").arg("maybe"))
        .ended_with(2)
        .says("stop or leave");
    end(between.command().arg("--report").arg("/nowhere/report"))
        .ended_with(2)
        .says("--report: /nowhere/report cannot be written: its folder is not there");
    end(between.command().args(["--dry-run", "--ledger", "/nowhere/ledger"]))
        .ended_with(2)
        .says("/nowhere/ledger.report.json cannot be written: its folder is not there");
    assert_eq!(between.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_its_own_is_used() {
    let between = Between::with(
        |old| old.records(20, 20),
        |new| new.oauth2_key("migration-key", Some("secret-of-the-key")),
    )
    .await;
    let with = |secret: &str| {
        let mut command = between.command();
        command
            .args(["--unmapped", "leave"])
            .env("SUGAR_TARGET_CLIENT_ID", "migration-key")
            .env("SUGAR_TARGET_CLIENT_SECRET", secret);
        end(&mut command)
    };
    let refused = with("wrong-secret-of-the-key");
    refused.ended_with(1).says("invalid_client");
    assert!(!refused.errors.contains("wrong-secret-of-the-key"));
    with("secret-of-the-key").succeeded();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_map_is_one_that_can_be_edited() {
    let between = small().await;
    let printed = between.run(&["--print-map"]);
    printed.succeeded();
    // Lines for what these two instances have not are named, and can be taken out.
    let map = between.file("map.toml", &printed.output);
    let refused = between.run(&["--map", &map]);
    refused.ended_with(2).says("have no field phone_fax");
    let lines: Vec<usize> = refused
        .errors
        .lines()
        .filter_map(|line| line.split_once("map.toml:")?.1.split(':').next()?.parse().ok())
        .collect();
    let kept = printed
        .output
        .lines()
        .enumerate()
        .filter(|(number, _)| !lines.contains(&(number + 1)));
    let text: Vec<&str> = kept.map(|(_, line)| line).collect();
    let map = between.file("map.toml", &text.join("\n"));
    between.run(&["--map", &map, "--unmapped", "leave"]).succeeded();
    assert!(!printed.output.contains(PASSWORD));
}
