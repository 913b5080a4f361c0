//! Fields and links that many modules have.

use crate::sandbox::crm::field::{Field, field, relate};
use crate::sandbox::crm::module::{Join, Link};

pub(super) const ID: Field = field("id", "id").len(36).required();
pub(super) const DATE_ENTERED: Field = field("date_entered", "datetime");
pub(super) const DATE_MODIFIED: Field = field("date_modified", "datetime");
pub(super) const MODIFIED_USER_ID: Field = field("modified_user_id", "assigned_user_name").len(36);
pub(super) const CREATED_BY: Field = field("created_by", "assigned_user_name").len(36);
pub(super) const DESCRIPTION: Field = field("description", "text");
pub(super) const DELETED: Field = field("deleted", "bool").default("0");
pub(super) const ASSIGNED_USER_ID: Field = field("assigned_user_id", "relate").len(36);
pub(super) const PARENT_TYPE: Field = field("parent_type", "parent_type")
    .len(255)
    .options(super::options::PARENT_TYPES);
pub(super) const PARENT_ID: Field = field("parent_id", "id").len(36);

pub(super) const ASSIGNED_USER_NAME: Field = relate("assigned_user_name", "assigned_user_id", "Users");
pub(super) const CREATED_BY_NAME: Field = relate("created_by_name", "created_by", "Users");
pub(super) const MODIFIED_BY_NAME: Field = relate("modified_by_name", "modified_user_id", "Users");
pub(super) const EMAIL1: Field = field("email1", "varchar").len(255).computed();

/// A many-to-many link from the left end of its relationship.
pub(super) const fn left(name: &'static str, relationship: &'static str, module: &'static str) -> Link {
    Link {
        name,
        relationship,
        module,
        join: Join::Table { left: true },
    }
}

/// A many-to-many link from the right end of its relationship.
pub(super) const fn right(name: &'static str, relationship: &'static str, module: &'static str) -> Link {
    Link {
        name,
        relationship,
        module,
        join: Join::Table { left: false },
    }
}

/// To the records whose `field` holds the id of this one.
pub(super) const fn many(
    name: &'static str,
    relationship: &'static str,
    module: &'static str,
    field: &'static str,
) -> Link {
    Link {
        name,
        relationship,
        module,
        join: Join::Theirs { field, by_type: false },
    }
}

/// To the records whose `parent_id` holds the id of this one.
pub(super) const fn children(name: &'static str, relationship: &'static str, module: &'static str) -> Link {
    Link {
        name,
        relationship,
        module,
        join: Join::Theirs {
            field: "parent_id",
            by_type: true,
        },
    }
}

/// To the record whose id stands in `field`.
pub(super) const fn one(
    name: &'static str,
    relationship: &'static str,
    module: &'static str,
    field: &'static str,
) -> Link {
    Link {
        name,
        relationship,
        module,
        join: Join::Own { field, by_type: false },
    }
}

/// To the record whose id stands in `parent_id`.
pub(super) const fn parent(name: &'static str, relationship: &'static str, module: &'static str) -> Link {
    Link {
        name,
        relationship,
        module,
        join: Join::Own {
            field: "parent_id",
            by_type: true,
        },
    }
}
