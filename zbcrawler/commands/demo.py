"""``scrapy demo``: a small archive's first evening in one command, without a network."""

import argparse
import os
import socket
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError, StoppedError

_ANY_PORT = 0


class Command(ProjectCommand):
    """Exit code 0: every step ended as it should. 1: one did not, or the demo was stopped. 2: wrong usage."""

    usage = "[options]"
    description = "Show in some seconds what zbcrawler does, with a small news site on this machine (no network)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Demo")
        what = "at the end, show the archive as a website on this machine, until Ctrl-C; default port: any free one"
        group.add_argument("--serve", type=int, nargs="?", const=_ANY_PORT, metavar="PORT", help=what)
        what = "keep the files in this new folder; without this option the demo removes them at its end"
        group.add_argument("--keep", type=Path, metavar="FOLDER", help=what)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.archive.git import Git, stoppable
        from zbcrawler.replica.demo import Demo, DemoError

        with wrong_usage("demo"):
            if args:
                raise ArgumentError(f"{args[0]}: demo takes options only, see scrapy demo -h")
            _check_port(opts.serve)
            kept = _make_folder(opts.keep)
        has_colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.exitcode, is_served = NEEDS_A_PERSON, False
        try:
            with (
                stoppable(),
                nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="zbcrawler-demo-") as folder,
            ):
                archive = Path(folder, "archive")
                demo = Demo(archive, Path(folder, "site"), Git(archive), has_colours)
                demo.show()
                self.exitcode = DID_ITS_JOB
                if is_served := opts.serve is not None:
                    demo.serve(opts.serve)
        except StoppedError as error:
            if not is_served:
                print(f"\nscrapy demo: {error}; ", end="", file=sys.stderr)
                print(f"its files are in {kept}" if kept else "its files are removed", file=sys.stderr)
        except BrokenPipeError:  # the reader, such as head, has closed the pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (DemoError, GitError, OSError) as error:
            self.exitcode = NEEDS_A_PERSON
            print(f"\nscrapy demo: {error}", file=sys.stderr)
            if not isinstance(error, DemoError):
                print("Set TMPDIR to a folder with space where you may write, and try again.", file=sys.stderr)
        else:
            site = f"site {kept}/archive {kept}/site" if kept else "demo"
            print("" if kept else "\nThe demo has removed its files.")
            print(f"See the archive as a website:  .venv/bin/scrapy {site} --serve")
            print("Begin an archive of your own:  .venv/bin/scrapy init FOLDER")


def _check_port(port: int | None) -> None:
    if port is None:
        return
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise ArgumentError(f"--serve {port}: {error}; leave the port out, and any free one is taken") from error


def _make_folder(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    folder = folder.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ArgumentError(f"--keep {folder}: is not empty; name a new folder")
    except OSError as error:
        raise ArgumentError(f"--keep {folder}: {error.strerror}; name a new folder where you may write") from error
    return folder
