"""Opens uploaded files. Runs in a throw-away child process (child.py) that the worker starts through guard.py.

No Django here: the child starts in a tenth of a second and knows nothing but the file and one database address.
Everything except guard.py may die: a two-kilobyte workbook can abort the native reader.
"""
