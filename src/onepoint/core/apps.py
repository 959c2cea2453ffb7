from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "onepoint.core"
    label = "core"

    def ready(self) -> None:
        # FEEL knows no Django; this is how its now() and today() follow the house's clock.
        from onepoint.core import (
            audit_seals,
            clock,
            clock_following,
            feel,
            journal_archive,
            readable_moments,
            rescuing,
            ticks,
            verification,  # noqa: F401 - registers its checks
            wellbeing,
        )

        feel.use_clock(clock.now)
        readable_moments.guard_connections()
        wellbeing.register()
        journal_archive.register()
        ticks.register_tick("core.clock", clock_following.look_again)
        ticks.register_tick("core.lost_workers", rescuing.look_for_lost_workers)
        ticks.register_tick("core.audit_seals", audit_seals.seal_journal)
