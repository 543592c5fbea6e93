"""One send of the grid: many small edits, an answer for each, the same send repeated changes nothing."""

from crossmatrix.matrix.services.cells.send import KeyTaken, NothingThere, batch_name
from crossmatrix.matrix.services.cells.writing import claim_key, undo, write_cells

__all__ = ["KeyTaken", "NothingThere", "batch_name", "claim_key", "undo", "write_cells"]
