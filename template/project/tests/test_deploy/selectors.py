"""What labels, ports and amounts in manifests mean to Kubernetes."""

import math
import re
from typing import Any

UNITS = {unit: 1000 ** (index + 1) for index, unit in enumerate("kMGTPE")}
UNITS |= {f"{unit}i": 1024 ** (index + 1) for index, unit in enumerate("KMGTPE")}
FRACTIONS = {"": 1, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def quantity(text: str | float | None) -> float:
    """An amount such as 500m or 1Gi; no number if it is none."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)([eE]\d+)?([a-zA-Z]{0,2})", str(text))
    unit = (UNITS | FRACTIONS).get(match[3]) if match else None
    return float(match[1] + (match[2] or "")) * unit if match and unit else math.nan


def seconds(duration: str) -> float:
    """A duration such as 1h30m."""
    units = {"ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86_400}
    parts = re.findall(r"([\d.]+)(ms|s|m|h|d)", duration)
    return sum(float(number) * units[unit] for number, unit in parts)


def share(value: str | int, whole: int) -> int:
    """A number of pods, or a percentage of them, rounded up."""
    return math.ceil(whole * int(value[:-1]) / 100) if isinstance(value, str) else value


def meets(expression: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether labels are as one of `matchExpressions` says."""
    found, values = labels.get(expression["key"]), expression.get("values", [])
    match expression["operator"]:
        case "In":
            return found in values
        case "NotIn":
            return found not in values
        case "Exists":
            return found is not None
        case _:
            return found is None


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a selector of labels finds these; an empty one finds all."""
    wanted: dict[str, str] = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []
    return wanted.items() <= labels.items() and all(meets(each, labels) for each in expressions)


def selector_of(text: str) -> dict[str, Any]:
    """A selector in one line, such as `app=a,tier in (b, c),!d`, as Kubernetes writes it."""
    expressions = []
    for part in filter(None, (part.strip() for part in re.split(r",(?![^(]*\))", text))):
        if match := re.fullmatch(r"([^\s=!]+)\s*(==?|!=)\s*(\S*)", part):
            key, operator, values = match[1], "NotIn" if match[2] == "!=" else "In", [match[3]]
        elif match := re.fullmatch(r"(\S+)\s+(in|notin)\s*\((.*)\)", part):
            key, operator = match[1], "In" if match[2] == "in" else "NotIn"
            values = [value.strip() for value in match[3].split(",")]
        else:
            key, values = part.lstrip("! "), []
            operator = "DoesNotExist" if part[0] == "!" else "Exists"
        expressions.append({"key": key, "operator": operator, "values": values})
    return {"matchExpressions": expressions}


def opens(rule: dict[str, Any], port: int | str, protocol: str, names: dict[str, int]) -> bool:
    """Whether a rule of a NetworkPolicy is also about a port, where some have names."""
    number = names.get(str(port), port)
    for each in rule.get("ports") or [{}]:
        if each.get("protocol", "TCP") != protocol and "port" in each:
            continue
        first = names.get(str(each.get("port")), each.get("port", number))
        last = each.get("endPort", first)
        if first == number:
            return True
        if isinstance(first, int) and isinstance(number, int) and first <= number <= last:
            return True
    return False
