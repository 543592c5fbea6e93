"""What can be sold: categories, suppliers, products and the history of their prices.

Called by every area above. A SKU is text and never a number. Knows nothing of pairs or orders.
"""
