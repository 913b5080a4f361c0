//! What is told of a plan and of an export that is finished.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use sugar_oauth::printable;
use sugar_oauth::records::export::{Completeness, FileReport, LeftOut, Manifest, Plan};

use crate::commands::modules::{as_json, counted, hidden};
use crate::failure::Failure;
use crate::listing::{Column, Listing};
use crate::output::Output;

/// What there is.
pub fn plan(output: Output, plan: &Plan) -> Result<(), Failure> {
    if output.is_json() {
        return output.json(&json!({
            "modules": plan.modules.iter().map(as_json).collect::<Vec<_>>(),
            "left_out": plan.left_out,
            "links": plan.links,
            "rows": plan.rows,
            "estimated_seconds": plan.estimated.as_secs() + 1,
        }));
    }
    let columns = ["records", "hidden", "fields"].map(Column::number);
    let mut listing = Listing::new([vec![Column::text("module")], columns.to_vec()].concat());
    for module in &plan.modules {
        listing.row([
            module.module.clone(),
            counted(module.total_count),
            hidden(module),
            module.fields.to_string(),
        ]);
    }
    listing.print(output)?;
    for module in plan
        .modules
        .iter()
        .filter(|module| !module.credential_fields.is_empty())
    {
        let fields = printable(&module.credential_fields.join(", "));
        output.line(format!("{} without {fields}: credentials", printable(&module.module)))?;
    }
    output.line(format!(
        "{} modules, {} link files, {} rows, about {} s; {} modules are left out.",
        plan.modules.len(),
        plan.links,
        plan.rows,
        plan.estimated.as_secs() + 1,
        plan.left_out.len()
    ))
}

/// What has come, and what has not.
pub fn end(output: Output, folder: &Path, manifest: &Manifest, took: Duration) -> Result<(), Failure> {
    let lines: u64 = manifest.files.iter().map(|file| file.lines).sum();
    let shown = folder.display().to_string();
    if output.is_json() {
        let refused: usize = manifest.files.iter().map(|file| file.refused.len()).sum();
        let missing: usize = manifest.files.iter().map(|file| file.missing.len()).sum();
        return output.json(&json!({
            "folder": shown,
            "complete": manifest.is_complete(),
            "files": manifest.files.len(),
            "lines": lines,
            "refused": refused,
            "missing": missing,
            "gaps": gaps(manifest),
            "left_out": manifest.left_out.len(),
        }));
    }
    for file in &manifest.files {
        for remark in remarks(file) {
            output.line(format!("{}: {remark}", printable(&file.file)))?;
        }
    }
    for gap in gaps(manifest) {
        let (module, reason) = (printable(&gap.module), printable(&gap.reason));
        output.line(format!("{module} is missing: {reason}"))?;
    }
    output.line(format!(
        "{lines} lines in {} files, {:.1} s; {} modules or links were left out. {}/manifest.json tells the rest.",
        manifest.files.len(),
        took.as_secs_f64(),
        manifest.left_out.len(),
        printable(&shown)
    ))
}

/// What is missing although it was to come.
fn gaps(manifest: &Manifest) -> Vec<&LeftOut> {
    manifest.left_out.iter().filter(|left_out| left_out.is_gap).collect()
}

/// What is to be known of a file besides that it is there.
fn remarks(file: &FileReport) -> Vec<String> {
    let mut remarks = Vec::new();
    match &file.completeness {
        Completeness::EqualToTotalCount => {}
        Completeness::ServerDoesNotCount => remarks.push(String::from("the server does not count its records")),
        Completeness::Unequal { total_count } => remarks.push(format!(
            "the server counts {total_count} records, and {} lines came",
            file.lines
        )),
        Completeness::ChangedMeanwhile { read_again, added, .. } => remarks.push(format!(
            "records changed meanwhile; {read_again} were read again, {added} added"
        )),
        _ => remarks.push(String::from("see the manifest")),
    }
    if let Some(hidden) = file.hidden().filter(|hidden| *hidden > 0) {
        remarks.push(format!("{hidden} records may not be seen by this user"));
    }
    if !file.refused.is_empty() {
        remarks.push(format!("the server could not give {} records", file.refused.len()));
    }
    if !file.missing.is_empty() {
        remarks.push(format!(
            "{} bodies or files are missing on the server",
            file.missing.len()
        ));
    }
    remarks
}
