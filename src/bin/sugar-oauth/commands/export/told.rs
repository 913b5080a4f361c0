//! What is told of a plan and of an export that is finished.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use sugar_oauth::printable;
use sugar_oauth::records::export::{LeftOut, Manifest, Plan};

use super::words;
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
    output.line(words::of_plan(plan))
}

/// What has come, and what has not.
pub fn end(output: Output, folder: &Path, manifest: &Manifest, took: Duration) -> Result<(), Failure> {
    let shown = folder.display().to_string();
    if output.is_json() {
        let refused: usize = manifest.files.iter().map(|file| file.refused.len()).sum();
        let lines: u64 = manifest.files.iter().map(|file| file.lines).sum();
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
        for remark in words::of_file(file) {
            output.line(format!("{}: {remark}", printable(&file.file)))?;
        }
    }
    for gap in gaps(manifest) {
        let (module, reason) = (printable(&gap.module), printable(&gap.reason));
        output.line(format!("{module} is missing: {reason}"))?;
    }
    let (all, folder) = (words::of_all(manifest, took), printable(&shown));
    output.line(format!("{all} {folder}/manifest.json tells the rest."))
}

/// What is missing although it was to come.
fn gaps(manifest: &Manifest) -> Vec<&LeftOut> {
    manifest.left_out.iter().filter(|left_out| left_out.is_gap).collect()
}
