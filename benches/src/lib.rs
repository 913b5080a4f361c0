//! What several benches need.

/// A `get_entry_list` call's arguments, 300 bytes of them, as a client sends them.
pub const REST_DATA: &str = "{\"session\":\"\",\"module_name\":\"Contacts\",\"query\":\"contacts.last_name LIKE 'M%' AND \
    contacts.id > '8aabe1eb-2e1a-91f6-d7ec-010d91d07b29'\",\"order_by\":\"contacts.id\",\"offset\":0,\"select_fields\":\
    [\"id\",\"first_name\",\"last_name\",\"phone_work\",\"date_modified\"],\"link_name_to_fields_array\":[],\"max_results\":250,\"deleted\":0}";
