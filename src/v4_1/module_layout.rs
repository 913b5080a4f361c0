//! How a module's pages are laid out.

use serde_json::Value;

use super::{Method, members, sealed};
use crate::error::Result;
use crate::rest::{Arguments, invalid_answer};

/// Which layouts are asked for: all combinations of modules, types and views.
#[derive(Debug, Clone)]
struct Wanted {
    modules: Vec<String>,
    types: Vec<String>,
    views: Vec<String>,
    acl_check: Option<bool>,
}

impl Wanted {
    fn new<I: IntoIterator<Item = S>, S: Into<String>>(modules: I) -> Self {
        Self {
            modules: modules.into_iter().map(Into::into).collect(),
            types: vec![String::from("default")],
            views: vec![String::from("list")],
            acl_check: None,
        }
    }
}

macro_rules! layout_settings {
    () => {
        /// For these modules: their list views of the type `default`.
        pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(modules: I) -> Self {
            Self {
                wanted: Wanted::new(modules),
            }
        }

        /// Of these types: `default` or `wireless`.
        pub fn types<I: IntoIterator<Item = S>, S: Into<String>>(mut self, types: I) -> Self {
            self.wanted.types = types.into_iter().map(Into::into).collect();
            self
        }

        /// These views: `list`, `detail`, `edit`, `subpanel`.
        pub fn views<I: IntoIterator<Item = S>, S: Into<String>>(mut self, views: I) -> Self {
            self.wanted.views = views.into_iter().map(Into::into).collect();
            self
        }

        /// Leaves out what the user may not see. Default: yes.
        pub fn acl_check(mut self, check: bool) -> Self {
            self.wanted.acl_check = Some(check);
            self
        }
    };
}

/// `get_module_layout`: how views of modules are laid out.
///
/// ```
/// use sugar_oauth::v4_1::GetModuleLayout;
/// let layouts = GetModuleLayout::new(["Notes"]).views(["list", "edit"]);
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetModuleLayout {
    wanted: Wanted,
}

impl GetModuleLayout {
    layout_settings!();
}

/// Layouts by module, type and view, each in the server's own form, which differs by view.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::{GetModuleLayout, ModuleLayouts};
///
/// let layouts: ModuleLayouts = session.call(&GetModuleLayout::new(["Notes", "Calls"]).types(["default"])).await?;
/// for module in layouts.modules() {
///     println!("{module}: {:?}", layouts.get(module, "default", "list"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleLayouts {
    layouts: Value,
}

impl ModuleLayouts {
    /// One layout; `None` where the module has none of that kind.
    pub fn get(&self, module: &str, kind: &str, view: &str) -> Option<&Value> {
        self.layouts.get(module)?.get(kind)?.get(view)
    }

    /// The modules that came.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.layouts
            .as_object()
            .into_iter()
            .flat_map(|modules| modules.keys().map(String::as_str))
    }
}

impl sealed::Sealed for GetModuleLayout {}

impl Method for GetModuleLayout {
    const NAME: &'static str = "get_module_layout";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = ModuleLayouts;

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("a_module_names", self.wanted.modules.clone())
            .with("a_type", self.wanted.types.clone())
            .with("a_view", self.wanted.views.clone())
            .with_some("acl_check", self.wanted.acl_check)
    }

    fn read(&self, result: Value) -> Result<ModuleLayouts> {
        read_layouts(result)
    }
}

/// `get_module_layout_md5`: digests of the same, to see whether layouts changed.
///
/// ```no_run
/// # async fn example(session: &sugar_oauth::Session) -> sugar_oauth::Result<()> {
/// use sugar_oauth::v4_1::GetModuleLayoutMd5;
///
/// // Also the layouts of modules that the user may not see.
/// let digests = session.call(&GetModuleLayoutMd5::new(["Notes"]).views(["edit"]).acl_check(false)).await?;
/// println!("{:?}", digests.get("Notes", "default", "edit"));
/// # Ok(())
/// # }
/// ```
#[must_use = "a method does nothing until it is called"]
#[derive(Debug, Clone)]
pub struct GetModuleLayoutMd5 {
    wanted: Wanted,
}

impl GetModuleLayoutMd5 {
    layout_settings!();
}

impl sealed::Sealed for GetModuleLayoutMd5 {}

impl Method for GetModuleLayoutMd5 {
    const NAME: &'static str = "get_module_layout_md5";
    const REPEATABLE: bool = true;
    const SIGNED: bool = true;
    type Answer = ModuleLayouts;

    fn arguments(&self) -> Arguments {
        Arguments::new()
            .with("module_name", self.wanted.modules.clone())
            .with("type", self.wanted.types.clone())
            .with("view", self.wanted.views.clone())
            .with_some("acl_check", self.wanted.acl_check)
    }

    fn read(&self, mut result: Value) -> Result<ModuleLayouts> {
        match result.get_mut("md5").map(Value::take) {
            Some(digests) => read_layouts(digests),
            None => Err(invalid_answer("the digests are not of the documented shape")),
        }
    }
}

fn read_layouts(layouts: Value) -> Result<ModuleLayouts> {
    match members(Some(&layouts)) {
        Some(_) => Ok(ModuleLayouts { layouts }),
        None => Err(invalid_answer("the layouts are not of the documented shape")),
    }
}
