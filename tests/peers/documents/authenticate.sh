#!/usr/bin/env bash
# The two requests of the vendor's bash example (REST v11, "How to Authenticate and Log Out"), made with curl.
#
# SUGAR_SITE_URL, SUGAR_USER and SUGAR_PASSWORD say where and who; the last two are put into JSON as they are. Prints the
# answers, a line each. What is secret reaches curl through pipes, for its command line can be seen by others.
set -euo pipefail
rest=$SUGAR_SITE_URL/rest/v11

arguments="{
\"grant_type\":\"password\",
\"client_id\":\"sugar\",
\"client_secret\":\"\",
\"username\":\"$SUGAR_USER\",
\"password\":\"$SUGAR_PASSWORD\",
\"platform\":\"custom_api\"
}"
# `--data-binary` keeps the line breaks, as `-d` does with a body on the command line.
tokens=$(printf '%s' "$arguments" | curl --disable --silent --show-error -X POST -H Cache-Control:no-cache \
    -H 'Content-Type: application/json' --data-binary @- "$rest/oauth2/token")
printf '%s\n' "$tokens"

if ! [[ $tokens =~ \"access_token\":\"([^\"]+)\" ]]; then
    exit 1
fi
curl --disable --silent --show-error -X POST -H @<(printf 'OAuth-Token:%s\n' "${BASH_REMATCH[1]}") \
    -H Cache-Control:no-cache "$rest/oauth2/logout"
printf '\n'
