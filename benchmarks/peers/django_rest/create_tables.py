from __future__ import annotations

import os

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.peers.django_rest.settings")
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
