//! How calls are refused.

use crate::sandbox::crm::{CrmError, DATABASE_FAILURE};
use serde_json::{Value, json};

/// An error that the API names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ApiError {
    name: &'static str,
    number: i64,
    description: &'static str,
}

impl ApiError {
    pub(crate) const INVALID_LOGIN: Self = Self {
        name: "Invalid Login",
        number: 10,
        description: "Login attempt failed please check the username and password",
    };
    pub(crate) const INVALID_SESSION: Self = Self {
        name: "Invalid Session ID",
        number: 11,
        description: "The session ID is invalid",
    };
    pub(crate) const NO_MODULE: Self = Self {
        name: "Module Does Not Exist",
        number: 20,
        description: "This module is not available on this server",
    };
    pub(crate) const NO_ACCESS: Self = Self {
        name: "Access Denied",
        number: 40,
        description: "You do not have access",
    };
    /// A document revision that is not there.
    pub(crate) const NO_RECORDS: Self = Self {
        name: "No Records",
        number: 51,
        description: "No records were found.",
    };
    pub(crate) const NO_MERGE_DATA: Self = Self {
        name: "Invalid set_campaign_merge data",
        number: 1005,
        description: "set_campaign_merge: Merge action status will not be updated, because, campaign_id is null or no \
                      targets were selected",
    };
    pub(crate) const INVALID_DATA: Self = Self {
        name: "Invalid data",
        number: 1001,
        description: "The data is not valid",
    };
    /// An unknown method. The only number that is sent as a text.
    pub(crate) const INVALID_CALL: Self = Self {
        name: "An Undefined Error - invalid_call occurred",
        number: -1,
        description: "There is no error definition for invalid_call",
    };

    pub(crate) fn to_json(self) -> Value {
        let number = if self.number < 0 {
            json!(self.number.to_string())
        } else {
            json!(self.number)
        };
        json!({"name": self.name, "number": number, "description": self.description})
    }
}

/// An uncaught PHP exception.
#[derive(Clone, Debug)]
pub(crate) struct Fatal {
    class: &'static str,
    message: String,
}

impl Fatal {
    pub(crate) fn oauth(message: &str) -> Self {
        Self {
            class: "Zend_Oauth_Exception",
            message: message.to_owned(),
        }
    }

    pub(crate) fn new(class: &'static str, message: String) -> Self {
        Self { class, message }
    }

    /// What `display_errors` shows of it.
    pub(crate) fn page(&self) -> String {
        let Self { class, message } = self;
        format!(
            "<br />\n<b>Fatal error</b>:  Uncaught {class}: {message} in /var/www/html/include/SugarOAuthServer.php:1\n\
             Stack trace:\n#0 {{main}}\n  thrown in <b>/var/www/html/include/SugarOAuthServer.php</b> on line \
             <b>1</b><br />\n"
        )
    }
}

/// Why a call has no result.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// Answered with an error of the API.
    Api(ApiError),
    /// Answered `null`.
    Null,
    /// Answered with an empty 500.
    Fatal(Fatal),
    /// Answered with a 500 and this text.
    Database(&'static str),
}

impl From<CrmError> for Refusal {
    fn from(error: CrmError) -> Self {
        match error {
            CrmError::ModuleUnknown => Self::Api(ApiError::NO_MODULE),
            CrmError::AccessDenied => Self::Api(ApiError::NO_ACCESS),
            CrmError::SqlFailure => Self::Database(DATABASE_FAILURE),
            CrmError::InvalidData => Self::Api(ApiError::INVALID_DATA),
            CrmError::Nothing => Self::Null,
        }
    }
}
