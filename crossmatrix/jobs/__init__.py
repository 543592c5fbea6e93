"""What work is owed: the row is the work order, Celery is only the doorbell.

Nouns: JobRun (the order), Tick (one due time of a schedule). Called by every area's services (`order`)
and tasks (`claimed`). Knows tasks by name and imports none of them; loses nothing when the broker does.
"""
