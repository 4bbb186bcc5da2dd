"""The casebook: what five articles state, beside what churnlab computes from the same inputs."""

from churnlab.casebook.reproduce import extensions, reproduce, table

__all__ = ["extensions", "reproduce", "table"]
