"""What counts as one shopper's basket, and the classes of its size."""

BUCKETS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 45, 70)  # smallest basket size of each bucket
WHOLESALE_ABOVE = 200  # products in one order: a shop's or a robot's, it says nothing about a shopper
