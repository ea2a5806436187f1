"""Writes the alert rules as an object of Kubernetes, for the Prometheus Operator (`make rules`)."""

from pathlib import Path
from textwrap import indent

DEPLOY = Path(__file__).parent.parent / "deploy"
FILE = DEPLOY / "kubernetes" / "base" / "namespace" / "prometheus-rule.yaml"

HEAD = """\
# Written by `make rules` from deploy/monitoring/rules: change it there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule # of the Prometheus Operator
metadata:
  name: workers
spec:
  groups:
"""


def prometheus_rule() -> str:
    """What the file has to hold: all groups of all rule files, as they stand there."""
    files = sorted((DEPLOY / "monitoring" / "rules").glob("*.yml"))
    groups = [file.read_text("utf-8").partition("groups:\n")[2] for file in files]
    return HEAD + "".join(indent(group, "  ") for group in groups)


if __name__ == "__main__":
    FILE.write_text(prometheus_rule(), "utf-8")
