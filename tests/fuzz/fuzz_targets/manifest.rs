//! An export's manifest: what is read is written the same, and its verdicts can be asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::records::export::Manifest;

fuzz_target!(|data: &[u8]| {
    let Ok(manifest) = serde_json::from_slice::<Manifest>(data) else {
        return;
    };
    let hidden: Vec<_> = manifest.files.iter().map(|report| report.hidden()).collect();
    assert_eq!(hidden.len(), manifest.files.len());
    assert!(manifest.finished.is_some() || !manifest.is_complete());
    if let Some(report) = manifest.files.first() {
        assert_eq!(manifest.file(&report.file), Some(report));
    }
    let text = serde_json::to_vec(&manifest).expect("JSON");
    assert_eq!(
        serde_json::from_slice::<Manifest>(&text).expect("its own text"),
        manifest
    );
});
