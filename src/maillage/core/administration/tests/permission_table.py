"""Who gives roles, who sees as another, who watches the machine."""

from __future__ import annotations

from django.db import connection

from maillage.core.people.actions import add_person
from maillage.core.people.models import Membership
from tests.helpers.permissions import ELSEWHERE, HERE, Row, asked, sent

LISTS = ("persons", "persons_csv", "person_add")
WATCHED = ("machine", "jobs", "jobs_csv", "letters", "slow", "slow_csv")
ACTS = ("disable", "enable", "second_factor_reset", "see_as")


def _given(role: str, name: str = "added") -> dict[str, str]:
    return {"name": name, "email": f"{name}@example.org", "role": role, "territory": ""}


def _on(sample: str, act: str, **statuses: int) -> list[Row]:
    return sent(f"administration:{act}", {"pk": f"${sample}"}, **statuses)


ROWS = [
    *(row for name in LISTS for row in
      asked(f"administration:{name}", everybody=403, nobody=302, manager_here=200, operator=200)),
    *(row for name in ("persons", "persons_csv") for row in sent(f"administration:{name}", nobody=302, operator=405)),
    *sent("administration:person_add", data=_given("helper"), everybody=403, nobody=302, manager_here=422, operator=302),
    *sent("administration:person_add", data=_given("king"), operator=422),
    # The helper is in the territory of the manager, the moderator in another, the other operator everywhere.
    *asked("administration:person", {"pk": "$helper"}, everybody=403, nobody=302, manager_here=200, operator=200),
    *asked("administration:person", {"pk": "$moderator"}, manager_here=404, operator=200),
    *asked("administration:person", {"pk": "$operator"}, manager_here=404, operator=200),
    *asked("administration:person", {"pk": 0}, operator=404),
    *(row for act in ACTS for row in (
        *_on("helper", act, everybody=403, nobody=302, manager_here=302, operator=302),
        *_on("moderator", act, manager_here=404, operator=302),
        *_on("both", act, manager_here=403, operator=302),
        *asked(f"administration:{act}", {"pk": "$helper"}, operator=405, nobody=302),
    )),
    *_on("operator", "see_as", operator=403),
    *_on("operator", "disable", operator=302),
    *asked("administration:role_give", {"pk": "$helper"}, operator=405, nobody=302),
    *sent("administration:role_give", {"pk": "$helper"}, {"role": "moderator", "territory": "$here"},
          everybody=403, nobody=302, manager_here=422, operator=422),
    *sent("administration:role_give", {"pk": "$helper"}, {"role": "moderator"}, manager_here=422, operator=302),
    *sent("administration:role_give", {"pk": "$helper"}, {"role": "operator"}, manager_here=422, operator=302),
    *asked("administration:role_end", {"pk": "$helper", "membership_id": "$helps"}, operator=405, nobody=302),
    *sent("administration:role_end", {"pk": "$helper", "membership_id": "$helps"},
          everybody=403, nobody=302, manager_here=302, operator=302),
    *sent("administration:role_end", {"pk": "$both", "membership_id": "$moderates"}, manager_here=403, operator=302),
    *sent("administration:role_end", {"pk": "$helper", "membership_id": "$moderates"}, manager_here=404, operator=404),
    *asked("administration:stop_seeing", everybody=405),
    *sent("administration:stop_seeing", everybody=302),
    *(row for name in WATCHED for row in (
        *asked(f"administration:{name}", everybody=403, nobody=302, operator=200),
        *sent(f"administration:{name}", nobody=302, operator=405),
    )),
    *asked("administration:job_retry", {"pk": "$failed_job"}, operator=405, nobody=302),
    *sent("administration:job_retry", {"pk": "$failed_job"}, everybody=403, nobody=302, operator=302),
    *sent("administration:job_retry", {"pk": 0}, operator=422),
    *asked("administration:letter_retry", {"pk": 0}, operator=405, nobody=302),
    *sent("administration:letter_retry", {"pk": 0}, everybody=403, nobody=302, operator=302),
]  # fmt: skip


def SAMPLES() -> dict[str, object]:  # noqa: N802 -- the name that the house test looks for
    """A helper here, a moderator elsewhere, one who is both, another operator, and a job that failed."""
    helper = add_person("Aidante", email="helper@example.org", role="helper", territory=HERE)
    moderator = add_person("Relecteur", role="moderator", territory=ELSEWHERE)
    both = add_person("Des deux côtés", role="helper", territory=HERE)
    elsewhere = Membership.objects.create(person=both, role="moderator", territory_code=ELSEWHERE)
    operator = add_person("Autre exploitante", role="operator")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, status, queue_name) "
            "VALUES ('demo.task', 'failed', 'default') RETURNING id"
        )
        failed_job = cursor.fetchone()[0]
    return {
        "helper": helper.pk, "moderator": moderator.pk, "both": both.pk, "operator": operator.pk, "here": HERE,
        "helps": Membership.objects.get(person=helper).pk, "moderates": elsewhere.pk, "failed_job": failed_job,
    }  # fmt: skip
