"""The screens of the area: weak pairs, evidence."""
