//! Field definitions, as the vardefs of a module give them.

use crate::sandbox::query::Kind;

/// A field of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// Its type by the vardefs: `id`, `name`, `varchar`, `text`, `enum`, `multienum`, `bool`, `int`, `double`,
    /// `currency`, `date`, `datetime`, `relate`, `parent_type`, `file`, `phone`, `url`, `assigned_user_name`.
    pub(crate) type_name: &'static str,
    /// Characters that the column holds, where the definition tells.
    pub(crate) len: Option<usize>,
    pub(crate) required: bool,
    /// Keys and labels of an `enum` or `multienum`.
    pub(crate) options: &'static [(&'static str, &'static str)],
    /// What a new record has when nothing is sent.
    pub(crate) default: Option<&'static str>,
    /// Of a `relate`: the field that holds the other record's id.
    pub(crate) id_name: &'static str,
    /// Of a `relate`: the module of the other record.
    pub(crate) related_module: &'static str,
    pub(super) source: Source,
}

/// Where a field's value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Table,
    /// In `<table>_cstm`, as fields are that an administrator added.
    Custom,
    /// Not in the record: SQL does not know it.
    Computed,
}

pub(super) const fn field(name: &'static str, type_name: &'static str) -> Field {
    Field {
        name,
        type_name,
        len: None,
        required: false,
        options: &[],
        default: None,
        id_name: "",
        related_module: "",
        source: Source::Table,
    }
}

pub(super) const fn varchar(name: &'static str, len: usize) -> Field {
    field(name, "varchar").len(len)
}

pub(super) const fn choice(name: &'static str, options: &'static [(&'static str, &'static str)]) -> Field {
    field(name, "enum").len(100).options(options)
}

/// The name of a related record, which is not in the record itself.
pub(super) const fn relate(name: &'static str, id_name: &'static str, module: &'static str) -> Field {
    let mut relate = field(name, "relate").computed();
    relate.id_name = id_name;
    relate.related_module = module;
    relate
}

impl Field {
    pub(crate) fn is_stored(&self) -> bool {
        self.source != Source::Computed
    }

    /// How the database compares it.
    pub(crate) fn column_kind(&self) -> Kind {
        match self.type_name {
            "bool" | "int" | "double" | "currency" => Kind::Number,
            "datetime" => Kind::DateTime,
            _ => Kind::Text,
        }
    }

    pub(super) const fn len(mut self, len: usize) -> Self {
        self.len = Some(len);
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn options(mut self, options: &'static [(&'static str, &'static str)]) -> Self {
        self.options = options;
        self
    }

    pub(super) const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    pub(super) const fn custom(mut self) -> Self {
        self.source = Source::Custom;
        self
    }

    pub(super) const fn computed(mut self) -> Self {
        self.source = Source::Computed;
        self
    }
}
