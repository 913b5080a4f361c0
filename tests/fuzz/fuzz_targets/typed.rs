//! What a person types or an environment holds: the site URL, the verifier or the whole address it came in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::{Instance, Verifier};
use sugar_oauth_fuzz::fit_to_show;

fuzz_target!(|text: &str| {
    match Instance::parse(text) {
        Ok(instance) => {
            let url = instance.site_url();
            assert!(["http", "https"].contains(&url.scheme()) && url.has_host());
            assert!(url.username().is_empty() && url.password().is_none());
            assert_eq!((url.query(), url.fragment()), (None, None));
            assert_eq!(Instance::parse(url.as_str()).expect("its own URL"), instance);
            assert!(
                instance
                    .authorize_page()
                    .as_str()
                    .starts_with(url.as_str().trim_end_matches('/'))
            );
            match instance.clone().with_signing_url(text) {
                Ok(_) => {}
                Err(error) => fit_to_show(&error),
            }
        }
        Err(error) => fit_to_show(&error),
    }
    match Verifier::from_input(text) {
        Ok(verifier) => {
            let code = verifier.expose();
            assert!((1..=255).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        Err(error) => fit_to_show(&error),
    }
});
