"""What ``scrapy doctor`` looks at: this machine and the archive, and one listing and one story of each section."""

from typing import NamedTuple


class Check(NamedTuple):
    """One line of the doctor."""

    subject: str
    what: str  # as it was found
    remedy: str = ""  # what a person should do; empty if all is well

    def __str__(self) -> str:
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{'WRONG' if remedy else 'ok':<6} {self.subject:<16} {self.what.rstrip('.')}{remedy}"
