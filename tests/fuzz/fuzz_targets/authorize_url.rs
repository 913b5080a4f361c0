//! The page for leg 2: whatever the server offers, the browser goes to the instance or to an origin that was allowed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::fuzzing::authorize_url;

fuzz_target!(|offered: &str| {
    let allowed = [String::from("https://sso.example.com")];
    let page = authorize_url(&allowed, Some(offered), "bf1492236fbe");
    let url = page.url();
    let origin = url.origin().ascii_serialization();
    assert!(origin == "https://crm.example.com" || origin == allowed[0], "{origin}");
    // As another reader of URLs, who knows only the text, sees it.
    let authority = page.as_str().strip_prefix("https://").expect("https");
    let authority = authority.split(['/', '?', '#', '\\']).next().expect("an authority");
    assert!(
        ["crm.example.com", "sso.example.com"].contains(&authority),
        "{authority}"
    );
    assert!(page.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(page.as_str().len() <= 3 * offered.len() + 200);
    assert_eq!(url.fragment(), None);
    let last = url.query_pairs().last().expect("a query");
    assert_eq!((&*last.0, &*last.1), ("token", "bf1492236fbe"));
    if !page.is_servers_own() {
        let own = "https://crm.example.com/crm/index.php?module=OAuthTokens&action=authorize&token=bf1492236fbe";
        assert_eq!(page.as_str(), own);
    }
});
