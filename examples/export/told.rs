//! What is told of a plan and of an export that is finished.

use std::time::Duration;

use sugar_oauth::printable;
use sugar_oauth::records::export::{Completeness, Manifest, Plan};

/// What there is.
pub fn plan(plan: &Plan) {
    for module in &plan.modules {
        let count = |count: Option<u64>| count.map_or_else(|| String::from("?"), |count| count.to_string());
        let hidden = match module.hidden() {
            Some(hidden) if hidden > 0 => format!(", {hidden} more that this user may not see"),
            _ => String::new(),
        };
        println!(
            "  {:24} {:>8} records, {} fields{hidden}",
            printable(&module.module),
            count(module.total_count),
            module.fields
        );
        if !module.credential_fields.is_empty() {
            println!(
                "    without {}, which hold credentials",
                printable(&module.credential_fields.join(", "))
            );
        }
    }
    println!(
        "{} modules, {} link files, {} rows, about {} s; {} modules are left out.",
        plan.modules.len(),
        plan.links,
        plan.rows,
        plan.estimated.as_secs() + 1,
        plan.left_out.len()
    );
}

/// What has come, and what has not.
pub fn end(manifest: &Manifest, took: Duration) {
    let mut lines = 0;
    for file in &manifest.files {
        lines += file.lines;
        let name = printable(&file.file);
        match &file.completeness {
            Completeness::EqualToTotalCount => {}
            Completeness::ServerDoesNotCount => println!("  {name}: the server does not count its records"),
            Completeness::Unequal { total_count } => {
                println!(
                    "  {name}: the server counts {total_count} records, and {} lines came",
                    file.lines
                );
            }
            Completeness::ChangedMeanwhile { read_again, added, .. } => {
                println!("  {name}: records changed meanwhile; {read_again} were read again, {added} added")
            }
            _ => println!("  {name}: see the manifest"),
        }
        if let Some(hidden) = file.hidden().filter(|hidden| *hidden > 0) {
            println!("  {name}: {hidden} records may not be seen by this user");
        }
        if !file.refused.is_empty() {
            println!("  {name}: the server could not give {} records", file.refused.len());
        }
        if !file.missing.is_empty() {
            println!(
                "  {name}: {} bodies or files are missing on the server",
                file.missing.len()
            );
        }
    }
    for left_out in manifest.left_out.iter().filter(|left_out| left_out.is_gap) {
        let (module, reason) = (printable(&left_out.module), printable(&left_out.reason));
        println!("  {module} is missing: {reason}");
    }
    println!(
        "{lines} lines in {} files, {:.1} s; {} modules or links were left out. The manifest tells the rest.",
        manifest.files.len(),
        took.as_secs_f64(),
        manifest.left_out.len()
    );
}
