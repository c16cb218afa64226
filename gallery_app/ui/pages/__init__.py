"""The pages beside the grid, one module each. They build themselves inside `shell.py`'s frame."""
