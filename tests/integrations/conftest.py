"""What other capabilities' tests have, for the operations of the API about them."""

from channels.web_chat.conftest import begin, queue, talking, working  # noqa: F401  (fixtures)
from follow_ups.conftest import close, make_rule, questionnaire  # noqa: F401  (fixtures)
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    customer,
    files_of_this_test,
    register,
    severities,
    ticket,
)
