//! `multipart/form-data` bodies, RFC 7578.

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) content: Vec<u8>,
}

/// The parts of a body with this media type. A body that is cut short has only those that are whole.
pub(super) fn parts(media_type: &str, body: &[u8]) -> Vec<Part> {
    let Some(boundary) = parameter(media_type, "boundary").filter(|boundary| !boundary.is_empty()) else {
        return Vec::new();
    };
    let first = format!("--{boundary}");
    let delimiter = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    let Some(start) = find(body, first.as_bytes()) else {
        return parts;
    };
    let mut rest = &body[start + first.len()..];
    while let Some(inner) = rest.strip_prefix(b"\r\n") {
        let Some(end) = find(inner, delimiter.as_bytes()) else {
            break;
        };
        parts.extend(part(&inner[..end]));
        rest = &inner[end + delimiter.len()..];
    }
    parts
}

fn part(bytes: &[u8]) -> Option<Part> {
    let head_end = find(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..head_end]);
    let header = |wanted: &str| {
        let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let disposition = header("Content-Disposition")?;
    Some(Part {
        name: parameter(&disposition, "name")?,
        filename: parameter(&disposition, "filename"),
        media_type: header("Content-Type"),
        content: bytes[head_end + 4..].to_vec(),
    })
}

/// A parameter of a header's value, whose quotes may hold `\"` and `;`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut characters = value.chars().skip_while(|c| *c != ';').peekable();
    loop {
        while characters.next_if(|c| *c == ';' || c.is_whitespace()).is_some() {}
        let mut name = String::new();
        while let Some(c) = characters.next_if(|c| !matches!(c, '=' | ';')) {
            name.push(c);
        }
        if characters.next()? != '=' {
            continue;
        }
        let mut text = String::new();
        if characters.next_if_eq(&'"').is_some() {
            loop {
                match characters.next()? {
                    '"' => break,
                    '\\' if characters.peek().is_some_and(|c| matches!(c, '"' | '\\')) => {
                        text.extend(characters.next())
                    }
                    c => text.push(c),
                }
            }
        } else {
            while let Some(c) = characters.next_if(|c| *c != ';') {
                text.push(c);
            }
        }
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart_by_their_boundary_only() {
        let body = b"before\r\n--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\n\
            --xx\r\ncontent-type: text/plain\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"a;\\\"b\\\".txt\"\r\n\
            \r\n\r\n\0bytes\r\n\r\n--xx--\r\nafter";
        let found = parts("multipart/form-data; boundary=xx", body);
        assert_eq!((found[0].name.as_str(), &found[0].content[..]), ("a", &b"1\r\n--x"[..]));
        assert_eq!(
            found[1],
            Part {
                name: "filename".to_owned(),
                filename: Some("a;\"b\".txt".to_owned()),
                media_type: Some("text/plain".to_owned()),
                content: b"\r\n\0bytes\r\n".to_vec(),
            }
        );
        assert_eq!(found.len(), 2);
        assert_eq!(parts("multipart/form-data; boundary=\"xx\"", body).len(), 2);
    }

    #[test]
    fn broken_forms_have_no_parts() {
        for (media_type, body) in [
            ("multipart/form-data", &b"--\r\n\r\n"[..]),
            ("multipart/form-data; boundary=", b"--\r\n"),
            ("multipart/form-data; boundary=\"x", b"--x\r\n"),
            (
                "multipart/form-data; boundary=x",
                b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end",
            ),
            (
                "multipart/form-data; boundary=x",
                b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
            ),
            ("multipart/form-data; boundary=x", b"--x--"),
            ("multipart/form-data; boundary=x", b""),
        ] {
            assert_eq!(parts(media_type, body), [], "{media_type}");
        }
    }
}
