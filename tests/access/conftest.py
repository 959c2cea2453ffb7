"""The house of this folder, with the ticket tests' category tree, forms and process."""

import pytest

from access.house import House, furnish
from cast import Cast
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    files_of_this_test,
    severities,
)


@pytest.fixture
def house(cast: Cast, categories, broadband_form, complaint_process) -> House:  # noqa: F811
    return furnish(cast, categories, broadband_form)
