//! Requests to the callback listener: only a navigation to its own name and path brings a verifier.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sugar_oauth::fuzzing::verifier;

const HOST: &str = "127.0.0.1:9";
const PATH: &str = "/callback/00112233445566778899aabbccddeeff";

fuzz_target!(|data: &[u8]| {
    let mut lines = data
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let Some(Ok(first)) = lines.next().map(std::str::from_utf8) else {
        return;
    };
    let mut words = first.splitn(3, ' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return;
    };
    let headers: Vec<(&[u8], &[u8])> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
        .collect();
    let Some((token, code)) = verifier(method, target, &headers, HOST, PATH) else {
        return;
    };
    assert_eq!(method, "GET");
    let (path, query) = target.split_once('?').expect("a query");
    assert!(path.ends_with(PATH), "{path}");
    assert!(token.len() <= 3 * query.len() && (1..=255).contains(&code.len()));
    assert!(code.bytes().all(|byte| byte.is_ascii_graphic()));
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"host"));
    assert_eq!(host.expect("a host").1, HOST.as_bytes());
    // As another reader of forms has it.
    let values = |wanted: &str| -> Vec<String> {
        let query = query.split('#').next().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
        pairs.map(|(_, value)| value.into_owned()).collect()
    };
    assert_eq!(
        (values("oauth_token"), values("oauth_verifier")),
        (vec![token], vec![code])
    );
});
