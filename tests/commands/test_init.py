"""A place for an archive, made and broken as its users would, with real git."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml
from support.crawling import AT_FULL_SPEED, PROJECT, crawl, scrapy, tree
from support.programs import needs
from support.repositories import git

from zbcrawler.replica.server import Replica

STRANGE = '我的 100% "news" it\'s $HOME'
# What cron gives a command.
CRON = {"HOME": os.environ.get("HOME", "/"), "PATH": "/usr/bin:/bin"}


@pytest.fixture(autouse=True)
def identity(tmp_path, monkeypatch):
    """Let git know one author, and nothing else of this machine."""
    needs("git")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@b.c\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def init(*words: object) -> str:
    run = scrapy("init", *words)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    return run.stdout


def line_of(said: str) -> str:
    """Return the command of the line for cron, as cron gives it to the shell."""
    [line] = [line.strip() for line in said.splitlines() if line.strip().startswith("*/15 ")]
    command = line.split(None, 5)[5]
    assert not re.search(r"(?<!\\)%", command)
    return command.replace(r"\%", "%")


def test_an_archive_begins_with_a_repository_and_settings_of_its_own(tmp_path):
    folder = tmp_path / "a" / "news"
    said = init(folder)
    assert git(folder, "rev-parse", "--show-toplevel").strip() == str(folder.resolve())
    assert git(folder, "ls-files").split() == [".gitattributes", "zbcrawler.toml"]
    assert git(folder, "status", "--short") == ""
    assert git(folder, "config", "--get", "diff.zbcrawler.xfuncname")
    assert re.findall(r"(?m)^[^#\n].*", (folder / "zbcrawler.toml").read_text("utf-8")) == ["ARCHIVE_COMMIT = true"]
    assert "The first run takes about 12 min (720 stories); with -a pages=1 about 1 min (72 stories):" in said
    assert scrapy("status", folder).returncode == 1  # no run yet


def test_changes_of_the_settings_are_named_until_they_are_committed_as_init_said(tmp_path):
    folder = tmp_path / STRANGE
    said = init(folder)
    assert "not committed" not in scrapy("status", folder).stdout
    with (folder / "zbcrawler.toml").open("a") as file:
        file.write('NEWEST_LIMIT = "2d"\n')
    [line] = [line for line in scrapy("status", folder).stdout.splitlines() if line.startswith("settings ")]
    assert "zbcrawler.toml has changes that are not committed; git -C " in line
    doctor = scrapy("doctor", folder, "-s", "SITE_URL=http://127.0.0.1:9").stdout
    assert re.search("(?m)^note +git .*zbcrawler.toml has changes that are not committed", doctor)
    [command] = [line.strip() for line in said.splitlines() if line.startswith("  git -C ")]
    for each, text in ((line.partition("; ")[2], "2d"), (command, "3d")):
        (folder / "zbcrawler.toml").write_text(f'NEWEST_LIMIT = "{text}"\n')
        subprocess.run(each, shell=True, check=True)  # noqa: S602
        assert text in git(folder, "show", "HEAD:zbcrawler.toml")
        assert "not committed" not in scrapy("status", folder).stdout


def test_every_setting_that_the_file_suggests_is_allowed(tmp_path):
    init(tmp_path / "news")
    file = tmp_path / "news/zbcrawler.toml"
    file.write_text(re.sub("(?m)^# ([A-Z_]+ = )", r"\1", file.read_text("utf-8")), "utf-8")
    assert file.read_text("utf-8").count("\nARCHIVE_PUSH = true") == 1
    assert scrapy("status", tmp_path / "news").returncode == 1


def test_the_printed_line_of_cron_archives_and_commits(tmp_path, newsroom):
    folder = tmp_path / STRANGE
    command = line_of(init(folder))
    with Replica(newsroom) as replica:
        given = {"SITE_URL": replica.url, "CLOCK": newsroom.clock.now().isoformat(), **AT_FULL_SPEED}
        lines = "".join(f"{name} = '{value}'\n" for name, value in given.items())
        (folder / "zbcrawler.toml").write_text(f"ARCHIVE_COMMIT = true\n{lines}")
        run = subprocess.run(["/bin/sh", "-c", command], env=CRON, capture_output=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert "new: " in git(folder, "log", "-1", "--format=%s")
    assert scrapy("status", folder).returncode == 0


def test_a_first_small_crawl_leaves_the_rest_to_later_runs(tmp_path, newsroom):
    folder = tmp_path / "news"
    with Replica(newsroom) as replica:
        given = {"SITE_URL": replica.url, "CLOCK": newsroom.clock.now().isoformat(), **AT_FULL_SPEED}
        words = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        run = scrapy("init", folder, "--crawl", *words)
        assert run.returncode == 0, run.stdout + run.stderr
        listings = sorted(target for _, target, _ in replica.requests if re.match("/realtime/[a-z]+(?![a-z/])", target))
        assert listings == [f"/realtime/{name}" for name in sorted(newsroom.sections)]
        first = tree(folder)
        assert len(first) > 30
        assert "later runs fetch the rest:" in run.stdout
        assert crawl("realtime", replica.url, folder, newsroom).returncode == 0
    assert len(tree(folder)) > len(first)
    assert "gaps     none" in scrapy("status", folder).stdout


def test_the_first_crawl_ends_like_any_run_when_a_person_stops_it(tmp_path, newsroom):
    folder = tmp_path / "news"
    with Replica(newsroom) as replica:
        given = {"SITE_URL": replica.url, "CLOCK": newsroom.clock.now().isoformat(), "DOWNLOAD_DELAY": 1}
        words = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "init", str(folder), "--crawl", *words]
        with subprocess.Popen(
            command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        ) as run:
            while not list(folder.glob("_posts/**/*.md")):
                assert run.poll() is None
                time.sleep(0.1)
            os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C in a terminal
            said, _ = run.communicate(timeout=100)
    assert "Traceback" not in said
    assert "*/15 * * * *" in said
    assert "ended too early (shutdown); the next run goes on where it stopped" in said
    assert " new: " in git(folder, "log", "-1", "--format=%s")


def test_a_second_time_only_what_is_missing_is_made(tmp_path):
    folder = tmp_path / "news"
    init(folder)
    (folder / "zbcrawler.toml").write_text("# mine\n")
    (folder / "_posts").mkdir()
    commits = git(folder, "rev-parse", "HEAD")
    said = init(folder)
    assert said.count("kept: ") == 3
    assert "made: " not in said
    assert "The first run" not in said
    assert (folder / "zbcrawler.toml").read_text() == "# mine\n"
    assert git(folder, "rev-parse", "HEAD") == commits
    assert git(folder, "status", "--short") == " M zbcrawler.toml\n"
    (folder / "zbcrawler.toml").unlink()
    (folder / ".gitattributes").write_text("mine\n")
    assert "made: zbcrawler.toml" in init(folder)
    assert (folder / ".gitattributes").read_text() == "mine\n"


def test_without_an_author_commits_are_by_zbcrawler_also_those_by_hand_and_two_lines_help(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    folder = tmp_path / "news"
    said = init(folder)
    assert "committed: Begin an archive\nnote: git does not know who you are" in said
    assert git(folder, "log", "--format=%an %s") == "zbcrawler Begin an archive\n"
    (folder / "zbcrawler.toml").write_text("# mine\n")
    names, (change, *_) = re.findall("git -C .* config user.*", said), re.findall("git -C .* commit .*", said)
    for line in (change, *names):
        subprocess.run(line, shell=True, check=True)  # noqa: S602
    assert git(folder, "show", "--format=%an <%ae>", "--stat").startswith(
        "zbcrawler <zbcrawler@localhost>\n\n zbcrawler.toml"
    )
    assert names == [f"git -C {folder} config user.{what}" for what in ('name "Your Name"', "email you@example.org")]
    assert "git does not know" not in init(folder, "--schedule", "github")
    assert git(folder, "log", "-1", "--format=%an %s") == "Your Name Add what scrapy init makes\n"


def test_without_git_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    run = scrapy("init", tmp_path / "news")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "scrapy init: git is not installed on this machine; install it, and run this again\n"
    assert not (tmp_path / "news").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "name one folder, such as ~/news"),
        ("cat.jpg", "is a file; name a new folder"),
        ("photos", "has other files and no archive"),
        ("a\nb", "without control characters"),
        (PROJECT / "archive", "lies in the software's own folder"),
        (PROJECT / "zbcrawler" / "new", "name a folder outside, such as ~/news"),
        (PROJECT, "lies in the software's own folder"),
    ],
    ids=str,
)
def test_a_folder_that_is_no_place_for_an_archive_is_refused_in_one_line(tmp_path, name, said):
    (tmp_path / "cat.jpg").write_text("x")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.jpg").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    run = scrapy("init", *([tmp_path / name] if name else []))
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr
    assert run.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert not (PROJECT / "archive/zbcrawler.toml").exists()


def test_the_home_folder_is_refused_even_if_it_has_only_hidden_files(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert "has other files and no archive; name a new folder" in scrapy("init", "~").stderr
    assert "made: " in scrapy("init", "~/news").stdout
    assert (tmp_path / "home/news/zbcrawler.toml").is_file()


def test_a_link_into_the_software_s_folder_is_refused_too(tmp_path):
    (tmp_path / "news").symlink_to(PROJECT / "archive")
    assert "lies in the software's own folder" in scrapy("init", tmp_path / "news").stderr


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_fails_in_one_line(tmp_path):
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(0o555)
    tmp_path.chmod(0o755)
    command = [sys.executable, "-m", "scrapy", "init", str(tmp_path / "closed/news")]
    if os.geteuid() == 0:  # without the right to write what others own
        command = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", *command]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    assert run.stdout.startswith(f"failed: {tmp_path}/closed/news: [Errno 13] Permission denied")
    assert run.stdout.count("\n") == 1
    assert "Traceback" not in run.stderr


def test_inside_another_repository_the_archive_still_has_its_own(tmp_path):
    git(tmp_path, "init", "--quiet")
    said = init(tmp_path / "things/news")
    assert f"its own git repository, inside that of {tmp_path.resolve()}, which should ignore it" in said
    assert git(tmp_path, "ls-files") == ""
    assert git(tmp_path / "things/news", "ls-files").split() == [".gitattributes", "zbcrawler.toml"]


def test_an_archive_that_another_repository_has_committed_stays_there(tmp_path):
    git(tmp_path, "init", "--quiet")
    post = tmp_path / "news/_posts/2026/01/31/2026-01-31-1.md"
    post.parent.mkdir(parents=True)
    post.write_text("x")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "mine")
    said = init(tmp_path / "news")
    assert f"kept: its place in the git repository {tmp_path.resolve()}" in said
    assert not (tmp_path / "news/.git").exists()
    assert "news/zbcrawler.toml" in git(tmp_path, "ls-files")


def test_the_units_of_systemd_are_filled_in_and_stay_out_of_git(tmp_path):
    folder = tmp_path / STRANGE
    said = init(folder, "--schedule", "systemd")
    units = folder / ".zbcrawler/systemd"
    service = (units / "zbcrawler.service").read_text("utf-8")
    assert "/srv/" not in re.sub("(?m)^#.*", "", service)
    assert f"\nWorkingDirectory={PROJECT}\n" in service
    assert 'crawl realtime --quiet -s "ARCHIVE_DIR=' in service
    assert '100%% \\"news\\" it\'s $$HOME' in service
    assert "sudo cp " in said
    assert git(folder, "ls-files").split() == [".gitattributes", "zbcrawler.toml"]
    if shutil.which("systemd-analyze"):
        command = ["systemd-analyze", "verify", "--recursive-errors=no", units / "zbcrawler.timer"]
        run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert str(units) not in run.stderr, run.stderr


def test_the_workflow_of_github_names_the_software_s_commit(tmp_path):
    folder = tmp_path / "news"
    said = init(folder, "--schedule", "github")
    text = (folder / ".github/workflows/archive.yml").read_text("utf-8")
    assert yaml.safe_load(text)["env"]["ZBCRAWLER_COMMIT"] == git(PROJECT, "rev-parse", "HEAD").strip()
    template = {path.relative_to(PROJECT / "deploy/github").as_posix() for path in files_of(PROJECT / "deploy/github")}
    assert set(git(folder, "ls-files").split()) == template
    assert git(folder, "status", "--short") == ""
    assert f"git -C {folder} push -u origin HEAD" in said


def files_of(folder):
    return (path for path in folder.rglob("*") if path.is_file())


def test_news_in_the_software_s_own_repository_are_hinted_at_once(tmp_path, newsroom):
    software = tmp_path / "software"
    git(tmp_path, "clone", "--quiet", PROJECT, software)
    settings = {"ARCHIVE_COMMIT": 1}
    with Replica(newsroom) as replica:
        runs = [
            crawl("realtime", replica.url, software / "archive", newsroom, "--quiet", settings=settings)
            for _ in range(2)
        ]
    assert [run.returncode for run in runs] == [0, 0]
    assert f"the software's own repository, {software.resolve()}," in runs[0].stderr
    assert "scrapy init ~/news" in runs[0].stderr
    assert runs[0].stderr.count("\n") == 1
    assert runs[1].stderr == ""
    assert git(software, "status", "--short") == ""
