"""Customers and recurring revenue in the next periods, with limits, and held against the past."""

from churnlab.forecast.ahead import customers
from churnlab.forecast.money import revenue
from churnlab.forecast.origins import backtest

__all__ = ["backtest", "customers", "revenue"]
