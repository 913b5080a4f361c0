//! `get_available_modules`.

use super::Call;
use super::errors::Refusal;
use super::table::Argument::Optional;
use super::table::{Door, Method, SESSION};
use crate::sandbox::Flavour;
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[Method {
    name: "get_available_modules",
    arguments: &[SESSION, Optional("filter")],
    door: Door::Session(available_modules),
}];

/// So many of [`MODULES`], from the first, are those with a tab, which the filter `default` names.
const WITH_TAB: usize = 32;

/// The modules that the filter `mobile` names.
const MOBILE: [&str; 8] = [
    "Accounts",
    "Contacts",
    "Opportunities",
    "Leads",
    "Calls",
    "Meetings",
    "Tasks",
    "Cases",
];

/// How the names of modules begin that SuiteCRM added to SugarCRM CE 6.5.
const ADDED_BY_SUITECRM: [&str; 15] = [
    "AM_",
    "AOBH_",
    "AOD_",
    "AOK_",
    "AOP_",
    "AOR_",
    "AOS_",
    "AOW_",
    "FP_",
    "jjwg_",
    "External",
    "OAuth2",
    "Reminders",
    "SecurityGroups",
    "Survey",
];

fn available_modules(call: &Call<'_>) -> Result<Value, Refusal> {
    let filter = call.arguments.text("filter");
    let of_65 = call.server.config.flavour == Flavour::SugarCe65;
    let chosen = MODULES.iter().enumerate().filter(|(place, (key, _))| {
        let added = ADDED_BY_SUITECRM.iter().any(|start| key.starts_with(start));
        let asked = match filter.as_str() {
            "default" => *place < WITH_TAB,
            "mobile" => MOBILE.contains(key),
            _ => true,
        };
        asked && !(of_65 && added)
    });
    let modules: Vec<Value> = chosen.map(|(_, (key, label))| module(key, label)).collect();
    Ok(json!({ "modules": modules }))
}

fn module(key: &str, label: &str) -> Value {
    let actions = ["edit", "delete", "list", "view", "import", "export"];
    let acls = actions.map(|action| json!({"action": action, "access": true}));
    json!({"module_key": key, "module_label": label, "favorite_enabled": false, "acls": acls})
}

/// Key and label of each module, in the server's order.
pub(super) const MODULES: &[(&str, &str)] = &[
    ("Home", "Home"),
    ("Accounts", "Accounts"),
    ("Contacts", "Contacts"),
    ("Opportunities", "Opportunities"),
    ("Leads", "Leads"),
    ("AOS_Quotes", "Quotes"),
    ("Calendar", "Calendar"),
    ("Documents", "Documents"),
    ("Emails", "Emails"),
    ("Spots", "Spots"),
    ("Campaigns", "Campaigns"),
    ("Calls", "Calls"),
    ("Meetings", "Meetings"),
    ("Tasks", "Tasks"),
    ("Notes", "Notes"),
    ("AOS_Invoices", "Invoices"),
    ("AOS_Contracts", "Contracts"),
    ("Cases", "Cases"),
    ("Prospects", "Targets"),
    ("ProspectLists", "Targets - Lists"),
    ("Project", "Projects"),
    ("AM_ProjectTemplates", "Projects - Templates"),
    ("FP_events", "Events"),
    ("FP_Event_Locations", "Locations"),
    ("AOS_Products", "Products"),
    ("AOS_Product_Categories", "Products - Categories"),
    ("AOS_PDF_Templates", "PDF - Templates"),
    ("AOR_Reports", "Reports"),
    ("AOK_KnowledgeBase", "Knowledge Base"),
    ("AOK_Knowledge_Base_Categories", "KB - Categories"),
    ("EmailTemplates", "Email - Templates"),
    ("Surveys", "Surveys"),
    ("Administration", "Administration"),
    ("Currencies", "Currencies"),
    ("CustomFields", ""),
    ("Connectors", "Connectors"),
    ("Dropdown", ""),
    ("Dynamic", ""),
    ("DynamicFields", ""),
    ("DynamicLayout", ""),
    ("EditCustomFields", ""),
    ("Help", ""),
    ("Import", ""),
    ("MySettings", ""),
    ("FieldsMetaData", ""),
    ("UpgradeWizard", "Upgrade Wizard"),
    ("Trackers", "Trackers"),
    ("Employees", "Employees"),
    ("Releases", "Releases"),
    ("Sync", "Sync"),
    ("Users", "Users"),
    ("Versions", ""),
    ("LabelEditor", ""),
    ("Roles", "Roles"),
    ("EmailMarketing", "Email Marketing"),
    ("OptimisticLock", ""),
    ("TeamMemberships", ""),
    ("TeamSets", ""),
    ("TeamSetModule", ""),
    ("Audit", ""),
    ("MailMerge", ""),
    ("MergeRecords", ""),
    ("EmailAddresses", "Email Address"),
    ("EmailText", ""),
    ("Schedulers", "Schedulers"),
    ("Schedulers_jobs", ""),
    ("CampaignTrackers", ""),
    ("CampaignLog", "Campaign Log"),
    ("EmailMan", ""),
    ("Groups", ""),
    ("InboundEmail", "Inbound Email"),
    ("ACLActions", ""),
    ("ACLRoles", "Roles"),
    ("DocumentRevisions", "Document Revisions"),
    ("ProjectTask", "Project Tasks"),
    ("ModuleBuilder", ""),
    ("Alert", ""),
    ("ResourceCalendar", "Resource Calendar"),
    ("AOBH_BusinessHours", "Business Hours"),
    ("ACL", ""),
    ("Configurator", ""),
    ("UserPreferences", ""),
    ("SavedSearch", "Saved Searches"),
    ("Studio", ""),
    ("SugarFeed", "SuiteCRM Feed"),
    ("EAPM", "EAPM"),
    ("OAuthKeys", "OAuth Consumer Keys"),
    ("OAuthTokens", "OAuth Tokens"),
    ("AM_TaskTemplates", "Project Task Templates"),
    ("Reminders", ""),
    ("Reminders_Invitees", ""),
    ("AOD_IndexEvent", "Index Event"),
    ("AOD_Index", "Index"),
    ("AOP_Case_Events", "Case Events"),
    ("AOP_Case_Updates", "Case Updates"),
    ("AOR_Fields", "Report Fields"),
    ("AOR_Charts", "Report Charts"),
    ("AOR_Conditions", "Report Conditions"),
    ("AOS_Products_Quotes", "Line Items"),
    ("AOS_Line_Item_Groups", "Line Item Groups"),
    ("AOW_Actions", "WorkFlow Actions"),
    ("AOW_Processed", "Process Audit"),
    ("AOW_Conditions", "WorkFlow Conditions"),
    ("Calls_Reschedule", "Calls Reschedule"),
    ("OutboundEmailAccounts", "Outbound Email Accounts"),
    ("ExternalOAuthConnection", "External OAuth Connection"),
    ("ExternalOAuthProvider", "External OAuth Provider"),
    ("TemplateSectionLine", "Template Section Line"),
    ("OAuth2Tokens", "OAuth Tokens"),
    ("OAuth2Clients", "OAuth Clients"),
    ("SurveyResponses", "Survey Responses"),
    ("SurveyQuestionResponses", "Survey Question Responses"),
    ("SurveyQuestions", "Survey Questions"),
    ("SurveyQuestionOptions", "Survey Question Options"),
    ("Alerts", "Alerts"),
    ("Bugs", "Bugs"),
    ("jjwg_Maps", "Maps"),
    ("jjwg_Address_Cache", "Maps - Address Cache"),
    ("jjwg_Areas", "Maps - Areas"),
    ("jjwg_Markers", "Maps - Markers"),
    ("AOR_Scheduled_Reports", "Scheduled Reports"),
    ("SecurityGroups", "Security Suite Management"),
    ("AOW_WorkFlow", "WorkFlow"),
];
