"""Settings of Likeness. Every default works on one machine; production differs by environment only.

Each variable is described in docs/settings.md. A setting stands in the module of its topic.
"""

from __future__ import annotations

from config.settings.topics.application import *
from config.settings.topics.browser_security import *
from config.settings.topics.jobs import *
from config.settings.topics.keys import *
from config.settings.topics.live import *
from config.settings.topics.messages import *
from config.settings.topics.observation import *
from config.settings.topics.places import *
from config.settings.topics.retention import *
from config.settings.topics.sign_in import *
from config.settings.topics.stores import *
from config.settings.topics.tasks import *
from config.settings.topics.verification import *
