"""What domains promise each other, and what all of them promise the server: the search attribute.

It is registered in each namespace once; without it no workflow can be started.
"""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

BUSINESS_KEY = SearchAttributeKey.for_keyword("BusinessKey")
"""The id by which the business knows what a workflow is about, such as that of an order.

It is one attribute for all domains, because a namespace may have few: it finds all that is about
an order, and together with `WorkflowType` the workflows of one kind.
"""


def business_key(value: str) -> TypedSearchAttributes:
    """The search attributes of a workflow that is about `value`."""
    return TypedSearchAttributes([SearchAttributePair(BUSINESS_KEY, value)])
