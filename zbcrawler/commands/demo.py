"""``scrapy demo``: a small archive's first evening in one command, without a network."""

import argparse
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError, StoppedError
from zbcrawler.common.terminal import has_colours

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
        from zbcrawler.replica.demo import Demo, DemoError, listen, make_folder

        if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # the terminal is closed while the website is shown
            signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        self.exitcode = NEEDS_A_PERSON
        try:
            with wrong_usage("demo"), stoppable(), ExitStack() as stack:
                if args:
                    raise ArgumentError(f"{args[0]}: demo takes options only, see scrapy demo -h")
                kept = make_folder(opts.keep) if opts.keep else None
                folder = kept or Path(stack.enter_context(TemporaryDirectory(prefix="zbcrawler-demo-")))
                archive, website = folder / "archive", folder / "site"
                server = stack.enter_context(listen(opts.serve, website)) if opts.serve is not None else None
                demo = Demo(archive, website, Git(archive), has_colours())
                demo.show()
                self.exitcode = DID_ITS_JOB
                if server:
                    demo.serve(server)
        except StoppedError as error:
            if self.exitcode:  # otherwise Ctrl-C has ended the website, as it should
                left = f"its files are in {opts.keep}" if opts.keep else "its files are removed"
                print(f"\nscrapy demo: {error}; {left}", file=sys.stderr)
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
