//! Paths below `rest/v11`: every segment encoded, so that an id never becomes two of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::RestVersion;
use crate::error::{Error, Result};
use crate::instance::Instance;

/// All but the unreserved characters (RFC 3986 section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a call goes below `rest/v11`: a text whose segments are parted by `/` (`"Contacts/filter"`), or the segments
/// themselves (`["Contacts", id]`), in which a `/` is a character like any other. Each segment is percent-encoded.
///
/// Give ids and other data as segments, not inside a text. The query has an argument of its own.
///
/// ```no_run
/// # async fn read(session: &sugar_oauth::oauth2::Session, id: &str) -> sugar_oauth::Result<()> {
/// let first = session.get("Contacts/filter", &[("max_num", "20")]).await?;
/// // An id that holds a slash stays one segment.
/// let one = session.get(["Contacts", id], &[]).await?;
/// let calls = session.get(["Contacts", id, "link", "calls"], &[]).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RestPath {
    segments: Vec<String>,
    /// Came as one text, in which a query would be a mistake.
    is_text: bool,
}

impl From<&str> for RestPath {
    fn from(text: &str) -> Self {
        Self {
            segments: text.trim_matches('/').split('/').map(str::to_owned).collect(),
            is_text: true,
        }
    }
}

impl From<&String> for RestPath {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for RestPath {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl<const N: usize> From<[&str; N]> for RestPath {
    fn from(segments: [&str; N]) -> Self {
        Self::from(segments.as_slice())
    }
}

impl From<&[&str]> for RestPath {
    fn from(segments: &[&str]) -> Self {
        Self {
            segments: segments.iter().map(|segment| (*segment).to_owned()).collect(),
            is_text: false,
        }
    }
}

impl RestPath {
    /// The path encoded, without a slash at its ends.
    ///
    /// # Errors
    /// For segments that are empty or would lead elsewhere (`.`, `..`), and for a query within a text.
    pub(super) fn encoded(&self) -> Result<String> {
        if self.is_text && self.segments.iter().any(|segment| segment.contains(['?', '#'])) {
            return Err(Error::invalid_input("the path holds a query").hint("give the query as an argument of its own"));
        }
        let bad = |segment: &String| matches!(segment.as_str(), "" | "." | "..");
        if self.segments.is_empty() || self.segments.iter().any(bad) {
            return Err(Error::invalid_input("a segment of the path is empty, or is . or ..")
                .hint("give a path such as Contacts, or segments such as [\"Contacts\", id]"));
        }
        let encoded = |segment: &String| utf8_percent_encode(segment, SEGMENT).to_string();
        Ok(self.segments.iter().map(encoded).collect::<Vec<_>>().join("/"))
    }

    /// What errors and traces name: the first segment, which is a module's name and no data.
    pub(super) fn name(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// The last segment: a field, where the path is that of a file.
    pub(super) fn last(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    pub(super) fn url(&self, instance: &Instance, version: &RestVersion, query: &[(&str, &str)]) -> Result<Url> {
        let mut url = instance.site_url().clone();
        url.set_path(&format!("{}rest/{version}/{}", url.path(), self.encoded()?));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: impl Into<RestPath>) -> Result<String> {
        let instance = Instance::parse("https://crm.example.com/crm").unwrap();
        let url = path.into().url(&instance, &RestVersion::default(), &[("q", "a b&c")])?;
        Ok(url.to_string())
    }

    #[test]
    fn segments_are_encoded_each_for_itself() {
        for (path, below) in [
            (RestPath::from("Contacts"), "Contacts"),
            (RestPath::from("/Contacts/filter/"), "Contacts/filter"),
            (RestPath::from(["Contacts", "a/b?c#d"]), "Contacts/a%2Fb%3Fc%23d"),
            (RestPath::from(["Contacts", "%2e%2e"]), "Contacts/%252e%252e"),
            (RestPath::from(["Contacts", "ü ;"]), "Contacts/%C3%BC%20%3B"),
            (RestPath::from(["Contacts", "..\\x"]), "Contacts/..%5Cx"),
        ] {
            assert_eq!(
                url(path).unwrap(),
                format!("https://crm.example.com/crm/rest/v11/{below}?q=a+b%26c")
            );
        }
    }

    #[test]
    fn no_path_leads_elsewhere() {
        for path in [
            "",
            "/",
            "Contacts//x",
            "../../index.php",
            "Contacts/../Users",
            "Contacts?x=1",
            "Contacts#x",
        ] {
            assert!(url(path).is_err(), "{path}");
        }
        for segment in ["", ".", ".."] {
            assert!(url(["Contacts", segment]).is_err(), "{segment}");
        }
        assert!(url([]).is_err());
    }
}
