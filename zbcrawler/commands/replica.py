"""``scrapy replica``: serve the replica of the news site until Ctrl-C."""

import argparse

from zbcrawler.common.arguments import ProjectCommand, wrong_usage


class Command(ProjectCommand):
    """Exit code 0: stopped by Ctrl-C. 2: wrong usage."""

    usage = "[options]"
    description = "Serve a local stand-in of the news site, with invented stories"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from zbcrawler.replica.command_line import add_options

        super().add_options(parser)
        # run() checks the values, so that all messages have the same form.
        add_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.replica.command_line import serve, served_by

        with wrong_usage("replica", ValueError, OSError):
            served = served_by(args, opts).start()
        serve(served)
