"""Run a workflow of GitHub on this machine: the steps' shell, git and zbcrawler are real, the actions are stand-ins."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from support.crawling import PATIENCE, PROJECT
from support.repositories import git

# Each call is a line in the file ``calls``. The issues are in a file, as on GitHub, and outlive a run.
_GH = """\
import json, sys
from pathlib import Path
hub, words = Path({hub!r}), sys.argv[1:]
state = json.loads((hub / "state.json").read_text())
def value(option):
    return words[words.index(option) + 1]
with (hub / "calls").open("a") as calls:
    calls.write(json.dumps(words) + "\\n")
if state["down"]:
    sys.exit("HTTP 503")
if words[0] == "api":
    if not state["pages"]:
        print('{{"message": "Not Found"}}')
        sys.exit("gh: Not Found (HTTP 404)")
    print(state["pages"])
elif words[:2] == ["issue", "list"]:
    open_ones = [number for number, one in state["issues"].items() if one["open"] and one["label"] == value("--label")]
    print(*reversed(open_ones), sep="\\n", end="")
elif words[:2] == ["label", "create"]:
    state["labels"].append(words[2])
elif words[:2] == ["issue", "create"]:
    if value("--label") not in state["labels"]:
        sys.exit("could not add label")
    issue = {{"open": True, "label": value("--label"), "body": Path(value("--body-file")).read_text(), "comments": []}}
    state["issues"][str(len(state["issues"]) + 1)] = issue
elif words[:2] == ["issue", "edit"]:
    state["issues"][words[2]]["body"] = Path(value("--body-file")).read_text()
elif words[:2] == ["issue", "close"]:
    state["issues"][words[2]]["open"] = False
    state["issues"][words[2]]["comments"].append(value("--comment"))
else:
    sys.exit("unknown command")
(hub / "state.json").write_text(json.dumps(state))
"""


class WorkflowRun(NamedTuple):
    is_green: bool
    log: str
    summary: str  # the Markdown that GitHub shows on the page of the run
    website: Path | None  # what was given to Pages
    saved: list[str]  # the paths that were saved for the next run


class GitHub:
    """A repository with its workflow, issues, Pages and cache."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder, self.runs = folder, 0
        self.remote = folder / "remote.git"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        shutil.copytree(template, first := folder / "first")
        git(first, "init", "--quiet", "--initial-branch=main")
        git(first, "add", "--all")
        git(first, "commit", "--quiet", "--message=template")
        git(first, "push", "--quiet", str(self.remote), "main")
        self._bin = folder / "bin"
        self._bin.mkdir()
        (folder / "gh.py").write_text(_GH.format(hub=str(folder)))
        self.set_program("gh", f'exec {sys.executable} {folder / "gh.py"} "$@"')
        self.set_program("python", f'[ "$2" = pip ] || exec {sys.executable} "$@"')
        self._state = {"down": False, "pages": "", "labels": [], "issues": {}}
        self.set()

    def set_program(self, name: str, script: str) -> None:
        """Put a program, in shell, before those of this machine."""
        (self._bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self._bin / name).chmod(0o755)

    def set(self, **given: object) -> None:
        """Change what GitHub answers: ``down`` (to all questions), ``pages`` (the address of the website)."""
        known = json.loads((self.folder / "state.json").read_text()) if self.runs else self._state
        (self.folder / "state.json").write_text(json.dumps({**known, **given}))

    @property
    def issues(self) -> list[dict[str, Any]]:
        return list(json.loads((self.folder / "state.json").read_text())["issues"].values())

    def calls(self, *words: str) -> list[list[str]]:
        """Return the calls of ``gh`` that begin with these words."""
        calls = map(json.loads, (self.folder / "calls").read_text().splitlines())
        return [call for call in calls if call[: len(words)] == list(words)]

    def run(self, *words: str, **environment: str) -> WorkflowRun:
        """Run the workflow.

        :param words: further arguments of the step that crawls
        """
        self.runs += 1
        run = _Run(self, self.folder / f"run{self.runs}", words, environment)
        # Steps are read from the repository, as GitHub does.
        workflow = yaml.safe_load(git(self.remote, "show", "main:.github/workflows/archive.yml"))
        for step in workflow["jobs"]["archive"]["steps"]:
            run.take(step, workflow["env"])
        return run.end()


class _Run:
    def __init__(self, hub: GitHub, place: Path, words: tuple[str, ...], environment: dict[str, str]) -> None:
        self.hub, self.place, self.words = hub, place, words
        self.outputs, self.summary = place / "outputs", place / "summary"
        place.mkdir()
        self.outputs.touch()
        self.summary.touch()
        self.environment = {
            **os.environ,
            "PATH": f"{hub.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONIOENCODING": "utf-8",
            "GITHUB_OUTPUT": str(self.outputs),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY_OWNER": "me",
            "GITHUB_RUN_ID": str(hub.runs),
            **environment,
        }
        self.is_green, self.log = True, ""
        self.website: Path | None = None
        self.saved: list[str] = []

    def take(self, step: dict[str, Any], variables: dict[str, str]) -> None:
        """Run one step, if its condition holds."""
        condition = step.get("if", "success()")
        outputs = dict(line.split("=") for line in self.outputs.read_text().splitlines())
        held = {"success()": self.is_green, "always()": True}
        held["steps.run.outputs.site == 'yes'"] = self.is_green and outputs.get("site") == "yes"
        if not held[condition]:
            return
        values = {f"env.{name}": value for name, value in variables.items()}
        values |= {"github.run_id": str(self.hub.runs), "github.run_attempt": "1", "github.ref_name": "main"}
        values |= {"github.token": "secret", "github.repository": "me/news"}

        def filled(text: object) -> str:
            return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: values[found[1]], str(text))

        given = {name: filled(value) for name, value in step.get("with", {}).items()}
        if "run" in step:
            self._shell(step, {name: filled(value) for name, value in step.get("env", {}).items()})
        else:
            action = step["uses"].partition("@")[0].rpartition("actions/")[2].replace("-", "_").replace("/", "_")
            getattr(self, f"_{action}")(given)

    def _shell(self, step: dict[str, Any], environment: dict[str, str]) -> None:
        command = f"{step['run']} {shlex.join(self.words)}" if step.get("id") == "run" else step["run"]
        done = subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=self.place,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        self.log += done.stdout
        self.is_green &= not done.returncode or step.get("continue-on-error", False)

    def _checkout(self, given: dict[str, str]) -> None:
        folder = self.place / given["path"]
        if "repository" not in given:
            git(self.place, "clone", "--quiet", "--branch", given["ref"], str(self.hub.remote), str(folder))
            return
        # A sparse checkout has the named folder, and the files beside it. Links keep what Python has compiled.
        folder.mkdir()
        for path in PROJECT.iterdir():
            if path.name == given["sparse-checkout"] or path.is_file():
                (folder / path.name).symlink_to(path)

    def _setup_python(self, given: dict[str, str]) -> None:
        assert (self.place / given["cache-dependency-path"]).is_file()

    def _cache_restore(self, given: dict[str, str]) -> None:
        caches = self.hub.folder.glob(f"cache-{given['restore-keys']}*")
        if newest := max(caches, key=lambda path: int(re.findall(r"\d+", path.name)[0]), default=None):
            shutil.copytree(newest, self.place / given["path"], symlinks=True)

    def _cache_save(self, given: dict[str, str]) -> None:
        if not (self.place / given["path"]).exists():
            return  # GitHub only warns
        cache = shutil.copytree(self.place / given["path"], self.hub.folder / f"cache-{given['key']}", symlinks=True)
        self.saved = sorted(path.relative_to(cache).as_posix() for path in cache.rglob("*"))

    def _upload_pages_artifact(self, given: dict[str, str]) -> None:
        self.website = self.place / given["path"]

    def end(self) -> WorkflowRun:
        return WorkflowRun(self.is_green, self.log, self.summary.read_text("utf-8"), self.website, self.saved)
