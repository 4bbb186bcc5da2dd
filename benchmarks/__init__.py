"""Benchmarks: churnlab and its peers on the same data, in the same run, with ratios.

Run as ``python -m benchmarks``; the README beside this file says what is compared. Not part of
the installed package.
"""
