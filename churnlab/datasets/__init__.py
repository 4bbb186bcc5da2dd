"""Data sets: the shipped ones by name, and generated ones of any size from a seed.

Shipped data live in the package ``churnlab.data`` (the folder ``datasets/``) beside their
registry, which gives each set's source, licence and story. Generated histories hang on
(seed, customer) alone: they do not change with the size asked for or with the machine.
"""

from churnlab.datasets.accounts import accounts_to_parquet, generate_accounts
from churnlab.datasets.calls import CALLING, DISSATISFIED, calls_to_parquet, generate_calls
from churnlab.datasets.events import SEGMENT_LIFE, events_to_parquet, generate_events
from churnlab.datasets.leavers import (
    CONTROLLABLE,
    LEAVER_SEGMENTS,
    REASONS,
    LeaverSegment,
    generate_leavers,
    leavers_to_parquet,
)
from churnlab.datasets.ratings import FACTORS, QUOTAS, generate_ratings, ratings_to_parquet
from churnlab.datasets.shipped import catalogue, load
from churnlab.datasets.station import fuel_to_parquet, generate_fuel
from churnlab.datasets.subscriptions import (
    PLANS,
    Plan,
    generate_subscriptions,
    subscriptions_to_parquet,
)
from churnlab.datasets.workshop import generate_visits, visits_to_parquet

__all__ = [
    "CALLING",
    "CONTROLLABLE",
    "DISSATISFIED",
    "FACTORS",
    "LEAVER_SEGMENTS",
    "PLANS",
    "QUOTAS",
    "REASONS",
    "SEGMENT_LIFE",
    "LeaverSegment",
    "Plan",
    "accounts_to_parquet",
    "calls_to_parquet",
    "catalogue",
    "events_to_parquet",
    "fuel_to_parquet",
    "generate_accounts",
    "generate_calls",
    "generate_events",
    "generate_fuel",
    "generate_leavers",
    "generate_ratings",
    "generate_subscriptions",
    "generate_visits",
    "leavers_to_parquet",
    "load",
    "ratings_to_parquet",
    "subscriptions_to_parquet",
    "visits_to_parquet",
]
