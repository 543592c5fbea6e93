"""What happened: one append-only row for each change a person may ask about.

Nouns: AuditEvent. Called by the services of every area, in the transaction of the change itself.
Never written by signals, never updated or deleted: the database refuses both.
"""
