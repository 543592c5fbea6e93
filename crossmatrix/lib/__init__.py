"""Small pure helpers on money, digests and text. Standard library only; knows no area."""
