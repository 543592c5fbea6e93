"""Links of a main product and a companion, and their life from draft to retired.

Nouns: Matrix, Slot (type level), Pair and PairRevision (SKU level), verdict, RatioPolicy.
Called by: imports, bundles, insights, publishing. Reads products and prices from catalog.
A change to an approved pair makes a new PairRevision; the approved one stays as it was.
"""
