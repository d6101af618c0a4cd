"""Settings of the project. Each comment says what a setting is for, or why it differs from Scrapy's default.

A value such as 1 refuses fractions, 1.0 takes them.
"""

BOT_NAME = "zbcrawler"
SPIDER_MODULES = ["zbcrawler.spiders"]
NEWSPIDER_MODULE = "zbcrawler.spiders"
COMMANDS_MODULE = "zbcrawler.commands"

# -- the project -------------------------------------------------------------------------------
# Where the site answers; a run follows its redirect to www.zaobao.com.sg once. Posts show neither of these addresses.
SITE_URL = "https://www.zaobao.com"
PICTURE_SITE = "https://static.zaobao.com"
# Further hosts of the site, with port if any, such as mirrors. Listings, sitemaps, robots.txt and stories are requested
# only from the newspaper's own hosts, SITE_URL's and these, whatever a page or redirect says.
SITE_HOSTS: list[str] = []
ARCHIVE_DIR = "archive"  # the folder of the archive; ~ is your home folder
DRY_RUN = False  # True: a run prints what it would do, and writes nothing
# True: the first story of a new archive decides which half of the site, Singapore's or the mainland's, is its home;
# stories of the other half get a note. False: Singapore. Clones that are filled from both halves need False, to agree.
CHOOSE_HOME = True
# Optional keys to add to a post's front matter, where the page has a value; docs/reference/post-layout.md lists them.
FRONT_MATTER_KEYS: list[str] = []
# True: a story's pictures are kept in ARCHIVE_DIR/pictures/, and posts link them there. Pictures fill a repository, but
# the site's links to them will be dead one day.
KEEP_PICTURES = False
# A folder for all story pages as the site sent them (WARC files). `scrapy import FOLDER` applies a better cleaner to
# them later, without new requests. Empty: off. After RAW_MEGABYTES, the next file begins.
KEEP_RAW = ""
RAW_MEGABYTES = 1000
# Where `backfill source=wayback` asks for stories that the site no longer has: the index (CDX) of a web archive, and
# its pages. pywb answers both, as http://HOST/COLLECTION/cdx and http://HOST/COLLECTION.
WAYBACK_INDEX = "https://web.archive.org/cdx/search/cdx"
WAYBACK_PAGES = "https://web.archive.org/web"
# A picture with more bytes is not kept. The newspaper's photos have about a tenth of this size.
PICTURE_MAXSIZE = 20 * 1024 * 1024
# For tests and the demo: a time, such as 2026-01-31T08:00:00+08:00, at which the clock stands still. Empty: the clock
# of the machine. If it differs from the site's by more than an hour, the run writes nothing and fails.
CLOCK = ""
REMOVALS = False  # True: a run logs the words that the cleaner dropped, by rule. `scrapy import` turns it on.
REMOVED_FILE = ""  # a file for the elements that the cleaner drops, one JSON line each; empty: none
PROGRESS_BAR = False  # True: a run draws a progress bar. `scrapy crawl` turns it on when standard error is a terminal.

# -- when a run fails (exit code 1) ------------------------------------------------------------
FAILED_LIMIT = 0  # the number of stories that may fail in a run
# The share of an edition's pages that may lack a field, such as the time; of the requested stories, the share that may
# fail before the site is at fault, and not the stories.
MISSING_LIMIT = 0.2
# Fail the run if the newest story of a section is older: 36h, 2d, off; for single sections "2d, sports=5d, china=12h".
NEWEST_LIMIT = "2d"
# A run requests nothing more after this number of consecutive stories that got no answer or could not be read.
GIVE_UP_AFTER = 20
# Seconds of the processor that reading or cleaning one page may take; then its story fails, and the run goes on.
# 0: no limit. A page takes some milliseconds.
PAGE_SECONDS = 5.0
# A run that cannot read the pages sends at most this number of requests, mostly for archived stories, to learn how
# (docs/explanation/learning.md); a quarter is for listings. It tries once a day, or when the pages change. 0: never.
LEARN_REQUESTS = 40
LEARN_SECONDS = 60.0  # seconds of the processor that learning a listing, and learning a story page, may take
# What is learnt is used only if at least this number of stories taught it, if as many others proved it, and if the
# texts of this share of the others are the archived ones, word for word. The site edits perhaps three in ten.
LEARN_STORIES = 10
LEARN_EQUAL = 0.5
# Seconds that a run waits when the site answers 429 or 503 with Retry-After. If the site asks for more, the run ends,
# and no run requests anything before that time.
RETRY_AFTER_LIMIT = 300.0
# A run exits with 75 while another run of its kind is at work. If that one began more hours ago, an alarm is sent.
LOCK_LIMIT_HOURS = 12.0
# For failures, once a day while they go on, and for their end: a command that gets the summary on its standard input,
# and an address that gets it as JSON (POST).
ALARM_COMMAND = ""
ALARM_WEBHOOK = ""
ALARM_SECONDS = 60.0  # that both alarms may take together, before the command is killed and the webhook is given up

# -- edits and git -----------------------------------------------------------------------------
# An archived story is fetched again, to find an edit, when its age has grown by this share since the last fetch; 0: by
# every run. bench/README.md compares shares and other schedules. The argument recheck= says up to which age.
RECHECK_GROWTH = 0.25
# True: a run commits its changes in the archive, and nothing else; and it also pushes commits, on top of others'.
ARCHIVE_COMMIT = False
ARCHIVE_PUSH = False

# -- requests: pace and permission -------------------------------------------------------------
# Default: Scrapy's own. The site's staff should see who sends requests. Add your address, so that they can reach you.
USER_AGENT = "zbcrawler/1.0 (archives news for reading and diffing; obeys robots.txt)"
ROBOTSTXT_OBEY = True  # Default: False. A page that the site forbids is not fetched.
# Default: 0. Seconds; DOWNLOAD_DELAY_JITTER's default varies them by half. 36 are at most 100 requests an hour.
DOWNLOAD_DELAY = 1.0
# All runs of an archive together send the site at most one request in DOWNLOAD_DELAY seconds. A file keeps the time.
PACE_CLASS = "zbcrawler.downloading.pace.FilePace"
DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "zbcrawler.downloading.pace.PacedDownloadHandler")
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # Default: 8. One request at a time per host.
# Since June 2026 the Wayback Machine's index answers 24 requests a minute, and blocks for five minutes a client that
# sends more (edgi-govdata-archiving/wayback, release 0.5.1). No limit for pages is documented.
DOWNLOAD_SLOTS = {"web.archive.org": {"concurrency": 1, "delay": 3, "randomize_delay": False}}
CONCURRENT_REQUESTS = 2  # Default: 16. The site has two domains, and one spider requests both.
# Default: False. A slow site gets fewer requests; at the start (default: 5) the delay above is polite enough.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
DOWNLOAD_TIMEOUT = 60.0  # Default: 180. A cron run must not hang on one page.
# Default: 1 GiB. A story page has less than 1 MB; a larger response than this is no page.
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
COOKIES_ENABLED = False  # Default: True. Anonymous reading needs no cookies, and a session would make runs differ.
# Default: en. The site is Chinese.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-Hans,zh;q=0.9",
}

# -- the crawl ---------------------------------------------------------------------------------
CONCURRENT_ITEMS = 1  # Default: 100, the number of tasks for the items of each page. A page has one story.
# Default: LIFO. Stories are requested oldest first, so a stopped run leaves out the newest stories.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# Default: RFPDupeFilter, which would drop a redirect to a page that was already requested, and the story would have no
# outcome. The spiders themselves request a story once, by its number.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
METAREFRESH_ENABLED = False  # Default: True. News pages reload themselves by meta refresh, which is for readers.
FEED_EXPORT_ENCODING = "utf-8"  # Default: None, which escapes every Chinese character in a JSON feed

DOWNLOADER_MIDDLEWARES = {
    # Default: on. It would silently drop a story that redirects to another host; StayOnSite reports the story.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    # Before Scrapy requests robots.txt of another host.
    "zbcrawler.downloading.middlewares.StayOnSiteMiddleware": 50,
    # Between Scrapy's robots.txt (100) and its retries (550); RetryAfter behind the retries.
    "zbcrawler.downloading.middlewares.RobotsAnswerMiddleware": 540,
    "zbcrawler.downloading.middlewares.RetryAfterMiddleware": 560,
    # Next to the download. If the site's own clock is wrong, None turns the comparison off.
    "zbcrawler.downloading.middlewares.CheckClockMiddleware": 950,
    # Nearer to the download than Scrapy's decompression (590).
    "zbcrawler.downloading.middlewares.KeepRawMiddleware": 595,
}

ITEM_PIPELINES = {
    "zbcrawler.pipelines.prepare_story.PrepareStoryPipeline": 100,
    "zbcrawler.pipelines.keep_pictures.KeepPicturesPipeline": 800,
    "zbcrawler.pipelines.write_post.WritePostPipeline": 900,
}

EXTENSIONS = {
    # Default: on. No console should listen on the machine.
    "scrapy.extensions.telnet.TelnetConsole": None,
    # In this order: when the spider closes, Verdict reads Books and sends signals, which RunMemory receives.
    "zbcrawler.extensions.bookkeeping.Books": 10,
    "zbcrawler.extensions.verdict.Verdict": 15,
    "zbcrawler.extensions.shared_parts.SharedParts": 18,  # changes the run state, which RunMemory saves
    "zbcrawler.extensions.owed_stories.RunMemory": 20,
    "zbcrawler.extensions.progress.Progress": 30,
    "zbcrawler.extensions.removals.Removals": 40,
}
REMOTE_CONTROL_ENABLED = False  # Default: True. No remote control should listen on the machine.

# -- the log -----------------------------------------------------------------------------------
# Default: DEBUG, a line for every request. INFO adds a line for every story, and the counters at the end; --logfile has
# both always.
LOG_LEVEL = "WARNING"
LOG_VERSIONS: list[str] = []  # Default: a dozen packages, at every start
# Default: WARNING, and ERROR. The summary has each story that fails, with its reason.
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"
RETRY_GIVE_UP_LOG_LEVEL = "INFO"
