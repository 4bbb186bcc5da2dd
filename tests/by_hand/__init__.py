"""Truths small enough to work out by hand, with the algebra in the test."""
