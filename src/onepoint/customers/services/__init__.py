"""Every write to the customer record: the record itself, what belongs to it, and the levels."""

from onepoint.customers.services.attention import change_attention, put_on_attention_list, take_off_attention_list
from onepoint.customers.services.belongings import (
    add_account,
    add_asset,
    add_contact_person,
    change_account,
    change_asset,
    change_contact_person,
    close_account,
    remove_contact_person,
    retire_asset,
)
from onepoint.customers.services.copies import ask_for_copy
from onepoint.customers.services.erasure import (
    ask_for_erasure,
    confirm_erasure,
    refuse_erasure,
    resume_erasures,
    run_erasure,
    set_legal_hold,
)
from onepoint.customers.services.imports import (
    cancel_import,
    check_import,
    map_import,
    run_import,
    start_import,
    steps_of_import,
    upload_import,
)
from onepoint.customers.services.levels import change_level, create_level
from onepoint.customers.services.likeness import compare_all, compare_customers, propose_again, tell_apart
from onepoint.customers.services.merging import merge_customers, move_latecomers, undo_merge
from onepoint.customers.services.records import (
    NewAccount,
    NewAsset,
    change_customer,
    create_customer,
    deactivate_customer,
    reactivate_customer,
)
from onepoint.customers.services.retention import change_retention, remove_past_files
from onepoint.customers.services.tree import place_customer, take_out_customer

__all__ = [
    "NewAccount",
    "NewAsset",
    "add_account",
    "add_asset",
    "add_contact_person",
    "ask_for_copy",
    "ask_for_erasure",
    "cancel_import",
    "change_account",
    "change_asset",
    "change_attention",
    "change_contact_person",
    "change_customer",
    "change_level",
    "change_retention",
    "check_import",
    "close_account",
    "compare_all",
    "compare_customers",
    "confirm_erasure",
    "create_customer",
    "create_level",
    "deactivate_customer",
    "map_import",
    "merge_customers",
    "move_latecomers",
    "place_customer",
    "propose_again",
    "put_on_attention_list",
    "reactivate_customer",
    "refuse_erasure",
    "remove_contact_person",
    "remove_past_files",
    "resume_erasures",
    "retire_asset",
    "run_erasure",
    "run_import",
    "set_legal_hold",
    "start_import",
    "steps_of_import",
    "take_off_attention_list",
    "take_out_customer",
    "tell_apart",
    "undo_merge",
    "upload_import",
]
