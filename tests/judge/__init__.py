"""Judges of a cleaned body, written without a look at the cleaner.

They read a source body with the standard library's `html.parser` and know only what is written down about the
site and about the layout of a post. In their docstrings "layouts" is the description of the site's pages,
"post layout" that of the files. A cleaner and a judge that agree have therefore agreed by two ways.
"""
