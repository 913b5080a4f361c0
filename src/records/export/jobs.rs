//! From modules to the files that are to be written.

use std::collections::BTreeSet;

use super::asking::NotGiven;
use super::credentials::is_credential_module;
use super::manifest::{Content, LeftOut};
use super::settings::{Format, Settings};
use super::targets::{Job, Target, is_file_name};
use crate::printable::printable;

/// Relationships with users that each record carries as an id of its own: `assigned_user_id` and the like.
const CARRIED: [&str; 3] = ["_assigned_user", "_created_by", "_modified_user"];

/// Modules whose records have a file, and the fields that tell of it.
const WITH_FILES: [(&str, &[&str]); 2] = [
    ("Notes", &["id", "filename"]),
    ("DocumentRevisions", &["id", "filename"]),
];

/// The files to write, records first.
pub(super) fn jobs(
    settings: &Settings,
    targets: &[Target],
    body_fields: &[String],
    left_out: &mut Vec<LeftOut>,
) -> Vec<Job> {
    let mut jobs: Vec<Job> = targets
        .iter()
        .map(|target| records(settings, target, body_fields))
        .collect();
    if settings.links {
        jobs.extend(links(settings, targets, left_out));
    }
    if settings.files {
        let files = WITH_FILES.iter().filter_map(|(module, fields)| {
            let target = targets.iter().find(|target| target.module == *module)?;
            let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
            let file = format!("files/{module}.ndjson");
            Some(job(target, file, Content::Files, fields))
        });
        jobs.extend(files);
    }
    jobs
}

fn records(settings: &Settings, target: &Target, body_fields: &[String]) -> Job {
    let file = format!("{}.{}", target.module, settings.format.extension());
    let mut job = job(target, file, Content::Records, target.fields.clone());
    job.credential_fields.clone_from(&target.credential_fields);
    if target.module == "Emails" {
        let wanted = |field: &&String| settings.fields.is_empty() || settings.fields.contains(field);
        job.body_fields = body_fields.iter().filter(wanted).cloned().collect();
        for field in &job.body_fields {
            if !job.fields.contains(field) {
                job.fields.push(field.clone());
            }
        }
    }
    job
}

fn job(target: &Target, file: String, content: Content, fields: Vec<String>) -> Job {
    Job {
        file,
        content,
        module: target.module.clone(),
        table: target.table.clone(),
        key: target.key.clone(),
        select: fields.clone(),
        fields,
        credential_fields: Vec::new(),
        has_date_modified: target.has_date_modified,
        body_fields: Vec::new(),
    }
}

/// A file for each relationship, read from the first module that has a link field for it.
fn links(settings: &Settings, targets: &[Target], left_out: &mut Vec<LeftOut>) -> Vec<Job> {
    let mut seen = BTreeSet::new();
    let mut jobs = Vec::new();
    for target in targets {
        for link in &target.about.links {
            let relationship = link.relationship.as_str();
            let to_module = match link.module.as_str() {
                "" => other_end(targets, target, relationship),
                module => module.to_owned(),
            };
            let carried = CARRIED.iter().any(|ending| relationship.ends_with(ending));
            if carried || seen.contains(&relationship.to_ascii_lowercase()) {
                continue;
            }
            let secret = is_credential_module(&to_module) && !settings.modules.contains(&to_module);
            let why = if secret {
                "leads to credentials"
            } else if is_file_name(relationship) && is_file_name(&link.name) {
                ""
            } else {
                "has other characters than A-Z a-z 0-9 _ in its name"
            };
            if !why.is_empty() {
                let reason = format!("its link {} {why}", printable(&link.name));
                left_out.push(NotGiven::because(reason).left_out(&target.module, false));
                continue;
            }
            seen.insert(relationship.to_ascii_lowercase());
            let content = Content::Links {
                link: link.name.clone(),
                relationship: relationship.to_owned(),
                to_module,
            };
            let file = format!("links/{relationship}.{}", settings.format.extension());
            let mut job = job(target, file, content, vec![String::from("from"), String::from("to")]);
            job.select = vec![target.key.clone()];
            jobs.push(job);
        }
    }
    jobs
}

/// About a third of all link fields name no module; the field at the other end may.
fn other_end(targets: &[Target], target: &Target, relationship: &str) -> String {
    let has = |other: &&Target| {
        let mut links = other.about.links.iter();
        other.module != target.module && links.any(|link| link.relationship == relationship)
    };
    targets
        .iter()
        .find(has)
        .map_or_else(String::new, |other| other.module.clone())
}

impl Job {
    /// How the file is written: an index of files is always NDJSON.
    pub(super) fn format(&self, settings: &Settings) -> Format {
        match self.content {
            Content::Files => Format::Ndjson,
            _ => settings.format,
        }
    }

    /// The file while it grows.
    pub(super) fn part(&self) -> String {
        format!("{}.part", self.file)
    }
}
