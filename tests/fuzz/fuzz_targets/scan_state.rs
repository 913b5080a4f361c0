//! How far a scan is, as it is stored: its windows lie beside each other, whatever is done with them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::fuzzing::scan_from;
use sugar_oauth::records::ScanState;
use sugar_oauth_fuzz::fit_to_show;

fuzz_target!(|data: &[u8]| {
    let Ok(mut state) = serde_json::from_slice::<ScanState>(data) else {
        return;
    };
    let text = serde_json::to_string(&state).expect("JSON");
    assert_eq!(serde_json::from_str::<ScanState>(&text).expect("its own text"), state);
    let outer = |state: &ScanState| {
        let windows = state.windows();
        let (first, last) = (windows.first().expect("one"), windows.last().expect("one"));
        (first.lower.clone(), last.upper.clone())
    };
    let before = state.windows().first().map(|_| outer(&state));
    match scan_from(&mut state, "8") {
        Ok(()) => {
            assert!(state.is_done());
            assert_eq!(Some(outer(&state)), before);
        }
        Err(error) => fit_to_show(&error),
    }
});
