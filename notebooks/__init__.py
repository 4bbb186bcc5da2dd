"""The course, executed; ``churnlab notebooks DIR`` copies it, ``tools.notebooks`` makes it from src."""
