//! Keeps the access token in a file that a shell can source.

use std::path::Path;

use sugar_oauth::{AccessToken, Client};

use crate::failure::Failure;
use crate::private_file::PrivateFile;

/// Where to keep it: checked before anyone is sent to a browser for nothing.
pub struct Target {
    file: PrivateFile,
}

impl Target {
    /// Checks that a file can be put there.
    pub fn new(path: &Path) -> Result<Self, Failure> {
        PrivateFile::new("--save", path).map(|file| Self { file })
    }

    /// Writes the file whole or not at all.
    pub fn write(&self, client: &Client, token: &AccessToken, signing_url: Option<&str>) -> Result<(), Failure> {
        let mut lines = vec![
            ("SUGAR_URL", client.instance().site_url().as_str().trim_end_matches('/')),
            ("SUGAR_CONSUMER_KEY", client.consumer_key().unwrap_or_default()),
            ("SUGAR_ACCESS_TOKEN", token.token()),
            ("SUGAR_ACCESS_TOKEN_SECRET", token.secret().expose()),
        ];
        lines.extend(signing_url.map(|url| ("SUGAR_SIGNING_URL", url)));
        let lines = lines.into_iter();
        let text: String = lines
            .map(|(name, value)| format!("export {name}={}\n", quoted(value)))
            .collect();
        self.file.write(text.as_bytes())
    }

    /// The path, fit to be shown.
    pub fn shown(&self) -> String {
        self.file.shown()
    }
}

/// A word of the POSIX shell, whatever it holds.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}
