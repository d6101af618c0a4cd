"""Judges of a cleaned body, written without a look at the cleaner.

The judges read a source body with the standard library's `html.parser`, and follow only the documents on the
site's pages ("layouts" in their docstrings) and on the files of the archive ("post layout"). So a result on which
cleaner and judge agree was reached in two independent ways.
"""
