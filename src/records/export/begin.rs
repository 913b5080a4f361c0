//! How a run begins, or goes on with what an earlier one left: what it is asked for, and what the folder holds.

use super::checkpoint::Checkpoint;
use super::folder::{self, Folder};
use super::targets::{self, Target};
use super::{Export, Manifest, credentials, jobs, manifest};
use crate::error::{Error, Result};
use crate::printable::printable;
use crate::utc::UtcTime;
use crate::v4_1::{GetModuleFields, GetServerInfo};

const MANIFEST: &str = "manifest.json";

impl Export {
    pub(super) fn check(&self) -> Result<()> {
        self.settings.check()?;
        let mut fields = self.settings.fields.iter();
        if let Some(secret) = fields.find(|name| credentials::is_credential_name(name))
            && !self.settings.include_credentials
        {
            let shown = printable(secret);
            return Err(Error::invalid_input(format!(
                "the field {shown} holds credentials, which leave only when include_credentials is set too"
            )));
        }
        Ok(())
    }

    pub(super) async fn describe(&self) -> Result<Manifest> {
        let info = self.session.call(&GetServerInfo).await?;
        let user_id = self.session.get_user_id().await?;
        Ok(Manifest {
            version: manifest::VERSION,
            instance: self.session.client().instance().site_url().to_string(),
            product: info.product(),
            user_id,
            settings: self.settings.clone(),
            started: UtcTime::now().to_string(),
            finished: None,
            complete: false,
            files: Vec::new(),
            left_out: Vec::new(),
            not_in_v4_1: manifest::NOT_IN_V4_1.map(str::to_owned).to_vec(),
        })
    }

    /// Finds what there is to write.
    pub(super) async fn begin(&self) -> Result<Checkpoint> {
        let (targets, mut left_out) = targets::find(&self.session, &self.settings).await?;
        let body_fields = self.body_fields(&targets).await?;
        let jobs = jobs::jobs(&self.settings, &targets, &body_fields, &mut left_out);
        Ok(Checkpoint::new(jobs, left_out))
    }

    /// The fields that e-mails get from EmailText, where there is one.
    async fn body_fields(&self, targets: &[Target]) -> Result<Vec<String>> {
        if !targets.iter().any(|target| target.module == "Emails") {
            return Ok(Vec::new());
        }
        match self.session.call(&GetModuleFields::new("EmailText")).await {
            Ok(about) => {
                let names = about.fields.into_iter().map(|field| field.name);
                Ok(names
                    .filter(|name| !matches!(name.as_str(), "id" | "email_id" | "deleted"))
                    .collect())
            }
            Err(error) if error.api().is_some() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn folders(&self) -> Vec<&'static str> {
        let mut folders = Vec::new();
        if self.settings.links {
            folders.push("links");
        }
        if self.settings.files {
            folders.extend(["files", "files/Notes", "files/DocumentRevisions"]);
        }
        folders
    }
}

impl Manifest {
    /// What an earlier run of this export left; `None` in an empty folder.
    pub(super) fn earlier(&self, folder: &Folder) -> Result<Option<Self>> {
        let earlier = there(folder)?;
        earlier.iter().try_for_each(|earlier| self.same_export(earlier))?;
        Ok(earlier)
    }

    /// Refuses to go on with what another export has begun.
    fn same_export(&self, earlier: &Self) -> Result<()> {
        let other = if earlier.version != self.version {
            "was begun by another version of this crate"
        } else if earlier.instance != self.instance {
            "holds an export of another instance"
        } else if earlier.user_id != self.user_id {
            "holds an export by another user"
        } else if earlier.settings != self.settings {
            "holds an export with other settings"
        } else {
            return Ok(());
        };
        Err(Error::invalid_input(format!("the folder {other}"))
            .hint("give another folder, or repeat what was asked for then"))
    }
}

/// The manifest that an earlier run left; `None` in an empty folder.
fn there(folder: &Folder) -> Result<Option<Manifest>> {
    match folder.read(MANIFEST)? {
        Some(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
            Error::invalid_input("the folder's manifest.json is no manifest of an export").hint("give an empty folder")
        }),
        None if folder.is_empty_but(MANIFEST)? => Ok(None),
        None => Err(Error::invalid_input("the folder is not empty and holds no export").hint("give an empty folder")),
    }
}

/// Removes what is there only while an export is not finished.
pub(super) fn tidy(folder: &Folder) -> Result<()> {
    Checkpoint::remove(folder)?;
    folder.remove(folder::LOCK)
}

pub(super) fn put(folder: &Folder, manifest: &Manifest) -> Result<()> {
    let mut json =
        serde_json::to_vec_pretty(manifest).map_err(|_| Error::invalid_input("the manifest cannot be written"))?;
    json.push(b'\n');
    folder.write(MANIFEST, &json)
}
