"""Data sets: the shipped ones by name, and generated ones of any size from a seed.

Shipped data live in the package ``churnlab.data`` (the folder ``datasets/``) beside their
registry, which gives each set's source, licence and story. Generated histories hang on
(seed, customer) alone: they do not change with the size asked for or with the machine.
"""

from churnlab.datasets.events import SEGMENT_LIFE, events_to_parquet, generate_events
from churnlab.datasets.shipped import catalogue, load
from churnlab.datasets.subscriptions import (
    PLANS,
    Plan,
    generate_subscriptions,
    subscriptions_to_parquet,
)

__all__ = [
    "PLANS",
    "SEGMENT_LIFE",
    "Plan",
    "catalogue",
    "events_to_parquet",
    "generate_events",
    "generate_subscriptions",
    "load",
    "subscriptions_to_parquet",
]
