"""Customers without a contract: what a silence says when nobody tells that they leave."""

from churnlab.purchases.bands import silence_bands
from churnlab.purchases.chances import false_alarm, silence
from churnlab.purchases.gaps import gap_quantiles
from churnlab.purchases.silences import silences

__all__ = ["false_alarm", "gap_quantiles", "silence", "silence_bands", "silences"]
