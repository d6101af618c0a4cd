import http.client
import re
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from support.crawling import PATIENCE, PROJECT, scrapy


def start(*options):
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "replica", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )


@pytest.mark.quick
def test_serves_until_interrupted():
    process = start("--port", "0", "--stories", "6", "--edition", "drupal", "--now", "2026-01-31T08:00:00+08:00")
    try:
        assert "drupal" in process.stdout.readline()
        address = process.stdout.readline().strip().removeprefix("scrapy crawl realtime -s SITE_URL=")
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
        connection.request("GET", "/realtime/world")
        assert b"article-type-link" in connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()


def test_each_start_with_the_same_time_serves_the_same_pages_as_the_help_says():
    said = " ".join(scrapy("replica", "-h").stdout.split())
    assert "Each start with another time, and each without one, gives all stories new times" in said
    pages = set()
    for _ in range(2):
        process = start("--port", "0", "--stories", "6", "--now", "2026-01-31T08:00:00+08:00")
        try:
            address = re.search(r"http://([\d.:]+\d)", process.stdout.readline())[1]
            connection = http.client.HTTPConnection(address, timeout=PATIENCE)
            connection.request("GET", "/realtime/world")
            pages.add(connection.getresponse().read().replace(address.encode(), b""))
            connection.close()
        finally:
            process.kill()
    assert len(pages) == 1


def test_with_a_country_both_hosts_are_served():
    process = start("--port", "0", "--stories", "6", "--country", "sg", "--mainland", "mainland", "--edition", "drupal")
    try:
        singapore = re.search(r"http://[\d.:]+\d", process.stdout.readline())[0]
        assert "(mainland)" in process.stdout.readline()
        given = process.stdout.readline().strip().removeprefix("scrapy crawl realtime -s SITE_URL=")
        address, _, hosts = given.partition(" -s SITE_HOSTS=")
        assert hosts == urlsplit(singapore).netloc
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
        connection.request("GET", "/realtime/world")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, f"{singapore}/realtime/world")
        connection.close()
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        (["--edition", "gopher"], "drupal, react, mainland, astro, mixed"),
        (["--mainland", "gopher"], "drupal, react"),
        (["--redesign", "gopher"], "hashed, utility, tables"),
        (["--redesign", "amp", "--country", "CN"], "not together with --country"),
        (["--country", "China"], "two letters"),
        (["--country", "CN", "--port", "65535"], "from 0 to 65534"),
        (["--port", "70000"], "from 0 to 65535"),
        (["--stories", "none"], "from 1 to"),
        (["--seed", "-"], "from 0 to"),
        (["--sections", "china,,world"], "china,world"),
        (["--now", "yesterday"], "2026-01-31T08:00:00+08:00"),
        (["--bodies", "no-such-folder"], "not a folder"),
        (["something"], "options only"),
    ],
)
def test_a_wrong_option_is_one_line_that_says_what_is_allowed(options, allowed):
    run = scrapy("replica", *options)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert allowed in run.stderr
