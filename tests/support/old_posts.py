"""Posts in the form of an earlier collector. Their text is invented."""

from __future__ import annotations

from pathlib import Path

LINK = "https://www.zaobao.com/realtime/china/story20210610-1154260"
TITLE = "海湾大桥通车"
BODY = '<div>\n<p>第一段。</p><section id="imu"><div id="dfp-ad-imu1">  </div></section><p>第二段。</p>\n</div>\n'
CLEAN = ["<p>第一段。</p>", "<p>第二段。</p>"]
DATE = "2021-06-10T03:59:45.343Z"
TIME = "<!--1623285000000-->"  # 2021-06-10T00:30:00Z, the same day in Singapore


def old_post(
    title: str = f'"{TITLE}"',
    date: str = DATE,
    link: str = LINK,
    comment: str = TIME,
    body: str = BODY,
    extra: str = "comments: True\n",
    heading: str | None = None,
) -> str:
    """Return a post. An empty part omits its line.

    :param title: as in the front matter, with quotes
    :param heading: the line below the comment; None for the layout's own
    """
    front = [("layout", "post"), ("title", title), ("date", date), ("author", "联合早报"), ("from", link)]
    lines = "".join(f"{key}: {value}\n" for key, value in front if value)
    heading = f"[{title.strip(chr(34))}]({link})" if heading is None else heading
    below = "".join(f"{line}\n" for line in (comment, heading, "------" if heading else "") if line)
    return f"---\n{lines}tags: [ 联合早报 ]\n{extra}categories: [ news, 联合早报 ]\n---\n{below}\n{body}"


def write(folder: Path, **posts: str | bytes) -> Path:
    """Write posts into a folder, each under its name with ``.md`` added."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in posts.items():
        (folder / f"{name}.md").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def paragraphs(*texts: str) -> str:
    """Return a body of paragraphs."""
    return "<div>\n" + "".join(f"<p>{text}</p>" for text in texts) + "\n</div>\n"
