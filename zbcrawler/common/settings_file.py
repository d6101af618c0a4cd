"""Read the settings that an archive keeps in its own folder, in ``zbcrawler.toml``."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.given_settings import check_given
from zbcrawler.common.text import excerpt, printable

SETTINGS_FILE = "zbcrawler.toml"
_PRIORITY = 35  # above a spider's own settings (30), below -s (40)
_EXAMPLE = 'write lines such as NEWEST_LIMIT = "2d"'
_MOST_BYTES = 100_000
# An archive may be cloned from others, and runs fetch what others push. So its file may not name code, a command or a
# place to write. Settings of a single run have no place in it.
REFUSED = frozenset(
    {"ALARM_COMMAND", "ARCHIVE_DIR", "BOT_NAME", "COMMANDS_MODULE", "DRY_RUN", "DUPEFILTER_CLASS", "KEEP_RAW"}
    | {"NEWSPIDER_MODULE", "PACE_CLASS", "PROGRESS_BAR", "REMOVALS", "REMOVED_FILE"}
    | {"SCHEDULER_MEMORY_QUEUE", "SPIDER_MODULES"}
)


def add_settings_file(settings: BaseSettings, folder: str) -> None:
    """Add the settings of an archive's file, if there is one; ``-s`` goes before them.

    :param folder: the archive's
    :raises ArgumentError: if the file or one of its settings cannot be used
    """
    path = os.path.join(folder, SETTINGS_FILE)
    if not os.path.lexists(path):
        return
    known = {name: value for name, value in settings.items() if _is_allowed(settings, name)}
    try:
        given = {name: _text(name, value) for name, value in _read(Path(path)).items()}
        if refused := next((name for name in given if name in settings and name not in known), ""):
            raise ArgumentError(f"{refused}: may only be set by -s, because others may have written this file")
        check_given(known, given.items())
        if unknown := next((name for name in given if name not in known), ""):
            raise ArgumentError(f"{excerpt(unknown)}: unknown setting")
    except (ArgumentError, OSError) as error:
        raise ArgumentError(printable(f"{path}: {error}")) from error
    settings.setdict(given, priority=_PRIORITY)


def wrong_setting(settings: BaseSettings, name: str, what: str) -> ArgumentError:
    """Return the error for a setting with a value that is not allowed; it names the file if the value stands there."""
    where = f"{SETTINGS_FILE}: " if settings.getpriority(name) == _PRIORITY else ""
    return ArgumentError(f"{where}{name}={excerpt(settings.get(name))}: {what}")


def _is_allowed(settings: BaseSettings, name: str) -> bool:
    is_ours = (settings.getpriority(name) or 0) >= SETTINGS_PRIORITIES["project"]
    return is_ours and name not in REFUSED and isinstance(settings[name], str | int | float | list)


def _read(path: Path) -> dict[str, Any]:
    # Imported here: most runs have no file.
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415
    else:
        import tomli as tomllib  # noqa: PLC0415

    if not path.is_file():  # a pipe would wait for ever
        raise ArgumentError("is not a file; move it away, and run scrapy init again")
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ArgumentError(f"has more than {_MOST_BYTES:,} bytes, so it is not a file of settings")
    try:
        return tomllib.loads(text := data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ArgumentError(_describe_mistake(str(error), text.rstrip().splitlines())) from error
    except (ValueError, RecursionError) as error:  # no UTF-8, a number of thousands of digits
        raise ArgumentError(f"{excerpt(error)}; {_EXAMPLE}") from error


def _describe_mistake(what: str, lines: list[str]) -> str:
    """Return what to write instead of the line that is no TOML."""
    found = re.search(r"at line (\d+)", what)  # otherwise at the end
    line = lines[min(int(found[1]), len(lines)) - 1 if found else -1]
    name, _, value = map(str.strip, line.partition("="))
    if "overwrite" in what:
        return f"{excerpt(name)} is set twice; remove one of the lines"
    if value.lower() in ("true", "false"):
        return f"{excerpt(line)}: write {value.lower()}, in small letters"
    return f"{excerpt(what)}: {excerpt(line)}; {_EXAMPLE}"


def _text(name: str, value: Any) -> str:
    """Return a value as ``-s`` would give it."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    if isinstance(value, dict | list):
        raise ArgumentError(f"{excerpt(name)}: write one value, or a list of texts; the file has no [tables]")
    return str(value)
