"""The shipped font, "Churnlab Sans CJK": Chinese labels look the same on every machine."""
