"""What failed requests say."""

from twisted.internet.error import ConnectionRefusedError as RefusedError

from zbcrawler.downloading.failures import reason_of


def test_the_reason_of_a_failure_has_no_full_stop_because_the_sentence_goes_on():
    assert reason_of(RefusedError()) == "Connection was refused by other side"
    assert reason_of(ValueError()) == "ValueError"
