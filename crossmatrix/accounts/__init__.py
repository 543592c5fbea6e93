"""Who may do what, and where.

Nouns: User, Membership (a role within a category subtree, or for one supplier), Permission.
Roles live in code (rules.py) and answer Django's user.has_perm; scope is asked for in selectors.
"""
