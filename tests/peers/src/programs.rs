//! Where the peers' programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of this package, where the peers' scripts stand.
pub fn scripts() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program on the `PATH`.
///
/// # Panics
/// Without it, with the name of the Debian package.
pub fn program(name: &str, debian_package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{name}` is not installed: it is in Debian's package `{debian_package}`"))
}

/// PHP with an extension, which is in Debian's package `php-EXTENSION`.
///
/// # Panics
/// Without one of them, with the name of the Debian package.
pub fn php_with(extension: &str) -> Command {
    let php = program("php", "php-cli");
    let look = format!("exit(extension_loaded('{extension}') ? 0 : 1);");
    let loaded = Command::new(&php).args(["-r", &look]).status();
    assert!(
        loaded.is_ok_and(|status| status.success()),
        "PHP's extension `{extension}` is not installed: it is in Debian's package `php-{extension}`"
    );
    without_proxy(Command::new(php))
}

/// Bash, for a script that runs curl.
///
/// # Panics
/// Without one of them, with the name of the Debian package.
pub fn bash_with_curl() -> Command {
    program("curl", "curl");
    without_proxy(Command::new(program("bash", "bash")))
}

/// Python with its standard library alone.
///
/// # Panics
/// Without it, with the name of the Debian package.
pub fn python() -> Command {
    let mut command = Command::new(program("python3", "python3"));
    // No package of this machine's, whatever its locale is.
    command.arg("-I").args(["-X", "utf8"]);
    without_proxy(command)
}

/// The Python of the virtualenv that holds `pypi_package`.
///
/// The virtualenvs are in the folder that `SUGAR_PEERS_VENVS` names, or else in `target/peers-venvs`.
///
/// # Panics
/// Without it, with the name of the PyPI package and of the script that installs it.
pub fn python_with(pypi_package: &str) -> Command {
    let folder = std::env::var_os("SUGAR_PEERS_VENVS")
        .map(PathBuf::from)
        .unwrap_or_else(|| scripts().join("../../target/peers-venvs"));
    let python = folder.join(pypi_package).join("bin/python");
    let look = format!("import importlib.metadata; importlib.metadata.version('{pypi_package}')");
    let installed = Command::new(&python).args(["-c", &look]).status();
    assert!(
        installed.is_ok_and(|status| status.success()),
        "the PyPI package `{pypi_package}` is not installed in {}: run tests/peers/install",
        folder.display()
    );
    let mut command = Command::new(python);
    // Whatever this machine's locale is.
    command.env("PYTHONUTF8", "1");
    without_proxy(command)
}

/// The peers talk to loopback, whatever proxy leads out of this machine.
fn without_proxy(mut command: Command) -> Command {
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command
}
