import pytest

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.given_settings import check_given

KNOWN = {
    "DELAY": 1.0,
    "COUNT": 2,
    "CONCURRENT_REQUESTS": 2,
    "RETRY_PRIORITY_ADJUST": -1,
    "DNS_TIMEOUT": 60,
    "SWITCH": False,
    "HOSTS": [],
    "CODES": [500, 503],
    "HEADERS": {"Accept": "*/*"},
    "PARTS": {},
    "PARTS_BASE": {},
    "PACE_CLASS": "collections.OrderedDict",
    "MODULES": ["collections.abc"],
    "REFERRER_POLICY": "collections.OrderedDict",
    "LOG_LEVEL": "INFO",
    "TITLE": "",
    "UNSET": None,
    "JOBDIR": None,
    "LOG_ENCODING": "utf-8",
    "LOG_FORMAT": "%(message)s",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("DELAY", value) for value in ("0.5", ".5", "0", "3")],
        *[("COUNT", value) for value in ("0", "12")],
        ("RETRY_PRIORITY_ADJUST", "-3"),
        ("DNS_TIMEOUT", "0.5"),
        *[("SWITCH", value) for value in ("True", "false", "1", "0")],
        *[("HOSTS", value) for value in ("", "a,b")],
        *[("CODES", value) for value in ("", "500, 502")],
        *[("HEADERS", value) for value in ('{"Accept": "no.such.module"}', "{}")],
        ("PARTS", '{"collections.Counter": 1}'),
        ("PACE_CLASS", "collections.Counter"),
        ("MODULES", "collections.abc,json"),
        ("REFERRER_POLICY", "same-origin"),
        ("LOG_LEVEL", "DEBUG"),
        ("TITLE", "any text"),
        ("UNSET", "5"),
        ("LOG_ENCODING", "gbk"),
        ("LOG_FORMAT", "%(asctime)s %(levelname)s: %(message)s"),
        ("ADD_ON_OF_OTHERS", "x"),
    ],
)
def test_a_value_that_scrapy_can_read_is_allowed(name, value):
    check_given(KNOWN, [(name, value)])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *[("DELAY", value, "write a number from 0 up") for value in ("1s", "-1", ".", "", "True", "1,5", "nan", "inf")],
        *[
            ("COUNT", value, "write a whole number from 0 up")
            for value in ("1.5", "-1", "", "１", "1.0", "True", "many", "1e3")
        ],
        *[("SWITCH", value, "write 1 or 0") for value in ("TRUE", "on", "yes", "", "2", "x\ny")],
        *[("CODES", value, "write whole numbers") for value in ("500,many", "500,", "1.5")],
        *[("HEADERS", value, "write a JSON object") for value in ("{broken", "", "[]", "5")],
        ("PARTS", '{"no.such.Part": 1}', "cannot be used: No module named 'no'"),
        *[("PACE_CLASS", value, "cannot be used") for value in ("Fast", "collections.Fast", "no.such.Pace", "a b")],
        ("MODULES", "no.such", "cannot be used"),
        *[("LOG_LEVEL", value, "write CRITICAL, ERROR,") for value in ("LOUD", "info", "10", "")],
        ("CONCURRENT_REQUESTS", "0", "write a whole number from 1 up"),
        ("RETRY_PRIORITY_ADJUST", "low", "write a whole number"),
        ("JOBDIR", "jobs", "leave it out"),
        ("LOG_ENCODING", "klingon", "unknown encoding: klingon"),
        ("LOG_FORMAT", "%(colour)s", "cannot be used"),
        ("DELAI", "1", "unknown setting; did you mean DELAY?"),
        ("switch", "1", "unknown setting; did you mean SWITCH?"),
    ],
)
def test_a_value_that_scrapy_cannot_read_or_a_name_that_nobody_knows_is_refused_in_one_line(name, value, said):
    with pytest.raises(ArgumentError) as caught:
        check_given(KNOWN, [(name, value)])
    message = str(caught.value)
    assert message.startswith(name)
    assert said in message
    assert "\n" not in message
