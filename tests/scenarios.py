"""Answers to the interview that the suite renders, by a readable name.

Between them they hold each pair of values of the options.
"""

from pathlib import Path

AWKWARD = "Ångström \"quoted\" 'single' \\ back\\slash {{ 7 * 7 }} {% raw %} {# #} $HOME `x` 🚀"

RECIPES = sorted(
    folder.name for folder in (Path(__file__).parents[1] / "template/recipes").iterdir()
)

ALL = (
    "order:saga, payment:retry, expense:approval, cleanup:schedule, ingest:batch, session:entity, "
    "notification:simple"
)

SCENARIOS: dict[str, dict[str, str]] = {
    "defaults": {},
    "every-answer-given": {
        "project_name": "Billing Platform",
        "package_name": "billing",
        "project_slug": "billing-platform",
        "project_description": "Invoices, dunning and refunds.",
        "user_name": "Billing team",
        "user_email": "billing.team+ci@example.co.uk",
        "github_user": "Acme-Inc",
        "python_version": "3.12",
        "container_registry": "registry.example.com:5000/team_a/billing",
        "domains": " refund : saga ,invoice:simple ",
        "ci": "gitlab",
        "api": "true",
        "tracing": "true",
        "payload_encryption": "true",
        "autoscaling": "hpa",
        "rollout": "versioned",
        "alert_receivers": "[slack]",
    },
    "only-a-name": {"user_name": "Ada Lovelace", "alert_receivers": "[pagerduty]"},
    "only-an-address": {"user_email": "o'hara@example.com"},
    "all-recipes": {"domains": ALL, "tracing": "true"},
    "gitlab": {"ci": "gitlab"},
    "no-ci": {"ci": "none", "payload_encryption": "true"},
    "api": {"api": "true"},
    "api-of-all-recipes": {"domains": ALL, "api": "true", "alert_receivers": "[pagerduty]"},
    "encryption": {"payload_encryption": "true"},
    "encryption-of-all-recipes": {"domains": ALL, "api": "true", "payload_encryption": "true"},
    **{f"{recipe}-alone": {"domains": f"example:{recipe}"} for recipe in RECIPES},
    "one-recipe-twice": {
        "domains": "order:saga, purchase:saga",
        "ci": "none",
        "autoscaling": "hpa",
        "alert_receivers": "[pagerduty]",
    },
    "twelve-domains": {
        "domains": ", ".join(f"d{n}:{RECIPES[n % len(RECIPES)]}" for n in range(12)),
        "autoscaling": "keda",
        "rollout": "versioned",
    },
    "names-of-modules": {
        "domains": "json:saga, http:simple, base:saga, settings:simple, null:saga",
        "ci": "none",
        "tracing": "true",
        "rollout": "versioned",
        "alert_receivers": "[pagerduty]",
    },
    "short-names": {
        "package_name": "z",
        "project_slug": "z",
        "domains": ", ".join(map(":".join, zip("abcdefg", RECIPES, strict=True))),
        "ci": "none",
        "api": "true",
        "tracing": "true",
        "autoscaling": "keda",
        "alert_receivers": "[slack]",
    },
    "long-names": {
        "package_name": "a_package_whose_name_is_as_long_as_it_ca",
        "domains": ", ".join(f"{recipe * 39:.39}:{recipe}" for recipe in RECIPES),
        "ci": "gitlab",
        "api": "true",
        "tracing": "true",
        "payload_encryption": "true",
        "autoscaling": "keda",
        "rollout": "versioned",
        "alert_receivers": "[pagerduty]",
    },
    "awkward-text": {
        "project_name": AWKWARD,
        "package_name": "awkward",
        "project_description": f"{AWKWARD}\n```\n<!-- two\tlines",
        "user_name": AWKWARD,
    },
    "python-3.11": {"python_version": "3.11", "alert_receivers": "[slack]"},
    "python-3.14": {"python_version": "3.14", "autoscaling": "hpa"},
}
