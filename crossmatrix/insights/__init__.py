"""What orders say about pairs: evidence, suggestions, weak pairs.

Nouns: order file, refresh (one counting of a window), pair statistics, suggestion, weak flag.
Called by: imports (orders in), home, api, the screens of this area. Reads catalog and matrix; writes pairs only through
matrix services. A refresh is a whole: readers see the former one until the new one is complete.
It never imports bundles or publishing, never edits a closed flag, never switches a pair off by itself.
"""
