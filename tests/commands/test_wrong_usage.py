"""Each wrong option, argument and setting: one line on standard error that says what to write, and exit code 2."""

from __future__ import annotations

import shlex

import pytest
from scrapy import cmdline
from support.crawling import PROJECT, scrapy
from support.repositories import git

from zbcrawler.common import arguments
from zbcrawler.replica.server import Replica

# ARCHIVE stands for an archive without posts, FILE for a file. README.md is one of the project's files.
TABLE = {
    "crawl": {
        "": "no spider: name one of backfill, realtime, story",
        "realtme": "realtme: did you mean realtime? name one of backfill, realtime, story",
        "nothing": "nothing: name one of backfill",
        "realtime story": "realtime story: did you mean",
        "realtime --quite": "--quite: unknown option; scrapy crawl --help lists them",
        "realtime --summary-json": "argument --summary-json: expected one argument",
        "realtime --summary-json /nowhere/x": "--summary-json /nowhere/x: name a file in an existing folder",
        "realtime --logfile /nowhere/x": "--logfile /nowhere/x: name a file in an existing folder",
        "realtime --pidfile /nowhere/x": "--pidfile /nowhere/x: name a file in an existing folder",
        "realtime --profile .": "--profile .: name a file in an existing folder",
        "realtime -L LOUD": "LOG_LEVEL=LOUD: write CRITICAL, ERROR, WARNING, INFO or DEBUG",
        "realtime -L info": "LOG_LEVEL=info: write CRITICAL",
        "realtime -o news.docx": "Unrecognized output format 'docx'",
        # arguments of spiders
        "realtime -a": "argument -a: expected one argument",
        "realtime -a china": "Invalid -a value, use -a NAME=VALUE",
        "realtime -a section=china": "section: unknown argument; allowed: sections, pages, since, recheck, owed",
        "realtime -a name=x": "name: unknown argument",
        "realtime -a sections=/china": "sections=/china: write section paths such as china,world,singapore",
        "realtime -a sections=": "sections=: write section paths",
        "realtime -a pages=0": "pages=0: write a whole number from 1 to 10000",
        "realtime -a since=2026-02-30": "since=2026-02-30: write a day of the calendar as YYYY-MM-DD",
        "realtime -a recheck=soon": "recheck=soon: write hours or days, such as 36h or 2d",
        "realtime -a recheck=29d": "recheck=29d: write at most 28d",
        "realtime -a owed=later": "owed=later: write now, or leave it out",
        "backfill -a since=yesterday": "since=yesterday: write a month or a day of the calendar",
        "backfill -a since=2026-02 -a until=2026-01": "since=2026-02-01 is later than until=2026-01-31",
        "backfill -a sections=all,china": "write all, or the sections",
        "backfill -a sections=all -a source=wayback": "sections=all: source=wayback is asked for each section",
        "backfill -a source=google": "source=google: write sitemaps or wayback, or leave it out",
        "backfill -a recheck=7d": "recheck=7d: write edited, or leave it out",
        "backfill -a recheck=edited -a source=wayback": "source=wayback does not report edits",
        "backfill -a limit=none": "limit=none: write a whole number from 1 to 10000000",
        "story": "url: missing; write -a url=https://",
        "story -a url=": "url=: write the address of a story",
        "story -a url=https://example.org/story20210610-1": "not the address of a story; write one such as https://",
        # names of settings
        "realtime -s": "argument -s/--set: expected one argument",
        "realtime -s COLOUR": "Invalid -s value, use -s NAME=VALUE",
        "realtime -s ARCHIVE_COMMIT": "ARCHIVE_COMMIT=: write 1 or 0",
        "realtime -s DOWNLOAD_DELAI=5": "DOWNLOAD_DELAI: unknown setting; did you mean DOWNLOAD_DELAY?",
        "realtime -s download_delay=5": "download_delay: unknown setting; did you mean DOWNLOAD_DELAY?",
        "realtime --quiet -s ARCHIVE_COMIT=1": "ARCHIVE_COMIT: unknown setting; did you mean ARCHIVE_COMMIT?",
        # switches
        "realtime --quiet -s ARCHIVE_COMMIT=yes": "ARCHIVE_COMMIT=yes: write 1 or 0",
        "realtime -s KEEP_PICTURES=TRUE": "KEEP_PICTURES=TRUE: write 1 or 0",
        "realtime -s ROBOTSTXT_OBEY=": "ROBOTSTXT_OBEY=: write 1 or 0",
        # numbers
        "realtime -s DOWNLOAD_DELAY=fast": "DOWNLOAD_DELAY=fast: write a number from 0 up",
        "realtime -s DOWNLOAD_DELAY=-1": "DOWNLOAD_DELAY=-1: write a number from 0 up",
        "realtime -s CONCURRENT_REQUESTS=1.5": "CONCURRENT_REQUESTS=1.5: write a whole number from 1 up",
        "realtime -s CONCURRENT_REQUESTS=0": "CONCURRENT_REQUESTS=0: write a whole number from 1 up",
        "realtime -s RETRY_TIMES=": "RETRY_TIMES=: write a whole number from 0 up",
        "realtime -s FAILED_LIMIT=-1": "FAILED_LIMIT=-1: write a whole number from 0 up",
        "realtime -s GIVE_UP_AFTER=0": "GIVE_UP_AFTER=0: write a whole number from 1 up",
        "realtime -s LEARN_STORIES=0": "LEARN_STORIES=0: write a whole number from 1 up",
        "realtime -s PAGE_SECONDS=nan": "PAGE_SECONDS=nan: write a number from 0 up",
        "realtime -s RETRY_HTTP_CODES=500,many": "RETRY_HTTP_CODES=500,many: write whole numbers between commas",
        # texts, lists, objects and classes
        "realtime -s SITE_URL=zaobao": "SITE_URL=zaobao: write a site's address",
        "realtime -s PICTURE_SITE=https://x:y": "PICTURE_SITE=https://x:y: write a site's address",
        "realtime -s SITE_HOSTS=http://x": "SITE_HOSTS=http://x: write hosts between commas",
        "realtime -s FRONT_MATTER_KEYS=colour": "FRONT_MATTER_KEYS=colour: colour is not one of section, byline",
        "realtime -s NEWEST_LIMIT=2d,china=soon": "NEWEST_LIMIT=2d,china=soon: write hours or days such as 2d, off",
        "backfill -s NEWEST_LIMIT=soon": "NEWEST_LIMIT=soon: write hours or days",
        "realtime -s WAYBACK_INDEX=nowhere": "WAYBACK_INDEX=nowhere: write an address such as https://web.archive.org",
        "realtime -s WAYBACK_PAGES=": "WAYBACK_PAGES=: write an address",
        "realtime -s KEEP_RAW=/nowhere": "KEEP_RAW=/nowhere: is not an existing folder",
        "realtime -s ARCHIVE_DIR=/nowhere": "is not there. For a new archive: scrapy init /nowhere.",
        "realtime -s ARCHIVE_DIR=": "ARCHIVE_DIR=: write a folder",
        "realtime -s ARCHIVE_DIR=README.md": "ARCHIVE_DIR=README.md: write a folder",
        "realtime -s CLOCK=noon": "CLOCK=noon: not a time of 1970 to 2199 with a zone",
        "realtime -s ALARM_COMMAND=no-such-program": "ALARM_COMMAND: no-such-program: cannot be run",
        'realtime -s "ALARM_COMMAND=mail \'"': "write a command as for a shell",
        "realtime -s ALARM_WEBHOOK=ftp://x": "ALARM_WEBHOOK: write an address that begins with https://",
        "realtime -s LOG_LEVEL=LOUD": "LOG_LEVEL=LOUD: write CRITICAL, ERROR, WARNING, INFO or DEBUG",
        "realtime -s LOG_FILE=/nowhere/x": "LOG_FILE /nowhere/x: name a file in an existing folder",
        "realtime -s LOG_FORMAT=%(colour)s": "LOG_FORMAT=%(colour)s: cannot be used",
        "realtime -s LOG_ENCODING=klingon": "LOG_ENCODING=klingon: cannot be used: unknown encoding",
        "realtime -s JOBDIR=jobs": "JOBDIR=jobs: leave it out; each run goes on where the last one stopped",
        "realtime -s ITEM_PIPELINES={broken": "ITEM_PIPELINES={broken: write a JSON object",
        "realtime -s EXTENSIONS=": "EXTENSIONS=: write a JSON object",
        "realtime -s 'EXTENSIONS={\"no.Such\": 1}'": "cannot be used: No module named 'no'",
        "realtime -s DOWNLOAD_SLOTS=5": "DOWNLOAD_SLOTS=5: write a JSON object",
        "realtime -s PACE_CLASS=Fast": "PACE_CLASS=Fast: cannot be used: No module named 'Fast'",
        "realtime -s PACE_CLASS=zbcrawler.downloading.pace.Fast": "has no attribute 'Fast'",
        "realtime -s SPIDER_MODULES=no.such": "SPIDER_MODULES=no.such: cannot be used",
        "realtime -s TWISTED_REACTOR=no.such": "TWISTED_REACTOR=no.such: cannot be used",
        "realtime -s 'DOWNLOAD_DELAY=\x1b[2J\n1'": "DOWNLOAD_DELAY=\ufffd[2J 1: write a number",
    },
    "import": {
        "": "no PATH; name the files or folders to import",
        "/nowhere": "/nowhere: no such file or folder",
        "--dry /nowhere": "/nowhere: no such file or folder",
        "--dri /nowhere": "--dri: unknown option",
        "ARCHIVE": "lies in the archive itself",
        "README.md --removed README.md": "--removed README.md: exists already; name a new file",
        "README.md --removed /nowhere/x": "--removed /nowhere/x: name a file in an existing folder",
        "README.md -s FRONT_MATTER_KEYS=colour": "FRONT_MATTER_KEYS=colour: colour is not one of",
        "README.md -s KEEP_PICTURES=maybe": "KEEP_PICTURES=maybe: write 1 or 0",
        "README.md -s CLOCK=noon": "CLOCK=noon: not a time",
    },
    "verify": {
        "/nowhere": "/nowhere: is not an existing folder",
        "a b": "a b: name one archive, or none for ARCHIVE_DIR",
        "--jsn": "--jsn: unknown option",
        "--processes many": "argument --processes: invalid int value: 'many'",
        "--processes -1 ARCHIVE": "--processes -1: write a number from 1 up",
        "ARCHIVE --since nope": "git diff: error: Could not access 'nope'",
        "ARCHIVE --report /nowhere/x.html": "--report /nowhere/x.html: name a file in an existing folder",
        "ARCHIVE --report x.html --since HEAD": "--report is of the whole archive; leave out --since",
        "ARCHIVE -s CLOCK=noon": "CLOCK=noon: not a time",
    },
    "site": {
        "/nowhere out": "/nowhere: is not an existing folder",
        "a b c": "name the archive and the website's folder",
        "ARCHIVE ARCHIVE": "is a part of the archive",
        "ARCHIVE README.md": "README.md: is not a folder",
        "ARCHIVE out --serve http": "argument --serve: invalid int value: 'http'",
        "ARCHIVE out --serve 99999": "--serve 99999: write a port such as 8000",
        "ARCHIVE out --url nowhere": "--url nowhere: write the website's address",
        "ARCHIVE out --url http://[": "--url http://[: write the website's address",
        "ARCHIVE out --theme /nowhere": "--theme /nowhere: is not an existing folder",
        "ARCHIVE out -s CLOCK=noon": "CLOCK=noon: not a time",
    },
    "status": {
        "/nowhere": "/nowhere: is not an existing folder",
        "a b": "a b: name one archive",
        "--jsn": "--jsn: unknown option",
        "-s ARCHIVE_DIR=": "ARCHIVE_DIR=: write a folder",
        "-s LOG_LEVEL=LOUD": "LOG_LEVEL=LOUD: write CRITICAL",
        "-s CONCURRENT_REQUESTS=1.5": "CONCURRENT_REQUESTS=1.5: write a whole number",
    },
    "export": {
        "": ".: name a file that ends with .jsonl or .sqlite",
        "news.csv": "news.csv: name a file that ends with",
        "/dev/stdout": "/dev/stdout: name a file that ends with",
        "/nowhere/news.jsonl": "FILE /nowhere/news.jsonl: name a file in an existing folder",
        "news.jsonl /nowhere": "/nowhere: is not an existing folder",
        "news.jsonl a b": "a b: name one archive",
    },
    "history": {
        "--days many": "argument --days: invalid int value: 'many'",
        "--days 0": "--days 0: write a number of days from 1 on",
        "--since HEAD --days 3": "argument --days: not allowed with argument --since",
        "--since nope": "--since nope: is no commit here",
        "a b": "a b: name one story, or none",
        "nope": "nope: is no address of a story, and no post of the archive",
        "-s ARCHIVE_DIR=/nowhere": "ARCHIVE_DIR=/nowhere: is not an existing folder",
    },
    "probe": {
        "": "name one page: an address or a file",
        "a b": "name one page",
        "/nowhere.html": "/nowhere.html: neither an address (https://…) nor a file",
        "http://": "http://: neither an address",
        "http://[": "http://[: neither an address",
        "README.md --save ../x": "--save ../x: write a name of a-z, 0-9 and -",
        "README.md --address nowhere": "--address nowhere: write the whole address",
        "README.md -s CLOCK=noon": "CLOCK=noon: not a time",
        "README.md -s SITE_HOSTS=http://x": "SITE_HOSTS=http://x: write hosts",
        "README.md -s KEEP_RAW=/nowhere": "KEEP_RAW=/nowhere: is not an existing folder",
        "README.md -s PAGE_SECONDS=-1": "PAGE_SECONDS=-1: write a number from 0 up",
    },
    "learn": {
        "china": "china: takes no arguments; write -a sections=china",
        "-a section=china": "section: unknown argument; allowed: sections",
        "-a sections=/china": "sections=/china: write section paths",
        "--adopt nope": "nope: is no learnt edition of the archive",
        "--forget ../x": "../x: is no learnt edition",
        "--adopt a --forget b": "argument --forget: not allowed with argument --adopt",
        "-s LEARN_EQUAL=-1": "LEARN_EQUAL=-1: write a number from 0 up",
    },
    "owed": {
        "x": "write --forget together with addresses of stories, or neither",
        "--forget": "write --forget together with addresses of stories, or neither",
        "--forgett x": "--forgett: unknown option",
        "-s ARCHIVE_DIR=/nowhere": "ARCHIVE_DIR=/nowhere: ",
        "-s CLOCK=noon": "CLOCK=noon: not a time",
    },
    "replica": {
        "x": "x: takes options only",
        "--edition nope": "--edition nope: not one of drupal7",
        "--port http": "--port http: not a whole number from 0 to 65535",
        "--redesign nope": "--redesign nope: not one of hashed",
        "--storeys 5": "--storeys: unknown option",
    },
    "demo": {
        "x": "x: demo takes options only",
        "--keap x": "--keap: unknown option",
        "--serve http": "argument --serve: invalid int value: 'http'",
        "-s ARCHIVE_COMMIT=yes": "ARCHIVE_COMMIT=yes: write 1 or 0",
    },
    "init": {
        "": "no folder: name one folder, such as ~/news",
        "a b": "a b: name one folder",
        "README.md": "is a file; name a new folder",
        "--serv a": "--serv: unknown option",
        "a -s ARCHIVE_COMMIT=yes": "ARCHIVE_COMMIT=yes: write 1 or 0",
    },
    "doctor": {
        "a b": "a b: name one archive, or none for ARCHIVE_DIR",
        "--sections /china": "sections=/china: write section paths",
        "--lve": "--lve: unknown option",
        "-s KEEP_RAW=/nowhere": "KEEP_RAW=/nowhere: is not an existing folder",
    },
    "mergedriver": {"a": "a: takes no arguments"},
}


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [(command, words, said) for command, rows in TABLE.items() for words, said in rows.items()],
    ids=lambda text: text[:40],
)
def test_wrong_usage_is_one_line(command, words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(arguments, "end_silently_without_reader", lambda: None)  # which is for a whole process
    monkeypatch.setattr(cmdline, "AsyncCrawlerProcess", lambda settings: pytest.fail("the run was about to begin"))
    (tmp_path / "_posts").mkdir()
    if command == "history":
        git(tmp_path, "init", "--quiet")
    given = [str(tmp_path) if word == "ARCHIVE" else word for word in shlex.split(words)]
    if command != "probe" and "ARCHIVE_DIR" not in words:
        given += ["-s", f"ARCHIVE_DIR={tmp_path}"]
    with pytest.raises(SystemExit) as end:
        cmdline.execute(["scrapy", command, *given])
    shown = capsys.readouterr()
    assert end.value.code == 2
    assert shown.err.startswith(f"scrapy {command}: ")
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_refused_run_requests_nothing_and_writes_nothing(newsroom, archive):
    before = sorted(archive.rglob("*"))
    with Replica(newsroom) as replica:
        run = scrapy(
            *("crawl", "realtime", "--quiet", "-s", "ARCHIVE_COMMIT=yes"),
            *("-s", f"SITE_URL={replica.url}", "-s", f"ARCHIVE_DIR={archive}"),
        )
        assert replica.requests == []
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "scrapy crawl: ARCHIVE_COMMIT=yes: write 1 or 0\n"
    assert sorted(archive.rglob("*")) == before
