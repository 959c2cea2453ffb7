from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_business_lines_and_levels"),
        ("core", "0006_reference_stamps"),
    ]
    operations = [
        watch_tables(
            "access",
            "accounts_user(unit_id, is_active, name, name_en)",
            "accounts_role",
            "accounts_rolegrant",
            "accounts_rolegrant_units",
            "accounts_rolegrant_regions",
            "accounts_rolegrant_business_lines",
            "accounts_orgunit",
            "accounts_orgunit_business_lines",
            "accounts_region",
            "accounts_position",
            "accounts_appointment",
            "accounts_interfaceperson",
            "accounts_group",
            "accounts_group_members",
            "accounts_roster",
            "accounts_shift",
            "accounts_duty",
            "accounts_duty_people",
            "accounts_delegation",
            "accounts_delegation_roles",
        ),
    ]
