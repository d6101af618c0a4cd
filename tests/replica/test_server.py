"""The replica over real sockets, with every way of misbehaving."""

import http.client
import time
from urllib.parse import urlsplit

import pytest
from support.crawling import PATIENCE

from zbcrawler.replica import Fault, Replica

LISTING = "/realtime/china"


def test_serves_pages_and_remembers_requests(replica, get, newsroom):
    status, headers, body = get(LISTING)
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=UTF-8"
    assert int(headers["Content-Length"]) == len(body)
    assert get("/realtime/china/story20260131-1?ref=x")[0] == 404
    assert replica.requests == [("GET", LISTING, 200), ("GET", "/realtime/china/story20260131-1?ref=x", 404)]


def test_head_has_no_body_and_a_connection_is_kept(replica, newsroom):
    connection = http.client.HTTPConnection(urlsplit(replica.url).netloc, timeout=PATIENCE)
    connection.request("HEAD", LISTING)
    assert connection.getresponse().read() == b""
    socket = connection.sock
    connection.request("GET", newsroom.expected()[0].path)
    assert connection.getresponse().read()
    assert connection.sock is socket
    connection.close()


def test_robots_can_be_changed(replica, get):
    assert b"Allow: /" in get("/robots.txt")[2]
    replica.robots = "User-agent: *\nDisallow: /\n"
    assert get("/robots.txt")[2] == b"User-agent: *\nDisallow: /\n"


def test_stories_misbehave_as_they_do_on_the_site(replica, get, newsroom):
    def twice(name):
        return [get(newsroom.cases[name].path) for _ in range(2)]

    assert [one[0] for one in twice("gone_404")] == [404, 404]
    assert [one[0] for one in twice("gone_410")] == [410, 410]
    assert [one[0] for one in twice("busy_503")] == [503, 200]
    first, second = twice("busy_429")
    assert (first[0], first[1]["Retry-After"], second[0]) == (429, "1", 200)
    status, headers, _ = get(newsroom.cases["audio_brief"].path)
    assert status == 302
    assert get(headers["Location"])[0] == 200


def test_changes_of_a_story_show_at_once(replica, get, newsroom):
    story = newsroom.listed("china")[0]
    before = get(story.path)[2]
    newsroom.retitle(story)
    after = get(story.path)[2]
    assert before != after
    assert len(after) > len(before)
    newsroom.withdraw(story, status=410)
    assert get(story.path)[0] == 410


def test_a_status_fault_meets_only_what_it_names(replica, get):
    replica.faults.add(Fault("china", status=500, times=2, headers={"X-Why": "test"}, body=b"oops"))
    answers = [get(LISTING) for _ in range(3)]
    assert [one[0] for one in answers] == [500, 500, 200]
    assert answers[0][1]["X-Why"] == "test"
    assert answers[0][2] == b"oops"
    replica.faults.add(Fault(status=403))
    assert get("/realtime/world")[0] == 403
    replica.faults.clear()
    assert get("/realtime/world")[0] == 200


def test_a_delay_delays(replica, get):
    replica.faults.add(Fault(delay=0.3))
    begin = time.monotonic()
    assert get(LISTING)[0] == 200
    assert time.monotonic() - begin >= 0.3


def test_a_reset_breaks_the_connection(replica, get):
    replica.faults.add(Fault(reset=True, times=1))
    with pytest.raises(ConnectionResetError):
        get(LISTING)
    assert get(LISTING)[0] == 200
    assert [status for _, _, status in replica.requests] == [0, 200]


def test_a_cut_page_is_half_a_page(replica, get):
    replica.faults.add(Fault(cut=True))
    with pytest.raises(http.client.IncompleteRead) as error:
        get(LISTING)
    assert len(error.value.partial) == pytest.approx(error.value.expected, abs=1)


def test_a_stalled_request_is_never_answered(replica, get):
    replica.faults.add(Fault(stall=True))
    with pytest.raises(TimeoutError):
        get(LISTING, timeout=0.3)
    replica.faults.clear()
    assert get(LISTING)[0] == 200


def test_stop_ends_stalled_and_delayed_requests(newsroom):
    replica = Replica(newsroom).start()
    replica.faults.add(Fault(stall=True))
    connection = http.client.HTTPConnection(urlsplit(replica.url).netloc, timeout=PATIENCE)
    connection.request("GET", LISTING)
    time.sleep(0.1)
    replica.stop()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()


def test_a_redesign_answers_200_with_unknown_markup(replica, get, newsroom):
    story = newsroom.listed("china")[0].path
    replica.redesign("listing")
    status, _, body = get(LISTING)
    assert status == 200
    assert b"zb-tile" in body
    assert get(story)[2].count(b"zb-tile") == 0
    replica.redesign("story")
    assert b"zb-tile" in get(story)[2]
    replica.redesign(None)
    assert b"zb-tile" not in get(story)[2]


def test_the_charset_can_be_missing(newsroom):
    with Replica(newsroom, "drupal", charset=False) as replica:
        connection = http.client.HTTPConnection(urlsplit(replica.url).netloc, timeout=PATIENCE)
        connection.request("GET", LISTING)
        assert connection.getresponse().headers["Content-Type"] == "text/html"
        connection.close()


def test_a_foreign_client_is_sent_to_the_other_host(newsroom):
    with Replica(newsroom, redirect_to="http://localhost:1/") as replica:
        connection = http.client.HTTPConnection(urlsplit(replica.url).netloc, timeout=PATIENCE)
        connection.request("GET", LISTING + "?page=1")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, "http://localhost:1/realtime/china?page=1")
        connection.close()


def test_only_loopback_is_served_and_a_wrong_pattern_fails_at_once(newsroom):
    with pytest.raises(ValueError, match="loopback"):
        Replica(newsroom, host="192.0.2.1")
    with pytest.raises(ValueError, match="drupal, react"):
        Replica(newsroom, "gopher")
    with pytest.raises(Exception, match="unterminated"):
        Replica(newsroom).faults.add(Fault("["))
