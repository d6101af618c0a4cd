"""What ``scrapy status`` says of real archives, real runs and real git."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from support.crawling import PROJECT, crawl, scrapy, start_crawl, wait_for
from support.programs import needs

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import hold_run_lock
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

NOTHING = "http://127.0.0.1:9"  # nobody listens there, so every run fails
NO_STORIES = {"stories": 0, "first": None, "last": None, "days": 0, "empty": 0, "bytes": 0}


def status(folder):
    """Return the exit code, the lines by name, and the JSON document."""
    run, document = scrapy("status", folder), scrapy("status", folder, "--json")
    assert run.returncode == document.returncode, run.stdout + document.stdout + document.stderr
    lines = dict(re.match(r"(\S+) +(.*)", line).groups() for line in run.stdout.splitlines())
    return run.returncode, lines, json.loads(document.stdout)


def test_after_a_good_run_it_says_what_the_archive_holds_and_exits_with_0(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        assert crawl("realtime", replica.url, archive, newsroom).returncode == 0
    assert scrapy("site", archive, tmp_path / "site").returncode == 0  # this is no run
    code, lines, facts = status(archive)
    posts = sorted((archive / "_posts").rglob("*.md"))
    days = {path.parent for path in posts}
    assert code == 0
    assert lines["stories"].startswith(f"{len(posts)} on {len(days)} days, ")
    assert facts["first"] == posts[0].name[:10]
    assert facts["last"] == posts[-1].name[:10]
    assert 0.5 < facts["bytes"] / sum(path.stat().st_size for path in posts) < 2
    assert lines["pending"] == f"{len(list((archive / '_data/owed').glob('*')))} stories owed"
    assert re.fullmatch(r"good, \d+ (s|min) ago \(.*\)", lines["realtime"])
    (run,) = facts["runs"]
    assert run["kind"] == "realtime"
    assert run["failure"] == ""
    assert run["good"] == run["ended"] > run["began"]


def test_a_failed_run_is_named_with_the_time_since_when_runs_fail(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        good = status(archive)[2]["runs"][0]["good"]
        fault = Fault(pattern="^/realtime/world", status=500)
        replica.faults.add(fault)
        assert crawl("realtime", replica.url, archive, newsroom).returncode == 1
        code, lines, first = status(archive)
        assert code == 1
        assert re.search(
            r"^FAILED .*/realtime/world: answered 500.*; failing since .*; last good run: ", lines["realtime"]
        )
        crawl("realtime", replica.url, archive, newsroom)
        second = status(archive)[2]["runs"][0]
        assert second["since"] == first["runs"][0]["since"]
        assert second["ended"] > first["runs"][0]["ended"]
        assert second["good"] == good
        replica.faults.clear()
        crawl("realtime", replica.url, archive, newsroom)
    assert status(archive)[0] == 0


def test_each_spider_has_its_last_run_and_those_by_hand_count_for_nobody(newsroom, archive, tmp_path):
    broken = tmp_path / "broken.md"
    broken.write_text("---\nfrom: https://www.zaobao.com/realtime/china/story20260131-3120268\n---\n")
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        assert scrapy("import", broken, "-s", f"ARCHIVE_DIR={archive}").returncode == 1
        assert status(archive)[0] == 0
        assert crawl("backfill", NOTHING, archive, newsroom).returncode == 1
    code, lines, _ = status(archive)
    assert code == 1
    assert lines["import"].startswith("FAILED")
    assert lines["backfill"].startswith("FAILED")
    assert lines["backfill"].endswith("no good run yet")
    assert lines["realtime"].startswith("good")


def test_a_new_archive_has_no_stories_and_no_good_run(archive, newsroom):
    code, lines, facts = status(archive)
    assert code == 1
    assert (lines["stories"], lines["runs"]) == ("none yet", "none yet on this machine")
    assert {name: facts[name] for name in NO_STORIES} == NO_STORIES
    assert list(archive.iterdir()) == []
    crawl("realtime", NOTHING, archive, newsroom)
    code, lines, _ = status(archive)
    assert code == 1
    assert lines["stories"] == "none yet"
    assert lines["realtime"].startswith("FAILED")


def test_what_is_no_archive_is_wrong_usage(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.jpg").touch()
    for name, what in (("photos", "has no _posts"), ("photos/cat.jpg", "is not an"), ("nothing", "is not an")):
        run = scrapy("status", tmp_path / name)
        assert (run.returncode, run.stdout) == (2, "")
        assert re.fullmatch(rf"scrapy status: {tmp_path / name}: {what}.*\n", run.stderr)
    assert scrapy("status", tmp_path, tmp_path).returncode == 2


def test_a_run_that_is_at_work_and_one_that_was_killed(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        with hold_run_lock(Archive(archive).private_folder(), "realtime"):
            code, lines, facts = status(archive)
            refused = crawl("realtime", replica.url, archive, newsroom)
        assert code == 0
        [since] = re.findall(r"^at work since (.* SGT); last good run: .* SGT$", lines["realtime"])
        assert f"has been at work since {since};" in refused.stdout
        assert facts["runs"][0]["is_at_work"]
        newsroom.publish("china", 30)
        asked = len(replica.requests)
        run = start_crawl(replica.url, archive, newsroom, DOWNLOAD_DELAY=0.05)
        wait_for(lambda: sum("/story" in target for _, target, _ in replica.requests[asked:]) > 3, run)
        run.kill()
        run.communicate()
    code, lines, facts = status(archive)
    assert code == 1
    assert re.match(r"FAILED .*: was killed before it ended; failing since .*; last good run: ", lines["realtime"])
    assert facts["runs"][0]["ended"] is None


def test_git_and_what_is_not_pushed(newsroom, archive, tmp_path):
    needs("git")
    assert status(archive)[1]["unpushed"] == "the archive is in no git repository"
    hub, clone = tmp_path / "hub.git", tmp_path / "clone"
    subprocess.run(["git", "init", "--quiet", "--bare", hub], check=True)
    subprocess.run(["git", "clone", "--quiet", hub, clone], check=True, capture_output=True)
    assert status(clone)[1]["unpushed"] == "no upstream branch"
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, clone, newsroom, settings={"ARCHIVE_COMMIT": 1, "ARCHIVE_PUSH": 1})
        assert status(clone)[1]["unpushed"] == "commits: 0"
        newsroom.publish("china")
        crawl("realtime", replica.url, clone, newsroom, settings={"ARCHIVE_COMMIT": 1})
    code, lines, facts = status(clone)
    assert code == 0
    assert lines["unpushed"] == f"commits: {facts['unpushed']}"
    assert facts["unpushed"] >= 1
    assert facts["git_bytes"] > 1000


def test_gaps_and_owed_stories_are_counted(newsroom, archive):
    owed = newsroom.listed("china")[2]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=owed.path, status=500))
        crawl("realtime", replica.url, archive, newsroom)
    Archive(archive).notes.gaps.add("china", 10)
    _, lines, facts = status(archive)
    assert facts["owed"] == len(list((archive / "_data/owed").glob("*.json"))) > 0
    assert lines["gaps"] == "china, behind page 10 of its listing"
    days = sorted((archive / "_posts").glob("*/*/*"))
    shutil.copytree(days[0], archive / "_posts/2020/01/01")
    between = facts["empty"]
    _, lines, facts = status(archive)
    assert facts["empty"] > between + 1000
    assert f"{facts['empty']:,} days between have no story" in lines["stories"]


@pytest.mark.parametrize(
    "broken",
    ["[]", "{", "[" * 100_000, "\udcff", '{"failure": 1, "since": "then"}', '{"good": null}', "folder"],
    ids=lambda it: it[:9],
)
def test_a_broken_file_about_a_run_is_a_failure_until_the_next_run(newsroom, archive, broken):
    path = archive / ".zbcrawler/realtime.run"
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        if broken == "folder":
            path.unlink()
            path.mkdir()
        else:
            path.write_text(broken, errors="surrogateescape")
        assert status(archive)[0] == 1
        assert crawl("realtime", replica.url, archive, newsroom).returncode == 0
    assert status(archive)[0] == 0


def test_strange_files_among_the_posts_are_no_stories(archive):
    for name in ("2026/01/31/2026-01-31-1.md", "2026/01/31/.DS_Store", "2026/02/30/a.md", "2026/x/01/a.md", "2026/03"):
        path = archive / "_posts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    os.symlink("nowhere", archive / "_posts/2027")
    assert status(archive)[1]["stories"] == "1 on 1 day, 2026-01-31 to 2026-01-31"


def test_the_notes_of_a_hostile_clone_bring_no_control_characters_to_the_terminal(archive):
    name = "a\x1b[31m\u202e"
    (archive / "_data/gaps").mkdir(parents=True)
    (archive / f"_data/gaps/{name}.json").write_text(json.dumps({"section": name, "pages": 3}))
    (archive / "_data/gaps" / os.fsdecode(b"\xff.json")).write_text("{")
    (archive / "_data/owed").mkdir()
    (archive / "_data/owed/1.json").write_text(json.dumps({"address": name, "reason": "x"}))
    for words in (["status"], ["status", "--json"], ["owed"]):
        run = scrapy(*words, archive)
        assert run.stderr == ""
        assert "[31m" in run.stdout
        assert run.stdout.replace("\n", "").isprintable()


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may read everything")
@pytest.mark.parametrize(
    "words", ["status", "owed", "verify", "doctor", "crawl realtime -s ARCHIVE_DIR=", "learn -s ARCHIVE_DIR="]
)
def test_an_archive_that_this_user_may_not_enter_is_one_line(archive, words):
    archive.chmod(0)
    command = f"{sys.executable} -m scrapy {words}{'' if words.endswith('=') else ' '}{archive}".split()
    if os.geteuid() == 0:  # without the right to read what its mode forbids
        command = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", *command]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    archive.chmod(0o755)
    assert (run.returncode, run.stdout) == (2, ""), run.stderr
    assert str(archive) in run.stderr
    assert run.stderr.count("\n") == 1
