"""What a caller asked for: which columns, which scales, how importance was elicited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

from churnlab import checks
from churnlab.checks import IfPresent, InputError

Scale = tuple[float, float]
ImportanceAs = Literal["rating", "rank", "share"]
Missing = Literal["renormalise", "complete", "impute"]

IN_CUSTOMER, IN_IMPROVABILITY = IfPresent("customer"), IfPresent("improvability")
_USUAL: Scale = (1.0, 10.0)


@dataclass(frozen=True)
class Scales:
    """Lowest and highest of each rating; ``said`` are those for which 1 to 10 is not assumed."""

    satisfaction: Scale
    importance: Scale
    improvability: Scale
    said: frozenset[str]

    @classmethod
    def of(cls, scale: Any, importance_scale: Any, improvability_scale: Any) -> Scales:
        base = _USUAL if scale is None else checks.ends("scale", scale)
        rest = {"importance_scale": importance_scale, "improvability_scale": improvability_scale}
        importance, ease = (base if v is None else checks.ends(k, v) for k, v in rest.items())
        ratings = ("satisfaction", "importance", "improvability")
        own = {key.removesuffix("_scale") for key, value in rest.items() if value is not None}
        return cls(base, importance, ease, frozenset(ratings if scale is not None else own))


@dataclass(frozen=True, eq=False)
class Asked:
    """The arguments that all estimates of the index share, as they were passed."""

    improvability: Any = IN_IMPROVABILITY
    customer: str | None = IN_CUSTOMER
    factor: str = "factor"
    satisfaction: str = "satisfaction"
    importance: Any = "importance"
    weight: str | None = None
    cluster: str | None = None
    by: str | Sequence[str] | None = None
    scale: Sequence[float] | None = None
    importance_scale: Sequence[float] | None = None
    improvability_scale: Sequence[float] | None = None
    importance_as: ImportanceAs = "rating"
    missing: Missing = "renormalise"

    def check(self, taken: Sequence[str]) -> Asked:
        """Refuse what cannot be meant, before any data is opened."""
        checks.choice("importance_as", self.importance_as, ImportanceAs)
        checks.choice("missing", self.missing, Missing)
        if self.importance_as != "rating" and self.importance_scale is not None:
            raise InputError(
                f"importance_scale={self.importance_scale!r} is the scale of ratings, and "
                f"importance_as={self.importance_as!r} has none: leave one of them out."
            )
        if self.importance_as == "rank" and self.missing == "impute":
            raise InputError(
                "missing='impute' fills cells with means, and a mean of ranks is no rank: use "
                "missing='renormalise' or 'complete'."
            )
        self.check_groups(taken)
        for role in ("weight", "cluster"):
            if getattr(self, role) in self.groups:
                raise InputError(
                    f"{role}={getattr(self, role)!r} is also a column of groups: name one of them."
                )
        return self

    def check_groups(self, taken: Sequence[str]) -> None:
        """Refuse group columns whose names a result or another role takes."""
        played = [str(c) for c in (self.customer, self.factor, self.satisfaction) if c is not None]
        played += [self.importance] if isinstance(self.importance, str) else []
        checks.group_columns(self.by, (*taken, *played, "customer", "factor"))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        return checks.group_columns(self.by, ())

    @cached_property
    def roles(self) -> dict[str, str]:
        """Role -> column of the groups."""
        return {f"by{i}": name for i, name in enumerate(self.groups)}

    @cached_property
    def scales(self) -> Scales:
        return Scales.of(self.scale, self.importance_scale, self.improvability_scale)

    @property
    def importance_given(self) -> bool:
        """Importance comes from a table, the same for all customers."""
        return not isinstance(self.importance, str)

    def changed(self) -> list[str]:
        """The names of the arguments that are not at their defaults."""
        found = []
        for each in fields(self):
            value = getattr(self, each.name)
            plain = value is None or isinstance(value, str)
            if not plain or value != each.default:
                found.append(each.name)
        return found

    @property
    def floor(self) -> float:
        """The importance at which nothing matters."""
        return self.scales.importance[0] if self.importance_as == "rating" else 0.0
