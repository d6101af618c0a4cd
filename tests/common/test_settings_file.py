"""The settings that an archive keeps in its own folder."""

from __future__ import annotations

import os

import pytest
from scrapy.settings import Settings
from support.crawling import crawl, scrapy

from zbcrawler import settings as project
from zbcrawler.archive.posts import front_matter_keys
from zbcrawler.common.arguments import section_durations
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.settings_file import REFUSED, SETTINGS_FILE, add_settings_file
from zbcrawler.replica.server import Replica


def settings_with(folder, text, **given):
    """Return the project's settings with those of a file, and those that a command line gives."""
    (folder / SETTINGS_FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    settings = Settings()
    settings.setmodule(project, priority="project")
    settings.setdict(given, priority="cmdline")
    add_settings_file(settings, str(folder))
    return settings


def test_each_kind_of_value_is_read(tmp_path):
    text = """
# a comment
ARCHIVE_COMMIT = true
KEEP_PICTURES = 0
DOWNLOAD_DELAY = 2.5
LEARN_REQUESTS = 20
NEWEST_LIMIT = "2d, china=12h"
FRONT_MATTER_KEYS = ["section", "byline"]
SITE_HOSTS = "a.example,b.example"
CLOCK = 2026-01-31T08:00:00+08:00
"""
    settings = settings_with(tmp_path, text)
    assert settings.getbool("ARCHIVE_COMMIT") is True
    assert settings.getbool("KEEP_PICTURES") is False
    assert settings.getfloat("DOWNLOAD_DELAY") == 2.5
    assert settings.getint("LEARN_REQUESTS") == 20
    assert settings["NEWEST_LIMIT"] == "2d, china=12h"
    assert settings.getlist("FRONT_MATTER_KEYS") == ["section", "byline"]
    assert settings.getlist("SITE_HOSTS") == ["a.example", "b.example"]
    assert settings["CLOCK"] == "2026-01-31 08:00:00+08:00"
    assert settings["GIVE_UP_AFTER"] == project.GIVE_UP_AFTER


@pytest.mark.parametrize(
    ("text", "read", "said"),
    [
        ("NEWEST_LIMIT = '2x'", lambda settings: section_durations(settings, "NEWEST_LIMIT"), "=2x: write hours"),
        ("FRONT_MATTER_KEYS = ['colour']", front_matter_keys, "=colour: colour is not one of section"),
    ],
)
def test_a_value_that_is_found_wrong_later_is_said_to_stand_in_the_file(tmp_path, text, read, said):
    name, _, value = text.partition(" = ")
    with pytest.raises(ArgumentError, match=f"^{SETTINGS_FILE}: {name}{said}"):
        read(settings_with(tmp_path, text))
    with pytest.raises(ArgumentError, match=f"^{name}{said}"):
        read(settings_with(tmp_path, text, **{name: value.strip("[']")}))


def test_a_file_of_a_windows_editor_is_read(tmp_path):
    assert settings_with(tmp_path, b"\xef\xbb\xbfDOWNLOAD_DELAY = 5\r\n").getint("DOWNLOAD_DELAY") == 5


def test_the_command_line_goes_before_the_file(tmp_path):
    assert settings_with(tmp_path, "DOWNLOAD_DELAY = 5", DOWNLOAD_DELAY="3").getint("DOWNLOAD_DELAY") == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DOWNLOAD_DELAI = 5", "DOWNLOAD_DELAI: unknown setting; did you mean DOWNLOAD_DELAY?"),
        ("COLOUR = 5", "COLOUR: unknown setting"),
        ("ARCHIVE_COMMIT = 'yes'", "ARCHIVE_COMMIT=yes: write 1 or 0"),
        ("DOWNLOAD_DELAY = 'fast'", "DOWNLOAD_DELAY=fast: write a number"),
        ("DOWNLOAD_DELAY = nan", "DOWNLOAD_DELAY=nan: write a number"),
        ("DOWNLOAD_DELAY = true", "DOWNLOAD_DELAY=True: write a number"),
        ("NEWEST_LIMIT = 2d", "line 1, column 17"),
        ("ARCHIVE_COMMIT = true\nARCHIVE_COMMIT = true\n", "ARCHIVE_COMMIT is set twice; remove one of the lines"),
        ("ARCHIVE_COMMIT = true\nARCHIVE_COMMIT = 1", "ARCHIVE_COMMIT is set twice; remove one of the lines"),
        ("#\nKEEP_PICTURES = True\n", "KEEP_PICTURES = True: write true, in small letters"),
        ("NEWEST_LIMIT = '2d", "NEWEST_LIMIT = '2d; write lines such as"),
        ("[archive]\nARCHIVE_COMMIT = true", "archive: write one value"),
        ("FRONT_MATTER_KEYS = [1, 2]", "FRONT_MATTER_KEYS: write one value, or a list of texts"),
        ("DOWNLOAD_DELAY = {a = 1}", "DOWNLOAD_DELAY: write one value"),
        ("EXTENSIONS = {'os.system' = 1}", "EXTENSIONS: write one value"),
        ("GIVE_UP_AFTER = " + "1" * 5000, "write lines such as"),
        ("SITE_HOSTS = " + "[" * 5000, "write lines such as"),
        ("# " + "x" * 100_000, "has more than 100,000 bytes"),
        (b"USER_AGENT = '\xff'", "utf-8"),
        ('"\\u001b[2J\\u202e" = 1', "unknown setting"),
        ("ARCHIVE_COMMIT = '\\u001b[2J'", "write 1 or 0"),
    ],
    ids=lambda text: str(text)[:30],
)
def test_a_wrong_file_is_named_in_one_line_without_control_characters(tmp_path, text, said):
    with pytest.raises(ArgumentError) as caught:
        settings_with(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / SETTINGS_FILE}: ")
    assert said in message
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_file_of_others_names_no_code_no_command_and_no_file(tmp_path, name):
    with pytest.raises(ArgumentError, match=f"{name}: may only be set by -s"):
        settings_with(tmp_path, f"{name} = 'os.system'")


def test_each_setting_whose_default_names_code_is_refused(tmp_path):
    for name, value in vars(project).items():
        texts = value if isinstance(value, list) else [value]
        if name.isupper() and any(str(text).startswith(("zbcrawler.", "scrapy.")) for text in texts):
            with pytest.raises(ArgumentError, match=f"{name}: "):
                settings_with(tmp_path, f"{name} = 'os.system'")


def test_settings_of_scrapy_that_the_project_does_not_set_are_refused(tmp_path):
    for name in ("LOG_FILE", "ADDONS", "SCHEDULER", "FEEDS", "TWISTED_REACTOR"):
        with pytest.raises(ArgumentError, match=f"{name}: may only be set by -s"):
            settings_with(tmp_path, f"{name} = 'x'")


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing"])
def test_something_else_in_the_place_of_the_file_is_named(tmp_path, kind):
    path = tmp_path / SETTINGS_FILE
    {"folder": os.mkdir, "pipe": os.mkfifo, "link to nothing": lambda it: os.symlink("nowhere", it)}[kind](path)
    settings = Settings()
    with pytest.raises(ArgumentError, match="is not a file"):
        add_settings_file(settings, str(tmp_path))


def test_runs_and_commands_that_name_the_archive_read_its_file(newsroom, archive, tmp_path):
    file = archive / SETTINGS_FILE
    file.write_text('FRONT_MATTER_KEYS = ["section"]\nNEWEST_LIMIT = "off"\n')
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, archive, newsroom)
        assert run.returncode == 0, run.stdout + run.stderr
        post = next((archive / "_posts").rglob("*.md"))
        assert "\nsection: " in post.read_text("utf-8")
        file.write_text("DOWNLOAD_DELAI = 5\n")
        said = f"{file}: DOWNLOAD_DELAI: unknown setting; did you mean DOWNLOAD_DELAY?"
        asked = len(replica.requests)
        quiet = crawl("realtime", replica.url, archive, newsroom, "--quiet")
        assert (quiet.returncode, quiet.stdout, quiet.stderr) == (2, "", f"scrapy crawl: {said}\n")
        assert len(replica.requests) == asked
    for words in (["status", archive], ["verify", archive], ["site", archive, tmp_path / "site"]):
        run = scrapy(*words)
        assert (run.returncode, run.stderr) == (2, f"scrapy {words[0]}: {said}\n")
    for words in (["history"], ["owed"]):
        for named in ([archive], ["-s", f"ARCHIVE_DIR={archive}"], ["-s", f" ARCHIVE_DIR ={archive}"]):
            run = scrapy(*words, *named)
            assert (run.returncode, run.stderr) == (2, f"scrapy {words[0]}: {said}\n")
    run = scrapy("export", tmp_path / "news.jsonl", archive)
    assert (run.returncode, run.stderr) == (2, f"scrapy export: {said}\n")
