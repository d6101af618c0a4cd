"""The signals by which the parts of a run tell each other what happens."""

story_requested = object()
"""A story is about to be fetched. Sent with ``section`` (str) and ``address`` (:class:`StoryAddress`)."""

story_settled = object()
"""A story's fate is known. Sent with ``section`` (str), ``address`` (str, or :class:`StoryAddress` if
it was requested), ``outcome`` (:class:`Outcome`) and ``reason`` (str)."""

stories_settled = object()
"""Of many stories nothing is to be told but their outcome. Sent with ``section`` (str), ``outcome`` (:class:`Outcome`)
and ``count`` (int)."""

listing_read = object()
"""A page of a section was read. Sent with ``section`` (str), ``page`` (int, from 1)."""

listing_cut = object()
"""A section was not read to the end of its news, and stories may be missing. Sent with ``section`` (str) and
``pages`` (int), how many of its pages were read; behind them lies what is missing."""

listing_finished = object()
"""A section was read until nothing can be missing any more. Sent with ``section`` (str)."""

body_cleaned = object()
"""A body was cleaned. Sent with ``address`` (:class:`StoryAddress`) and ``removed`` (what was dropped, in reading
order: pairs of the rule's name and the lxml element, which is only good while the signal is handled)."""

run_planned = object()
"""It is known how much a run has to do. Sent with ``count`` (int), the number of stories."""

run_problem = object()
"""Something that is not about one story needs a person. Sent with ``where`` (str), ``what`` (str)."""

asking_must_end = object()
"""Nothing more should be asked of the site in this run. Sent with ``where`` (str) and ``what`` (str), as
``run_problem`` is, which is sent for the first of them."""

site_asked_to_wait = object()
"""The site wants to be left alone for longer than a run waits. Sent with ``address`` (str), which answered so, and
``until`` (aware datetime)."""

run_note = object()
"""Something a reader of the summary should know, and no failure. Sent as ``run_problem`` is."""
