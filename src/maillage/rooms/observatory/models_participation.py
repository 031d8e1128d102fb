"""Who took part, in their own words: voluntary, coarse, without identity; folded into tallies after a year.

Nothing here refers to a person, an account, a contribution or an address: there is no way back from a row to somebody.
"""

from __future__ import annotations

from django.db import models

from maillage.core.channels.kinds import Channel


class ParticipationDeclaration(models.Model):
    """What somebody said of themselves (or `people` who ticked the same boxes of one sheet); "" is a question not answered."""

    form_key = models.CharField(
        max_length=64, unique=True, help_text="Digest of the form's secret: sent twice, kept once"
    )
    room = models.CharField(max_length=40, help_text="Where they took part: code of a room, or meeting")
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.WEB)
    month = models.CharField(max_length=7, help_text="2026-11; never a day")
    territory = models.CharField(max_length=40, help_text="A commune or an arrondissement, never finer")
    people = models.PositiveSmallIntegerField(default=1)
    sheet_reference = models.CharField(max_length=80, blank=True)
    is_held = models.BooleanField(default=False, help_text="Came in a flood: counted once a moderator has looked")
    age = models.CharField(max_length=8, blank=True)
    gender = models.CharField(max_length=8, blank=True)
    housing = models.CharField(max_length=8, blank=True)
    qpv = models.CharField(max_length=8, blank=True)
    activity = models.CharField(max_length=8, blank=True)
    language = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="declaration_people", condition=models.Q(people__gte=1, people__lte=500)),
            models.CheckConstraint(
                name="declaration_coarse_place", condition=models.Q(territory__regex=r"^(commune|arrondissement):")
            ),
            models.CheckConstraint(
                name="declaration_month", condition=models.Q(month__regex=r"^\d{4}-(0[1-9]|1[0-2])$")
            ),
        ]
        indexes = [models.Index(fields=["month", "id"], name="declaration_by_month")]


class ParticipationTally(models.Model):
    """What is left of declarations after a year: how many people gave each answer. question "" counts the people."""

    room = models.CharField(max_length=40)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    year = models.SmallIntegerField()
    territory = models.CharField(max_length=40)
    question = models.CharField(max_length=8, blank=True)
    answer = models.CharField(max_length=8, blank=True)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "channel", "year", "territory", "question", "answer"], name="participation_tally_once"
            )
        ]
