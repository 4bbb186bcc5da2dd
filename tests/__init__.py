"""Tests of churnlab; ``tests/test_<module>.py`` mirrors the modules."""
