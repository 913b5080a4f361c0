//! The field map of the example `migrate`, a file that a person wrote.
#![no_main]

#[path = "../../../examples/common/failure.rs"]
#[allow(dead_code, reason = "the example's own")]
mod failure;
#[path = "../../../examples/migrate/map.rs"]
#[allow(dead_code, reason = "the example's own")]
mod map;
#[path = "../../../src/bin/sugar-oauth/terminal/text.rs"]
#[allow(dead_code, reason = "the examples' own")]
mod terminal;

use failure::Failure;
use libfuzzer_sys::fuzz_target;
use map::{FieldMap, MODULES, ModuleMap, Pair};
use sugar_oauth_fuzz::is_safe_to_show;

fuzz_target!(|text: &str| {
    match FieldMap::parse(text.to_owned(), None) {
        Ok(map) => {
            let lines = text.split('\n').count();
            let stands = |pair: &Pair| (1..=lines).contains(&pair.line);
            assert!(map.users.iter().chain(&map.currencies).all(stands));
            for (name, module) in &map.modules {
                let ModuleMap {
                    fields,
                    links,
                    values,
                    set,
                } = module;
                assert!(MODULES.contains(name));
                assert!(fields.iter().chain(links).all(stands));
                assert!(values.values().all(|values| values.pairs.iter().all(stands)));
                assert!(set.values().all(|(line, _)| (1..=lines).contains(line)));
                let mut here: Vec<&str> = fields.iter().map(|pair| pair.to.as_str()).collect();
                here.sort_unstable();
                assert!(here.windows(2).all(|two| two[0] != two[1]), "a field twice");
            }
            assert_eq!(map.text, text);
        }
        Err(failure) => {
            let told = failure.to_string();
            assert!(is_safe_to_show(&told), "{told:?}");
            assert_eq!(failure.status(), 2);
        }
    }
});
