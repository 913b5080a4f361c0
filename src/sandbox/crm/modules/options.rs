//! The choices of enumerated fields: keys and their labels in English.

type Options = &'static [(&'static str, &'static str)];

/// What a note, a call or a meeting may belong to, modules that this instance has no records of included.
pub(super) const PARENT_TYPES: Options = &[
    ("Accounts", "Account"),
    ("Contacts", "Contact"),
    ("Tasks", "Task"),
    ("Opportunities", "Opportunity"),
    ("Bugs", "Bug"),
    ("Cases", "Case"),
    ("Leads", "Lead"),
    ("Cases", "Case"),
    ("Tasks", "Task"),
    ("Project", "Project"),
    ("ProjectTask", "Project Task"),
    ("Prospects", "Target"),
    ("AOS_Contracts", "Contract"),
    ("AOS_Invoices", "Invoice"),
    ("AOS_Quotes", "Quote"),
    ("AOS_Products", "Product"),
];

pub(super) const ACCOUNT_TYPES: Options = &[
    ("", ""),
    ("Analyst", "Analyst"),
    ("Competitor", "Competitor"),
    ("Customer", "Customer"),
    ("Integrator", "Integrator"),
    ("Investor", "Investor"),
    ("Partner", "Partner"),
    ("Press", "Press"),
    ("Prospect", "Prospect"),
    ("Reseller", "Reseller"),
    ("Other", "Other"),
];

pub(super) const INDUSTRIES: Options = &[
    ("", ""),
    ("Banking", "Banking"),
    ("Education", "Education"),
    ("Energy", "Energy"),
    ("Shipping", "Shipping"),
    ("Technology", "Technology"),
    ("Other", "Other"),
];

/// A field with several choices, as an administrator would add it.
pub(super) const INTERESTS: Options = &[
    ("training", "Training"),
    ("support", "Support"),
    ("hosting", "Hosting"),
    ("R&D", "Research & development"),
];

pub(super) const SALUTATIONS: Options = &[
    ("", ""),
    ("Mr.", "Mr."),
    ("Ms.", "Ms."),
    ("Mrs.", "Mrs."),
    ("Dr.", "Dr."),
    ("Prof.", "Prof."),
];

pub(super) const LEAD_SOURCES: Options = &[
    ("", ""),
    ("Cold Call", "Cold Call"),
    ("Existing Customer", "Existing Customer"),
    ("Partner", "Partner"),
    ("Trade Show", "Trade Show"),
    ("Web Site", "Web Site"),
    ("Word of mouth", "Word of mouth"),
    ("Other", "Other"),
];

pub(super) const LEAD_STATUS: Options = &[
    ("", ""),
    ("New", "New"),
    ("Assigned", "Assigned"),
    ("In Process", "In Process"),
    ("Converted", "Converted"),
    ("Recycled", "Recycled"),
    ("Dead", "Dead"),
];

pub(super) const SALES_STAGES: Options = &[
    ("Prospecting", "Prospecting"),
    ("Qualification", "Qualification"),
    ("Needs Analysis", "Needs Analysis"),
    ("Value Proposition", "Value Proposition"),
    ("Proposal/Price Quote", "Proposal/Price Quote"),
    ("Negotiation/Review", "Negotiation/Review"),
    ("Closed Won", "Closed Won"),
    ("Closed Lost", "Closed Lost"),
];

pub(super) const OPPORTUNITY_TYPES: Options = &[
    ("", ""),
    ("Existing Business", "Existing Business"),
    ("New Business", "New Business"),
];

pub(super) const ACTIVITY_STATUS: Options = &[("Planned", "Planned"), ("Held", "Held"), ("Not Held", "Not Held")];

pub(super) const CASE_STATUS: Options = &[
    ("Open_New", "New"),
    ("Open_Assigned", "Assigned"),
    ("Closed_Closed", "Closed"),
    ("Open_Pending Input", "Pending Input"),
];

pub(super) const TASK_STATUS: Options = &[
    ("Not Started", "Not Started"),
    ("In Progress", "In Progress"),
    ("Completed", "Completed"),
    ("Deferred", "Deferred"),
];

pub(super) const PRIORITIES: Options = &[("High", "High"), ("Medium", "Medium"), ("Low", "Low")];

pub(super) const DIRECTIONS: Options = &[("Inbound", "Inbound"), ("Outbound", "Outbound")];

pub(super) const DOCUMENT_STATUS: Options = &[
    ("Active", "Active"),
    ("Draft", "Draft"),
    ("FAQ", "FAQ"),
    ("Expired", "Expired"),
    ("Under Review", "Under Review"),
    ("Pending", "Pending"),
];

pub(super) const DOCUMENT_CATEGORIES: Options = &[
    ("", ""),
    ("Marketing", "Marketing"),
    ("Knowledege Base", "Knowledge Base"),
    ("Sales", "Sales"),
];

pub(super) const EMAIL_STATUS: Options = &[
    ("archived", "Archived"),
    ("draft", "Draft"),
    ("read", "Read"),
    ("sent", "Sent"),
    ("unread", "Unread"),
];

pub(super) const USER_STATUS: Options = &[("Active", "Active"), ("Inactive", "Inactive")];

pub(super) const CURRENCY_STATUS: Options = &[("Active", "Active"), ("Inactive", "Inactive")];
