//! The help of every command.

use crate::person::Person;

/// The commands that the program's help lists.
fn commands(person: &Person) -> Vec<String> {
    let help = person.runs(&["--help"]).output;
    let list = help.split("Commands:\n").nth(1).expect("a list");
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
    names.filter(|name| !name.is_empty() && name != "help").collect()
}

#[test]
fn every_command_has_help_with_examples_that_are_commands() {
    let person = Person::new();
    let commands = commands(&person);
    for expected in ["login", "status", "logout", "default"] {
        assert!(commands.iter().any(|name| name == expected), "{commands:?}");
    }
    for command in &commands {
        let ended = person.runs(&[command, "--help"]);
        ended.succeeded();
        let examples = ended.output.split("Examples:\n").nth(1);
        let examples = examples.unwrap_or_else(|| panic!("{command} has no examples"));
        let first = examples.lines().next().expect("an example");
        assert!(
            first.starts_with("  sugar-oauth ") && first.contains(command.as_str()),
            "{first}"
        );
        assert!(
            ended.output.lines().all(|line| line.chars().count() <= 100),
            "{}",
            ended.output
        );
    }
}

#[test]
fn help_names_the_statuses_and_usage_errors_have_one() {
    let person = Person::new();
    let help = person.runs(&["--help"]);
    for status in [
        "0 done",
        "1 failed",
        "2 usage",
        "3 not logged in",
        "4 refused",
        "5 partly done",
    ] {
        assert!(help.output.contains(status), "{}", help.output);
    }
    for arguments in [&[][..], &["nonsense"], &["status", "--nonsense"], &["status", "two"]] {
        let ended = person.runs(arguments);
        assert_eq!((ended.status, ended.output.as_str()), (Some(2), ""), "{arguments:?}");
    }
    for (arguments, told) in [
        (&["nonsense"][..], "there is no such command"),
        (&["status", "--nonsense=secret"], "there is no option --nonsense here"),
        (&["status", "-xsecret"], "there is no option -x here"),
        (&["status", "secret"], "there is an argument too many"),
        (
            &["login", "--api", "secret"],
            "--api <API> has a value that it does not know; it takes v4_1, v10, v11 or v11_N, such as v11_20",
        ),
        (
            &["login", "--port", "secret"],
            "--port <PORT> has a value that it does not know",
        ),
        (
            &["login", "--keep", "secret"],
            "--keep <KEEP> has a value that it does not know; it knows keyring, file",
        ),
        (&["login", "--port"], "--port <PORT> needs a value"),
        (&["login", "--port", "1", "--no-callback"], "exclude each other"),
        (&["--profile"], "--profile <NAME> needs a value"),
    ] {
        let ended = person.types(arguments).secret("secret").run();
        ended.failed(2, &[told, "--help"]);
    }
    let ended = person.runs(&["status", "--json", "--nonsense"]);
    assert_eq!(crate::person::json(&ended.errors)["status"], 2);
    let version = person.runs(&["--version"]);
    assert_eq!(version.output, concat!("sugar-oauth ", env!("CARGO_PKG_VERSION"), "\n"));
}
