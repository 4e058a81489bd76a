#!/bin/bash
# Sends reports of a program that dies to Bugsink (PyPI), a server of Sentry's protocol, and looks
# at the issues that it makes of them. Needs a build with tests, Python 3.10 and the network.
#
#     Scripts/try-bugsink.sh
set -euo pipefail
cd "$(dirname "$0")/.."

program=$PWD/.build/debug/PerchCrashProgram
port=${PORT:-8765}
work=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q bugsink==2.6.2
cd "$work"
venv/bin/bugsink-create-conf --template=local --host 127.0.0.1 --port "$port" >/dev/null
venv/bin/bugsink-manage migrate >migrate.log 2>&1
venv/bin/bugsink-manage migrate --database=snappea >>migrate.log 2>&1
dsn=$(venv/bin/bugsink-manage shell 2>shell.log <<'PYTHON' | grep '^DSN ' | cut -d' ' -f2
from projects.models import Project
from teams.models import Team
team = Team.objects.create(name="team")
project = Project.objects.create(name="program", team=team)
print("DSN", project.dsn)
PYTHON
)
venv/bin/gunicorn --bind "127.0.0.1:$port" --workers 1 --threads 4 bugsink.wsgi >server.log 2>&1 &
server=$!
for _ in $(seq 100); do
    if curl -s -o /dev/null "http://127.0.0.1:$port/"; then break; fi
    sleep 0.1
done

die() {
    SENTRY_DSN=$dsn SENTRY_RELEASE=program@1 PERCH_CRASH_FOLDER=$work SWIFT_BACKTRACE=enable=no \
        "$program" "$@" >>program.log 2>&1 || true
}
die throw
for way in fatalError index null abort overflow; do
    die "$way"
    die
done

venv/bin/bugsink-manage shell 2>>shell.log <<'PYTHON' | tee issues.txt
from events.models import Event
for event in Event.objects.order_by("digest_order"):
    data = event.get_parsed_data()
    failure = data["exception"]["values"][-1]
    frames = [f for f in failure["stacktrace"]["frames"] if f.get("in_app")]
    last = frames[-1]
    print(event.issue.title(), "|", last["function"], last["filename"], last.get("lineno"))
PYTHON
test "$(grep -c ' | ' issues.txt)" -eq 6
test "$(grep -c 'Program.swift' issues.txt)" -eq 6
