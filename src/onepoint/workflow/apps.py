from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowConfig(AppConfig):
    name = "onepoint.workflow"
    label = "workflow"
    verbose_name = _("Workflow")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.core import ticks
        from onepoint.core.navigation import NavItem, register
        from onepoint.core.rest import register_router
        from onepoint.workflow import (
            calendars,
            limit_choices,
            policies,
            receivers,  # noqa: F401  (connect by being imported)
            registry,
            services,
            verbs,  # noqa: F401  (names what the journal holds)
            verification,  # noqa: F401  (registers its checks)
        )
        from onepoint.workflow.services import decisions, handing_over  # noqa: F401  (the latter registers what people hold)
        from onepoint.workflow.services import urging as urging_services
        from onepoint.workflow.services.starts import SUBJECT
        from onepoint.workflow.urging import events, recipients

        permissions.name_noun("process", self.verbose_name)
        permissions.name_noun("task", self.verbose_name)
        permissions.register("process.view", _("See processes, their versions and incidents"))
        permissions.register("process.manage", _("Deploy and publish processes, retry incidents"))
        permissions.register("process.terminate", _("Terminate a running process"))
        permissions.register("process.move", _("Move a running process to another step"))
        permissions.register("process.suspend", _("Suspend a running process and let it go on"))
        permissions.register("process.reopen", _("Let an ended process live again"))
        permissions.register(
            recipients.SUPERIOR, _("Be the superior of late tasks: be told of them and take them over")
        )
        permissions.register("reminder_rule.view", _("See the rules of reminders"))
        permissions.register("reminder_rule.change", _("Change the rules of reminders"))
        permissions.name_noun("reminder_rule", _("Reminder rules"))
        permissions.register("task.reassign", _("Give another person's task to somebody else"))
        limit_choices.register()
        urging_services.register()
        events.register()
        ticks.register_tick("workflow.timers", services.fire_due_timers)
        ticks.register_tick("workflow.messages", services.sweep_messages)
        registry.register_subject(SUBJECT, policies.may_see_by_itself)
        register(NavItem("design", 10, _("Processes"), "process-list", "git-branch", "process.view"))
        register(NavItem("design", 15, _("Decision tables"), "decision-list", "table", "process.view"))
        register(NavItem("design", 50, _("Reminder rules"), "reminder-rule-list", "bell", "reminder_rule.view"))
        register(NavItem("supervision", 70, _("Operations"), "operation-overview", "route", "process.view"))
        register(NavItem("supervision", 80, _("Stuck processes"), "incident-list", "alert-triangle", "process.view"))
        register_router("/tasks", "onepoint.workflow.api.router", "Tasks")
        registry.register_calendar("working", calendars.add_working_time, calendars.working_time_between)
        registry.register_handlers("decision", decisions.handler_of)
