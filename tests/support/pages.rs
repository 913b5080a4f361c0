//! The README and the other pages: their code blocks, commands, headings and links.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::path::{Path, PathBuf};

pub struct Page {
    /// Relative to the package, such as `docs/walk.md`.
    pub path: PathBuf,
    pub text: String,
}

pub struct Block {
    /// The line of its fence, counted from 1.
    pub line: usize,
    pub language: String,
    pub text: String,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Markdown file of the package, the README first.
pub fn all() -> Vec<Page> {
    let mut paths = vec![PathBuf::from("README.md"), PathBuf::from("CHANGELOG.md")];
    let mut docs: Vec<PathBuf> = std::fs::read_dir(root().join("docs"))
        .expect("docs")
        .map(|entry| Path::new("docs").join(entry.expect("an entry").file_name()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    docs.sort();
    paths.extend(docs);
    paths.into_iter().map(Page::read).collect()
}

impl Page {
    pub fn read(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let text = read(&path);
        Self { path, text }
    }

    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for (index, line) in self.text.lines().enumerate() {
            match line.strip_prefix("```") {
                Some(_) if open => open = false,
                Some(language) => {
                    open = true;
                    blocks.push(Block {
                        line: index + 1,
                        language: language.to_owned(),
                        text: String::new(),
                    });
                }
                None if open => {
                    let block = blocks.last_mut().expect("a block is open");
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                None => {}
            }
        }
        assert!(!open, "{}: a code block has no end", self.path.display());
        blocks
    }

    /// The commands that it tells the reader to type, in their order.
    pub fn commands(&self) -> Vec<String> {
        self.blocks()
            .iter()
            .filter(|block| block.language == "sh")
            .flat_map(|block| block.text.lines())
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    }

    /// Its lines outside of code blocks.
    pub fn prose(&self) -> Vec<&str> {
        let mut open = false;
        self.text
            .lines()
            .filter(|line| {
                let fence = line.starts_with("```");
                open ^= fence;
                !open && !fence
            })
            .collect()
    }

    pub fn headings(&self) -> Vec<&str> {
        self.prose()
            .into_iter()
            .filter(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim())
            .collect()
    }

    /// The targets of its links.
    pub fn links(&self) -> Vec<&str> {
        self.prose()
            .into_iter()
            .flat_map(|line| line.split("](").skip(1))
            .map(|rest| rest.split(')').next().unwrap_or_default())
            .collect()
    }
}

/// What stands between backticks in a line.
pub fn code_spans(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

/// The anchor that a heading gets where Markdown is shown.
pub fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|&character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}
