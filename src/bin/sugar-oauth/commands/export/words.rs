//! An export in words, as the example `export` has them, too.

use std::time::Duration;

use sugar_oauth::records::export::{Completeness, FileReport, Manifest, Plan};

/// What an export would bring.
pub fn of_plan(plan: &Plan) -> String {
    format!(
        "{}, {}, {}, about {} s; {}.",
        counted(plan.modules.len() as u64, "module", "modules"),
        counted(plan.links as u64, "link file", "link files"),
        counted(plan.rows, "row", "rows"),
        plan.estimated.as_secs() + 1,
        counted(plan.left_out.len() as u64, "module is left out", "modules are left out")
    )
}

/// What has come.
pub fn of_all(manifest: &Manifest, took: Duration) -> String {
    let lines = manifest.files.iter().map(|file| file.lines).sum();
    let left_out = manifest.left_out.len() as u64;
    format!(
        "{} in {}, {:.1} s; {}.",
        counted(lines, "line", "lines"),
        counted(manifest.files.len() as u64, "file", "files"),
        took.as_secs_f64(),
        counted(
            left_out,
            "module or link was left out",
            "modules or links were left out"
        )
    )
}

/// What is to be known of a file besides that it is there.
pub fn of_file(file: &FileReport) -> Vec<String> {
    let records = |count: u64| counted(count, "record", "records");
    let mut remarks = Vec::new();
    match &file.completeness {
        Completeness::EqualToTotalCount => {}
        Completeness::ServerDoesNotCount => remarks.push(String::from("the server does not count its records")),
        Completeness::Unequal { total_count, .. } => remarks.push(format!(
            "the server counts {}, and {} came",
            records(*total_count),
            counted(file.lines, "line", "lines")
        )),
        Completeness::ChangedMeanwhile { read_again, added, .. } => remarks.push(format!(
            "records changed meanwhile; {read_again} read again, {added} added"
        )),
        _ => remarks.push(String::from("see the manifest")),
    }
    if let Some(hidden) = file.hidden().filter(|hidden| *hidden > 0) {
        remarks.push(format!("{} may not be seen by this user", records(hidden)));
    }
    if !file.refused.is_empty() {
        remarks.push(format!(
            "the server could not give {}",
            records(file.refused.len() as u64)
        ));
    }
    if !file.missing.is_empty() {
        let missing = file.missing.len() as u64;
        remarks.push(format!(
            "{} missing on the server",
            counted(missing, "body or file is", "bodies or files are")
        ));
    }
    remarks
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
