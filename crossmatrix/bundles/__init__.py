"""Bundles: a supplier's proposals of items sold together at one price, and their review by the shop.

Nouns: Bundle, BundleRevision (frozen when submitted), BundleItem, Review (one row per stage and revision), Contributor.
Called by: publishing (released_bundles). Writes approved pairs through matrix.services.
A supplier sees its own products and proposals only: every portal selector starts from the supplier of the person.
Never shows a supplier the shop's cost, margin or internal notes, and never lets a contributor decide.
"""
