"""What shops get: channels, their numbered releases, and the files each storefront imports.

Nouns: channel (one storefront), release (immutable snapshot), delivery (the files of a release for a channel).
Called by: the screens, the release commands, demo. Reads approved pairs from matrix, approved bundles from bundles.
Never edits a pair, and never edits a release: a roll-back is a new release.
"""
