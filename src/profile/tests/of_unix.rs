//! Who can read what is kept, and links.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn only_this_user_can_read_what_is_kept() {
    let home = Home::new();
    let profiles = home.without_keyring();
    profiles.save(&profile("crm", URL), &credentials(), Keep::File).unwrap();
    assert_eq!(mode(&home.path()), 0o700);
    for name in ["crm.json", "default"] {
        assert_eq!(mode(&home.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn what_others_can_read_is_refused_with_the_way_to_mend_it() {
    let home = Home::new();
    let profiles = home.without_keyring();
    let saved = profiles.save(&profile("crm", URL), &credentials(), Keep::File).unwrap();
    let file = home.path().join("crm.json");
    for (path, good, bad) in [
        (file, 0o600, [0o640, 0o604, 0o620]),
        (home.path(), 0o700, [0o750, 0o701, 0o770]),
    ] {
        for bad in bad {
            set_mode(&path, bad);
            for error in [
                profiles.get("crm").unwrap_err(),
                profiles.credentials(&saved).unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::Storage);
                let text = error.to_string();
                assert!(text.contains(&format!("chmod {good:o} {}", path.display())), "{text}");
                tells_no_secret(&error);
            }
        }
        set_mode(&path, good);
        profiles.get("crm").unwrap();
    }
}

#[test]
fn symbolic_links_are_not_followed() {
    let home = Home::new();
    let profiles = home.without_keyring();
    profiles.save(&profile("crm", URL), &credentials(), Keep::File).unwrap();
    let (file, elsewhere) = (home.path().join("crm.json"), home.folder.path().join("elsewhere"));
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    let before = fs::read(&elsewhere).unwrap();
    assert_eq!(profiles.get("crm").unwrap_err().kind(), ErrorKind::Storage);
    let error = profiles
        .save(&profile("crm", URL), &credentials(), Keep::File)
        .unwrap_err();
    assert!(error.to_string().contains("symbolic links"), "{error}");
    assert_eq!(fs::read(&elsewhere).unwrap(), before);

    let (folder, moved) = (home.path(), home.folder.path().join("moved"));
    fs::remove_file(&file).unwrap();
    fs::rename(&folder, &moved).unwrap();
    symlink(&moved, &folder).unwrap();
    assert_eq!(profiles.names().unwrap_err().kind(), ErrorKind::Storage);
    let error = profiles
        .save(&profile("new", URL), &credentials(), Keep::File)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(!moved.join("new.json").exists());
}
