"""The container image, as far as its files tell: nothing is built here."""

import os
import re
import subprocess
from pathlib import Path

from program import run

ROOT = Path(__file__).resolve().parents[2]
IMAGE = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]


def enter(folder, *arguments):
    """What the image's entry runs, with a stand-in for the program."""
    stub = folder / "rockwatch"
    stub.write_text('#!/bin/sh\necho "rockwatch $*"\n')
    stub.chmod(0o755)
    entry = ["sh", ROOT / "emulator" / "docker-entrypoint.sh", *arguments]
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(entry, env={"PATH": path}, capture_output=True, text=True, check=True).stdout


def test_the_images_entry_knows_every_command_of_the_help(tmp_path):
    listed = re.search(r"(?is)\nsubcommands:\n(.*?)(\n\n|$)", run("--help")[1]).group(1)
    commands = re.findall(r"(?m)^  (\w+)", listed)
    assert {"serve", "exec", "validate"} <= set(commands)
    for command in commands:
        assert enter(tmp_path, command, "--seed", "7") == f"rockwatch {command} --seed 7\n"
    assert enter(tmp_path, "--seed", "7") == "rockwatch --seed 7\n"
    assert enter(tmp_path) == "rockwatch \n"
    assert enter(tmp_path, "echo", "serve") == "serve\n"


def test_the_image_trusts_the_authorities_that_webhooks_have_their_certificates_from():
    assert re.search(r"apt-get install .*ca-certificates", IMAGE)


def test_the_images_user_is_a_number_as_run_as_non_root_asks_for():
    (user,) = re.findall(r"(?m)^USER (\S+)$", IMAGE)
    number, _, group = user.partition(":")
    assert int(number) > 0 and int(group) > 0
    assert f"--uid {number} " in IMAGE and f"--gid {group} " in IMAGE
