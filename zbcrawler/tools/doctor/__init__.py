"""What ``scrapy doctor`` looks at: this machine and the archive, and one listing and one story of each section."""

from typing import NamedTuple


class Check(NamedTuple):
    """One line of the doctor."""

    subject: str
    what: str  # as it was found
    remedy: str = ""  # what a person should do; empty if nothing is wrong
    is_note: bool = False  # nothing is wrong yet, but a person should know

    def __str__(self) -> str:
        remedy = f"; {self.remedy}" if self.remedy else ""
        verdict = "WRONG" if remedy else "note" if self.is_note else "ok"
        return f"{verdict:<6} {self.subject:<16} {self.what.rstrip('.')}{remedy}"
