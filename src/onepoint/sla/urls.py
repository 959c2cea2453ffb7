from django.urls import path

from onepoint.sla.views import calendar_places, calendars, clock_policies, moments

urlpatterns = [
    path("clock-policies/", clock_policies.clock_policy_list, name="clock-policy-list"),
    path("clock-policies/new/", clock_policies.clock_policy_create, name="clock-policy-create"),
    path("clock-policies/presets/", clock_policies.clock_policy_presets, name="clock-policy-presets"),
    path("clock-policies/<int:pk>/", clock_policies.clock_policy_detail, name="clock-policy-detail"),
    path("moments/", moments.list_moments, name="moment-list"),
    path("moments/<int:pk>/retry/", moments.retry_moment, name="moment-retry"),
    path("moments/<int:pk>/skip/", moments.skip_moment, name="moment-skip"),
    path("calendars/", calendars.calendar_list, name="calendar-list"),
    path("calendars/new/", calendars.calendar_create, name="calendar-create"),
    path("calendars/assignments/", calendar_places.assignment_list, name="calendar-assignments"),
    path(
        "calendars/assignments/<int:assignment_id>/withdraw/",
        calendar_places.assignment_withdraw,
        name="calendar-withdraw",
    ),
    path("calendars/holidays/", calendar_places.public_holidays, name="calendar-holidays"),
    path("calendars/holidays/fill/", calendar_places.public_year_fill, name="calendar-year-fill"),
    path("calendars/changes/", calendar_places.change_list, name="calendar-changes"),
    path("calendars/<int:calendar_id>/", calendars.calendar_detail, name="calendar-detail"),
    path("calendars/<int:calendar_id>/change/", calendars.calendar_edit, name="calendar-edit"),
    path("calendars/<int:calendar_id>/delete/", calendars.calendar_delete, name="calendar-delete"),
    path("calendars/<int:calendar_id>/default/", calendars.calendar_default, name="calendar-default"),
    path("calendars/<int:calendar_id>/days/", calendars.calendar_days_set, name="calendar-days-set"),
    path(
        "calendars/<int:calendar_id>/days/<int:day_id>/remove/",
        calendars.calendar_day_remove,
        name="calendar-day-remove",
    ),
    path("calendars/<int:calendar_id>/copy-year/", calendars.calendar_year_copy, name="calendar-year-copy"),
]
