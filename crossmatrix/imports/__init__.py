"""Spreadsheets in: a file becomes a batch, the batch a plan people can read, the plan one transaction that can be undone.

Nouns: batch (one upload), problem (a cell or row that cannot be taken), plan (stored rows: new, changed, same, error),
journal (what stood there before), profile (a remembered mapping of headers).
Called by: people through the screens, `manage.py import`, demo. Writes only through the services of catalog, matrix
and insights. Never opens an uploaded file in the web or worker process: a guarded child does.
"""
