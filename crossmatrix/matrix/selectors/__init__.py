"""Reading pairs, slots and the grid; every reading starts from the person who asks."""
