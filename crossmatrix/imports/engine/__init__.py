"""The set-based middle of an import: staged rows → one comparison with what we have → a stored plan.

Every statement works on the whole file. Table names are ours; every value is a parameter.
"""
