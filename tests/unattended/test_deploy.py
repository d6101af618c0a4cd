"""The commands in the files of ``deploy/`` run."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import partial

import pytest
import yaml
from support.actions import GitHub
from support.crawling import AT_FULL_SPEED, PROJECT
from support.programs import needs
from support.repositories import git

from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

DEPLOY = PROJECT / "deploy"


def crontab():
    [line] = [line for line in (DEPLOY / "crontab").read_text().splitlines() if line.startswith("*/")]
    return line.split(None, 5)[5]


def unit(name):
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str
    found.read(DEPLOY / name)
    return found


def service():
    assert unit("zbcrawler.service")["Service"]["SuccessExitStatus"] == "75"
    return unit("zbcrawler.service")["Service"]["ExecStart"]


@pytest.mark.parametrize("line", [crontab, service])
def test_the_command_of_each_runs(newsroom, archive, tmp_path, line):
    needs("git")
    subprocess.run(["git", "init", "--quiet", archive], check=True)
    python = f"{shlex.quote(sys.executable)} -m scrapy"
    command = re.sub(r"(?:\S*/)?\bscrapy crawl", f"{python} crawl", line())
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


def test_a_failed_unit_mails_the_last_lines_of_the_journal(tmp_path):
    failed = unit("zbcrawler.service")["Unit"]["OnFailure"].replace("%N", "zbcrawler")
    assert failed == "zbcrawler-failed@zbcrawler.service"
    script = unit("zbcrawler-failed@.service")["Service"]["ExecStart"].replace("%i", "zbcrawler")
    for name, what in (("journalctl", 'echo "journal $*"'), ("mail", 'cat; echo "mail $*"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{what}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    mailed = subprocess.check_output(shlex.split(script), env={**os.environ, "PATH": path}, encoding="utf-8")
    journal = "journal --unit=zbcrawler.service --lines=50 --output=cat"
    assert mailed == f"{journal}\nmail -s zbcrawler failed me@example.org\n"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_finds_no_fault_in_the_units(tmp_path):
    for file in DEPLOY.glob("zbcrawler*.*"):
        text = (
            file.read_text().replace("/srv/zbcrawler/.venv/bin/scrapy", "/bin/true").replace("=zbcrawler\n", "=root\n")
        )
        (tmp_path / file.name).write_text(text)
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")


TEMPLATE = DEPLOY / "github"
PAGES = "https://me.example/news/"


@pytest.fixture
def site(newsroom):
    with Replica(newsroom) as replica:
        yield replica


@pytest.fixture
def github(tmp_path):
    needs("git")
    return GitHub(tmp_path, TEMPLATE)


@pytest.fixture
def run(github, site, newsroom):
    """Return the function that runs the workflow at the newsroom's time."""
    given = {**AT_FULL_SPEED, "SITE_URL": site.url, "CLOCK": newsroom.clock.now().isoformat(), "PAGE_SECONDS": 60}
    return partial(github.run, *(word for name, value in given.items() for word in ("-s", f"{name}={value}")))


def subjects(github):
    return git(github.remote, "log", "--format=%s", "main").splitlines()


def test_a_run_on_github_pushes_the_news_and_publishes_the_website_only_if_it_changed(github, run, site):
    first = run()
    assert first.is_green, first.log
    assert first.website is None, "Pages is off"
    assert subjects(github)[0].startswith("87 new: ")
    changed = git(github.remote, "diff", "--name-only", "main~1", "main").splitlines()
    assert {path.partition("/")[0] for path in changed} == {"_posts", "_data"}
    assert "china: " in first.summary
    # Nothing is new, but nothing was published yet. The state of the first run says what is known.
    github.set(pages=PAGES)
    before = len(site.requests)
    second = run()
    assert second.is_green, second.log
    assert PAGES in (second.website / "sitemap.xml").read_text("utf-8")
    assert list((second.website / "story").glob("*.html"))
    assert not any("/story" in path for _, path, _ in site.requests[before:])
    third = run()
    assert third.is_green, third.log
    assert third.website is None
    assert "state.sqlite" in third.saved
    assert len(subjects(github)) == 2
    assert github.issues == []


def test_runs_that_fail_open_one_issue_and_stay_green_until_a_good_run_closes_it(github, run, site):
    site.faults.add(Fault("/realtime/china$", status=500))
    first, second = run(), run()
    assert first.is_green, first.log
    assert second.is_green, second.log
    [issue] = github.issues
    assert issue["open"]
    assert "/actions/runs/2)" in issue["body"]
    assert "    failed: " in issue["body"]
    assert "answered 500" in issue["body"]
    assert "@me:" in issue["body"]
    assert [run.saved.count("state.sqlite") for run in (first, second)] == [1, 1]
    # What the other sections had is in the archive, in spite of the failure.
    assert " new: " in subjects(github)[0]
    site.faults.clear()
    assert run().is_green
    [issue] = github.issues
    assert (issue["open"], issue["comments"]) == (False, ["The archive is well again."])
    assert run().is_green
    assert len(github.calls("issue", "close")) == 1


def test_the_issue_stays_open_while_a_story_is_owed(github, run, site, newsroom):
    site.faults.add(Fault(newsroom.listed("china")[5].path, status=500))
    run()
    run()  # the story is not due, so this run is good
    assert [issue["open"] for issue in github.issues] == [True]
    site.faults.clear()
    run("-a", "owed=now")
    assert [issue["open"] for issue in github.issues] == [False]


def test_a_run_that_takes_too_long_pushes_what_it_has_and_the_next_one_goes_on(github, run, site):
    site.faults.add(Fault("/story", delay=1))
    assert run("-s", "CLOSESPIDER_TIMEOUT=3").is_green
    assert re.match(r"\d+ new: ", subjects(github)[0])
    assert not subjects(github)[0].startswith("87 new")
    assert "the next run goes on where it stopped" in github.issues[0]["body"]
    site.faults.clear()
    run()
    assert len(git(github.remote, "ls-tree", "-r", "--name-only", "main", "_posts").splitlines()) == 87
    assert [issue["open"] for issue in github.issues] == [False]


def test_a_red_cross_is_left_if_no_issue_can_be_opened(github, run, site):
    github.set(down=True)
    assert run().is_green, "nothing is wrong with the archive"
    site.faults.add(Fault("/realtime/china$", status=500))
    failed = run()
    assert not failed.is_green
    assert "state.sqlite" in failed.saved


def test_wrong_settings_and_a_broken_installation_open_an_issue(github, run):
    assert run("-s", "DOWNLOAD_DELAY=fast").is_green
    assert "DOWNLOAD_DELAY=fast: write a number" in github.issues[0]["body"]
    github.set_program("python", "[ \"$2\" = pip ] && exit 1; echo 'No module named scrapy' >&2; exit 1")
    assert run().is_green
    assert "No module named scrapy" in github.issues[0]["body"]


def test_hostile_words_in_the_summary_are_neither_commands_nor_markdown_for_github(github, run):
    github.set_program(
        "python",
        "[ \"$2\" = pip ] && exit; printf '::add-mask::x\\n##[add-mask]x\\n@everyone closes #1\\n```\\n<img src=x>'; exit 1",
    )
    ran = run()
    before, _, rest = ran.log.partition("::stop-commands::")
    secret = rest.splitlines()[0]
    assert len(secret) == 32
    inside, _, after = rest.partition(f"\n::{secret}::")
    assert "add-mask" in inside
    assert "add-mask" not in before + after
    for text in (ran.summary, github.issues[0]["body"].partition("\n\n")[2]):
        assert "everyone" in text
        assert all(line.startswith("    ") for line in text.splitlines())


def test_an_archive_without_news_for_fifty_days_keeps_its_schedule(github, run, site):
    site.faults.add(Fault("/realtime/", status=500))
    run()
    assert subjects(github) == ["template"]
    old = "2026-01-01T00:00:00Z"
    dates = {"GIT_COMMITTER_DATE": old, "GIT_AUTHOR_DATE": old}
    git(github.folder / "first", "commit", "--quiet", "--amend", "--no-edit", **dates)
    git(github.folder / "first", "push", "--quiet", "--force", str(github.remote), "main")
    run()
    run()
    assert subjects(github) == ["Technical: keep the schedule on GitHub", "template"]


def test_the_actions_are_pinned_and_each_job_may_do_no_more_than_it_needs():
    workflow = yaml.safe_load((TEMPLATE / ".github/workflows/archive.yml").read_text())
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w/-]+@v\d+", name) for name in used)
    assert workflow["permissions"] == {}
    rights = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert rights == {
        "archive": {"contents": "write", "issues": "write", "pages": "read"},
        "site": {"pages": "write", "id-token": "write"},
    }
    assert workflow["concurrency"]["cancel-in-progress"] is False
    save = next(step for step in workflow["jobs"]["archive"]["steps"] if "cache/save" in step.get("uses", ""))
    assert save["if"] == "always()"
