"""``scrapy site``: build a website of the archive."""

import argparse
import shlex
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from zbcrawler.archive.disk import POSTS
from zbcrawler.commands.run_lifecycle import named_archive
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, refuse, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError, HeldError
from zbcrawler.common.times import Clock

_OUT = "_site"
_TITLE = "联合早报即时新闻存档"
_LEFT_OUT = "not a post, or in the wrong folder; scrapy verify gives the reason"


class Command(ProjectCommand):
    """Exit code 0: the website is complete. 1: a post is left out, or a file not written. 2: wrong usage."""

    usage = "[options] [[ARCHIVE] OUT]"
    description = "Build a website of the archive, or bring it up to date"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Site")
        group.add_argument("--url", default="", help="the website's address, for feeds and sitemaps")
        group.add_argument("--title", default=_TITLE, help="the website's name")
        group.add_argument("--theme", default="", metavar="DIR", help="a folder of templates that replace ours")
        what = "then show the website on this machine, until Ctrl-C; default port: 8000"
        group.add_argument("--serve", type=int, nargs="?", const=8000, metavar="PORT", help=what)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        with wrong_usage("site", OSError):
            from zbcrawler.tools.website.build import build
            from zbcrawler.tools.website.rendering import Look

            if len(args) > 2:
                raise ArgumentError("name the archive and the website's folder: scrapy site ARCHIVE OUT")
            if len(args) == 1 and Path(args[0], POSTS).expanduser().is_dir():
                both = shlex.join([args[0], f"{args[0].rstrip('/')}-site"])
                raise ArgumentError(f"{args[0]}: is an archive; name the website's folder, too: scrapy site {both}")
            root, out = named_archive(args[:-1], self.settings), Path(args[-1] if args else _OUT).expanduser()
            look = Look.of(opts.title, opts.url, opts.theme)
            if opts.serve is not None and not 0 <= opts.serve < 65_536:
                raise ArgumentError(f"--serve {opts.serve}: write a port such as 8000, or 0 for any free one")
            left_out: list[str] = []
            try:
                built = build(root, out, look, left_out.append, Clock.from_settings(self.settings).now())
            except (OSError, GitError, HeldError) as error:
                print(f"failed: {error}")
                self.exitcode = NEEDS_A_PERSON
                return
        for path in left_out:
            print(f"left out: {path}: {_LEFT_OUT}")
        print(f"{built.stories} stories, {built.changed} posts changed, {built.written} story pages written: {out}")
        self.exitcode = NEEDS_A_PERSON if left_out else DID_ITS_JOB
        if opts.serve is not None:
            try:
                _serve(out, opts.serve)
            except OSError as error:
                refuse("site", f"--serve {opts.serve}: {error.strerror}; name another port, or 0")


def _serve(out: Path, port: int) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(out))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/ shows the website; Ctrl-C ends", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
