"""Logs in with the PyPI client `sugarcrm` and lists contacts, twenty at a time, until an empty page.

SUGAR_REST_URL, SUGAR_USER and SUGAR_PASSWORD say where and who. Prints one JSON object.
"""

import json
import os

import sugarcrm

session = sugarcrm.Session(os.environ["SUGAR_REST_URL"], os.environ["SUGAR_USER"], os.environ["SUGAR_PASSWORD"])
modules = [module.module_key for module in session.get_available_modules()]
contacts = []
while page := session.get_entry_list(sugarcrm.Contact(), max_results=20, offset=len(contacts)):
    contacts += [
        {field: getattr(contact, field, None) for field in ("id", "first_name", "last_name")} for contact in page
    ]
print(json.dumps({"session": session.session_id, "modules": modules, "contacts": contacts}))
