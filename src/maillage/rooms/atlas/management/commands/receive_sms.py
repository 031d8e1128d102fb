"""`python -m django receive_sms --from +336… "OUI 7K2PA"`, or without arguments: the files of the inbox folder."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from maillage.rooms.atlas.freshness_inbox import receive_folder, receive_sms
from maillage.rooms.atlas.freshness_tasks import inbox


class Command(BaseCommand):
    """Takes one SMS, or all that a gateway left in the inbox folder."""

    help = "Take SMS that came in: answers to “is this still true?”, and STOP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One SMS by its sender and text; none for the folder."""
        parser.add_argument("--from", dest="sender", default="", help="the number it came from")
        parser.add_argument("text", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was made of it."""
        if options["sender"]:
            received = receive_sms(options["sender"], options["text"])
            self.stdout.write(f"{received.outcome}: {received.reply}" if received.reply else received.outcome)
            return
        folder = inbox()
        self.stdout.write(f"{receive_folder(folder) if folder.is_dir() else 0} SMS ({folder})")
