"""The shipped data and their registry; ``churnlab.datasets.load`` reads them by name."""
