//! What is told of a plan and of an export that is finished.

use std::time::Duration;

use sugar_oauth::printable;
use sugar_oauth::records::export::{Manifest, Plan};

use crate::words;

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
    println!("{}", words::of_plan(plan));
}

/// What has come, and what has not.
pub fn end(manifest: &Manifest, took: Duration) {
    for file in &manifest.files {
        for remark in words::of_file(file) {
            println!("  {}: {remark}", printable(&file.file));
        }
    }
    for left_out in manifest.left_out.iter().filter(|left_out| left_out.is_gap) {
        let (module, reason) = (printable(&left_out.module), printable(&left_out.reason));
        println!("  {module} is missing: {reason}");
    }
    println!("{} The manifest tells the rest.", words::of_all(manifest, took));
}
