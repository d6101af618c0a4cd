"""Settings of the project. Each line says why it differs from Scrapy's default, or what it is for."""

BOT_NAME = "zbcrawler"
SPIDER_MODULES = ["zbcrawler.spiders"]
NEWSPIDER_MODULE = "zbcrawler.spiders"
COMMANDS_MODULE = "zbcrawler.commands"

# -- ours --------------------------------------------------------------------------------------

# Where the site answers. It sends readers outside China to www.zaobao.com.sg; the run follows
# once and stays there. Posts never show this address, only the public one.
SITE_URL = "https://www.zaobao.com"
# The folder of the archive: posts lie in ARCHIVE_DIR/_posts/YYYY/MM/DD/.
ARCHIVE_DIR = "archive"
# True: a run says what it would do, and writes nothing.
DRY_RUN = False
# True: a new archive takes the half of the site that its first story is from (Singapore's or the mainland's) for its
# own, and notes only of stories from the other one where they are from. False where clones are filled from both halves:
# they must agree on it before their first story, and so it is Singapore's.
CHOOSE_HOME = True
# Keys to add to the front matter of posts after `categories`, where the page has something for them:
# section, byline, keywords, updated, image, edition, paywall.
FRONT_MATTER_KEYS: list[str] = []
# True: a story's pictures are kept in ARCHIVE_DIR/pictures/, and posts link them there. It is off because
# pictures fill a repository; but one day the site's links to them will be dead.
KEEP_PICTURES = False
# A folder for all story pages as they came (WARC files): a better cleaner can be applied to them later without asking
# the site again (`scrapy import FOLDER`). Empty: none. A file that has grown to RAW_MEGABYTES is followed by another.
KEEP_RAW = ""
RAW_MEGABYTES = 1000
# Where `backfill source=wayback` asks for what the site has no more: the index (CDX) of a web archive, and its pages.
# pywb answers both, as http://HOST/COLLECTION/cdx and http://HOST/COLLECTION.
WAYBACK_INDEX = "https://web.archive.org/cdx/search/cdx"
WAYBACK_PAGES = "https://web.archive.org/web"
# Where the site's picture store answers, as SITE_URL is for the site. Posts never show this address, either.
PICTURE_SITE = "https://static.zaobao.com"
# A picture with more bytes than this stays linked. Newspapers' photos have a tenth of it.
PICTURE_MAXSIZE = 20 * 1024 * 1024
# Empty: the machine's clock. A time such as 2026-01-31T08:00:00+08:00 makes a run believe that it
# is then, so that tests and the demo do not depend on the day they run.
CLOCK = ""
# True: a run logs what the cleaner dropped, by rule and with the words in it. `scrapy import` turns it on.
REMOVALS = False
# -- what needs a person: a run exits with 1 -----------------------------------------------------

# So many stories may fail in a run.
FAILED_LIMIT = 0
# Such a share of an edition's pages may lack a field, such as the time.
MISSING_LIMIT = 0.2
# The newest story of a section may be so old: 36h, 2d, off; for single sections as in "2d, sports=5d, china=12h".
NEWEST_LIMIT = "2d"
# After so many stories in a row that were not answered, or could not be read, a run asks for no more.
GIVE_UP_AFTER = 20
# Seconds that a run waits when the site answers 429 or 503 with Retry-After; if it wants more, the run ends, and none
# asks before the time it named.
RETRY_AFTER_LIMIT = 300
# A run that finds another one of its kind at work exits with 75; after so many hours that is an alarm: does it hang?
LOCK_LIMIT_HOURS = 12
# A command that is run when a run fails, with the summary on its standard input; empty: none.
ALARM_COMMAND = ""
# An address to which the summary is sent as JSON (POST) when a run fails; empty: none.
ALARM_WEBHOOK = ""

# -- edits ---------------------------------------------------------------------------------------

# With recheck=, a story is fetched again when its age has grown by this share since the last time; 0: by every run.
RECHECK_GROWTH = 0.5

# -- git -----------------------------------------------------------------------------------------

# True: a run that changed something commits what it changed in the archive, and nothing else.
ARCHIVE_COMMIT = False
# True: commits are pushed, too; a rejected push is rebased and tried again.
ARCHIVE_PUSH = False

# -- tools -----------------------------------------------------------------------------------------

# A file for all that the cleaner drops, one JSON line an element; empty: none.
REMOVED_FILE = ""
# `scrapy crawl` turns it on when standard error is a terminal.
PROGRESS_BAR = False

# -- manners -----------------------------------------------------------------------------------

# Default: Scrapy's own. A site's staff should see who asks. Add an address of yours to it, so that they can reach you.
USER_AGENT = "zbcrawler/1.0 (archives news for reading and diffing; obeys robots.txt)"
# Default: False. What the site forbids is not fetched.
ROBOTSTXT_OBEY = True
# Default: 0. About a second, with DOWNLOAD_DELAY_JITTER's default of half of that either way.
DOWNLOAD_DELAY = 1
# Where runs agree on their pace: by a file in the archive, so that all runs of an archive together ask the site no more
# than once in DOWNLOAD_DELAY seconds.
PACE_CLASS = "zbcrawler.downloading.pace.FilePace"
DOWNLOAD_HANDLERS = {
    "http": "zbcrawler.downloading.pace.PacedDownloadHandler",
    "https": "zbcrawler.downloading.pace.PacedDownloadHandler",
}
# Default: 8. A newspaper's pages are not in a hurry.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# Since June 2026 the Wayback Machine's index answers 24 questions a minute, and blocks for five minutes whoever asks
# more (edgi-govdata-archiving/wayback, release 0.5.1); for pages no limit is told.
DOWNLOAD_SLOTS = {"web.archive.org": {"concurrency": 1, "delay": 3, "randomize_delay": False}}
# Default: 16. The site has two domains, and one spider asks them both.
CONCURRENT_REQUESTS = 2
# Default: False. A slow site is asked more slowly.
AUTOTHROTTLE_ENABLED = True
# Default: 5. The delay above is polite enough to start with.
AUTOTHROTTLE_START_DELAY = 1
# Default: 180. A cron run must not hang on one page.
DOWNLOAD_TIMEOUT = 60
# Default: 1 GiB. A story page has under 1 MB; nothing near this is a page.
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
# Default: True. Anonymous reading needs none, and a session would make runs differ.
COOKIES_ENABLED = False
# Default: en. The site is Chinese.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-Hans,zh;q=0.9",
}

# -- the crawl ---------------------------------------------------------------------------------

# Default: 100, so many tasks are made for the items of each page. A page has one story.
CONCURRENT_ITEMS = 1
# Default: LIFO. Stories are asked for in the order given, oldest first, so that a run that is cut
# short leaves its gap at the new end.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# Default: RFPDupeFilter. The spiders see to it that a story is asked for once, by its number; the
# filter would swallow a redirect to a page that was asked for already, and with it the story's fate.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
# Default: True. News pages reload themselves by meta refresh; that is for readers.
METAREFRESH_ENABLED = False

DOWNLOADER_MIDDLEWARES = {
    # Default: on. It would drop a story that redirects to another host without a word; ours tells.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    # Before robots.txt of the other host would be asked for.
    "zbcrawler.downloading.stay_on_site.StayOnSiteMiddleware": 50,
    # Between Scrapy's robots.txt (100) and its retries (550), and behind them.
    "zbcrawler.downloading.robots.RobotsAnswerMiddleware": 540,
    "zbcrawler.downloading.retry_after.RetryAfterMiddleware": 560,
    # Nearer to the download than Scrapy's decompression (590).
    "zbcrawler.downloading.keep_raw.KeepRawMiddleware": 595,
}

ITEM_PIPELINES = {
    "zbcrawler.pipelines.clean_body.CleanBodyPipeline": 100,
    "zbcrawler.pipelines.date_story.DateStoryPipeline": 200,
    "zbcrawler.pipelines.check_story.CheckStoryPipeline": 300,
    "zbcrawler.pipelines.keep_pictures.KeepPicturesPipeline": 800,
    "zbcrawler.pipelines.write_post.WritePostPipeline": 900,
}

EXTENSIONS = {
    # Default: on. Neither a console nor remote control should listen on an archivist's machine.
    "scrapy.extensions.telnet.TelnetConsole": None,
    # In this order: when the spider closes, the verdict reads the books, and the memory hears of the verdict.
    "zbcrawler.extensions.books.Books": 10,
    "zbcrawler.extensions.verdict.Verdict": 15,
    "zbcrawler.extensions.memory.RunMemory": 20,
    "zbcrawler.extensions.progress.Progress": 30,
    "zbcrawler.extensions.removals.Removals": 40,
}
# Default: True, see above.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# -- the log -----------------------------------------------------------------------------------

# Default: DEBUG, a line for every request.
LOG_LEVEL = "INFO"
# Default: a dozen packages, at every start.
LOG_VERSIONS: list[str] = []
# Default: prints whole items.
LOG_FORMATTER = "zbcrawler.extensions.log.StoryLogFormatter"

# -- what Scrapy recommends for new projects ---------------------------------------------------

FEED_EXPORT_ENCODING = "utf-8"
