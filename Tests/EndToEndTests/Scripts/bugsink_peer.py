"""Runs Bugsink in a folder, and tells what its pages show.

    bugsink_peer.py serve FOLDER PORT    prints the DSN of a new project, then serves until it is stopped
    bugsink_peer.py show FOLDER          prints each issue with the text of its page, as JSON
"""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

mode, folder = sys.argv[1], Path(sys.argv[2])
tools = Path(sys.executable).parent
os.chdir(folder)
os.environ["DJANGO_SETTINGS_MODULE"] = "bugsink_conf"
sys.path.insert(0, str(folder))


def manage(*words):
    subprocess.run(
        [tools / "bugsink-manage", *words], check=True, stdout=subprocess.DEVNULL, cwd=folder
    )


if mode == "serve":
    port = sys.argv[3]
    subprocess.run(
        [
            tools / "bugsink-create-conf", "--template=local", f"--port={port}",
            "--host=127.0.0.1", "--output-file=bugsink_conf.py",
        ],
        # Its exit status says nothing.
        check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    with open("bugsink_conf.py", "a") as file:
        file.write('\nBUGSINK["PHONEHOME"] = False\n')
    manage("migrate", "--no-input")
    manage("migrate", "--no-input", "--database=snappea")

import django

django.setup()
from django.contrib.auth import get_user_model
from issues.models import Issue
from projects.models import Project, ProjectMembership

if mode == "serve":
    user = get_user_model().objects.create_superuser("admin", "a@example.org", "admin")
    project = Project.objects.create(name="shop")
    ProjectMembership.objects.create(project=project, user=user, accepted=True)
    print(project.dsn, flush=True)
    program = tools / "bugsink-manage"
    os.execv(program, [str(program), "runserver", "--noreload", f"127.0.0.1:{port}"])

from django.conf import settings
from django.test import Client

settings.ALLOWED_HOSTS = ["*"]
client = Client(headers={"host": "127.0.0.1"})
client.force_login(get_user_model().objects.get(username="admin"))
shown = []
for issue in Issue.objects.all():
    page = client.get(f"/issues/issue/{issue.id}/event/last/", follow=True).content.decode()
    text = html.unescape(re.sub(r"<[^>]*>", " ", page))
    shown.append(
        {
            "type": issue.calculated_type,
            "value": issue.calculated_value,
            "page": re.sub(r"\s+", " ", text),
        }
    )
print(json.dumps(shown))
