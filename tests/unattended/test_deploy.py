"""The commands in the files of ``deploy/`` run."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
import sys

import pytest
import yaml
from support.crawling import AT_FULL_SPEED, PROJECT
from support.programs import needs

from zbcrawler.replica.server import Replica

DEPLOY = PROJECT / "deploy"


def crontab():
    [line] = [line for line in (DEPLOY / "crontab").read_text().splitlines() if line.startswith("*/")]
    return line.split(None, 5)[5]


def service():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(DEPLOY / "zbcrawler.service")
    assert unit["Service"]["SuccessExitStatus"] == "75"
    return unit["Service"]["ExecStart"]


def workflow():
    steps = yaml.safe_load((DEPLOY / "github-workflow.yml").read_text())["jobs"]["archive"]["steps"]
    [step] = [step["run"] for step in steps if "scrapy crawl" in step.get("run", "")]
    return step


@pytest.mark.parametrize("line", [crontab, service, workflow])
def test_the_command_of_each_runs(newsroom, archive, tmp_path, line):
    needs("git")
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "remote"], check=True)
    subprocess.run(["git", "init", "--quiet", archive], check=True)
    subprocess.run(["git", "remote", "add", "origin", tmp_path / "remote"], cwd=archive, check=True)
    python = f"{shlex.quote(sys.executable)} -m scrapy"
    command = re.sub(r"(?:\S*/)?\bscrapy crawl", f"{python} crawl", line())
    for name in ("--summary-json", "--logfile"):
        command = re.sub(rf"{name} (\S+)", rf"{name} {shlex.quote(str(tmp_path))}/\1", command)
    with Replica(newsroom) as replica:
        given = {
            **AT_FULL_SPEED,
            "SITE_URL": replica.url,
            "ARCHIVE_DIR": archive,
            "CLOCK": newsroom.clock.now().isoformat(),
        }
        command += "".join(f" -s {name}={shlex.quote(str(value))}" for name, value in given.items())
        environment = {**os.environ, "ZBCRAWLER": str(PROJECT)}
        run = subprocess.run(
            ["/bin/sh", "-c", command], cwd=PROJECT, env=environment, capture_output=True, encoding="utf-8", check=False
        )
    assert run.returncode == 0, run.stdout + run.stderr
    log = ["git", "log", "--format=%s"]
    assert subprocess.check_output(log, cwd=archive, encoding="utf-8").startswith("87 new: ")
    if "ARCHIVE_PUSH" in command:
        assert subprocess.check_output([*log, "--all"], cwd=tmp_path / "remote", encoding="utf-8").count("\n") == 1
