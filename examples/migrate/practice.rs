//! The practice instances: attachments for the old one, which has none, and a new one that is empty.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::TryStreamExt;
use sugar_oauth::oauth2::{self, Platform};
use sugar_oauth::sandbox::{Flavour, Sandbox};
use sugar_oauth::v4_1::{Entry, SetNoteAttachment};
use sugar_oauth::{Instance, Password, Session};

use crate::Failure;

const PLATFORM: &str = "data_migration";
/// So many notes get a file.
const ATTACHMENTS: usize = 4;

pub async fn attach_files(old: &Session) -> Result<(), Failure> {
    let notes: Vec<Entry> = old.records("Notes").select(["name"]).entries().try_collect().await?;
    for (number, note) in notes.iter().take(ATTACHMENTS).enumerate() {
        let content = BASE64_STANDARD.encode(format!("Attachment {number}\n"));
        let file = SetNoteAttachment::new(note.id(), format!("minutes-{number}.txt"), content);
        old.call(&file).await?;
    }
    Ok(())
}

pub async fn new() -> Result<(Sandbox, oauth2::Session), Failure> {
    let sandbox = Sandbox::builder()
        .flavour(Flavour::Sugar11)
        .platform(PLATFORM)
        .keep_dates_and_authors(true)
        .start()
        .await
        .map_err(|error| Failure::own(format!("the practice instance does not start: {}", error.kind())))?;
    let client = oauth2::Client::builder(Instance::parse(sandbox.url())?, Platform::new(PLATFORM)?).build();
    let password = Password::new(sandbox.password());
    let session = client.password(sandbox.user_name(), password).await?;
    Ok((sandbox, session))
}
