"""The look: base layout, list kit, tables, template tags, htmx helpers, SVG charts, the frame of the command line.

Called by every area's views, templates and commands. Knows no area and no model.
"""
