"""The house's settings, with what the next release adds."""

from onepoint.config.settings import *  # noqa: F403
from onepoint.config.settings import INSTALLED_APPS as NOW

INSTALLED_APPS = [*NOW, "next_release.apps.NextReleaseConfig"]
