"""JSON for machines: health now; the feed and the look-up by SKU belong here too."""
