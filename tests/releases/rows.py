"""A little life of an installation, for the image that a release keeps: rows in every table that holds data.

Made by the product's own actions, as people make them; nobody here is real. It is run once, by `python -m tests.releases`
when a release is cut, and then changes with the code: what older releases made stays in their images.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyotp
import shapely
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maillage.core.people.models import Person

VENISSIEUX, HERE = "69259", "commune:69259"
MODERATOR, HELPER, RESIDENT, GONE = (f"{who}@example.org" for who in ("moderation", "aide", "habitante", "partie"))
DIRECTORY = (
    "id;nom;adresse;cp;commune;lat;lon;tel;horaires;tarif\n"
    "1;MJC d’essai;25 avenue des Essais;69200;Vénissieux;45,7045;4,8863;0478010203;du lundi au vendredi 9h-12h;Gratuit\n"
    "2;Centre social d’essai;16 rue Jules Ferry;69200;Vénissieux;45,6971;4,8862;0472000102;sur demande;\n"
    "2;Centre social d’essai;16 rue Jules Ferry;69200;Vénissieux;45,6971;4,8862;0472000102;sur demande;\n"
    "3;;3 rue Sans Nom;69200;Vénissieux;45,69;4,88;;;\n"
)
FIGURES = "code_qp;nom_qp;pop;tx_chom\nQP069001;Un;6 206;25,3 %\nQP999999;Ailleurs;1;2\n"


@dataclass(frozen=True)
class Team:
    """Who acts."""

    moderator: Person
    helper: Person
    resident: Person


def fill(folder: Path) -> None:
    """Everything, in the order in which an installation lives it; `folder` takes the files that people give."""
    places()
    team = people()
    directory(team, folder)
    proposals(team)
    duplicates_and_freshness(team)
    figures(team, folder)
    maps_and_reliefs(team)
    participation(team)
    at_the_end(team)


def places() -> None:
    """A commune, a neighbourhood with a contour, a town hall, what is stated about contours."""
    from maillage.core.places.actions import Alias
    from maillage.core.places.models import Territory, TownHall
    from maillage.core.places.tests.makers import complete_for, square, territory

    wide, above = square(-3000, -3000, 3000, 3000), ["epci:200046977", "departement:69"]
    territory("commune", VENISSIEUX, wide, name="Vénissieux", postcodes=["69200"], population=66_000, population_on="2021",
              parent_codes=above, aliases=(Alias("venissieux", "Vénissieux"),))  # fmt: skip
    territory("epci", "200046977", wide, name="Métropole d’essai")
    territory("qpv", "QP069001", square(0, 0, 500, 500), name="Un", generation="2015", parent_codes=[HERE])
    complete_for(HERE, "2015")
    TownHall.objects.create(territory=Territory.objects.get(code=VENISSIEUX), name="Mairie d’essai", lon=4.88, lat=45.7)


def people() -> Team:
    """A moderator with a second step, a helper of an association, a resident, somebody erased; sessions left open."""
    from maillage.core.people.actions import add_person, request_sign_in, sign_in_link
    from maillage.core.people.actions_second_factor import new_salt, second_factor_key, set_up_second_factor
    from maillage.core.people.models import Membership, Organisation
    from maillage.core.privacy.actions import erase

    moderator = add_person("Modératrice d’essai", email=MODERATOR, phone="0612345601", role="moderator", territory=HERE)
    helper = add_person("Aidant d’essai", email=HELPER, role="helper", territory=HERE)
    resident = add_person("Habitante d’essai", email=RESIDENT, role="resident")
    house = Organisation.objects.create(name="Maison d’essai", siret="00000000000000")
    Membership.objects.filter(person=helper).update(organisation=house)
    salt = new_salt()
    assert set_up_second_factor(moderator, salt, pyotp.TOTP(second_factor_key(salt)).now())
    erase(add_person("Partie d’essai", email=GONE, role="resident"))
    browser = Client(HTTP_HOST="127.0.0.1", headers={"User-Agent": "Firefox Android"})
    path = "/" + sign_in_link(resident).split("/", 3)[3]
    assert browser.post(path).status_code == 302
    assert browser.get(reverse("people:account")).status_code == 200
    request_sign_in(HELPER)
    return Team(moderator, helper, resident)


def directory(team: Team, folder: Path) -> None:
    """A directory imported, with a row refused and a row merged; another file still in its preview."""
    from maillage.core.intake.inspection import inspected
    from maillage.core.intake.models import Source
    from maillage.core.intake.tables.opening import opened
    from maillage.rooms.atlas.importing import Options, decided_mapping, import_file, save_mapping
    from maillage.rooms.atlas.importing_uploads import keep_upload

    path = folder / "annuaire.csv"
    path.write_text(DIRECTORY, encoding="utf-8")
    options = Options(source_code="annuaire", source_name="Annuaire d’essai", licence="ODbL", published_on="2021-05",
                      by=team.moderator, by_role="moderator")  # fmt: skip
    import_file(path, path.name, options)
    with opened(path, "") as table:
        save_mapping("Annuaires d’essai", decided_mapping(options, "annuaire", inspected(table)))
    keep_upload("second.csv", [DIRECTORY.encode()], team.moderator)
    assert Source.objects.filter(code="annuaire").exists()


def proposals(team: Team) -> None:
    """What people send without and with an account, what moderators decide, voices, a draft, a collection."""
    from maillage.core.channels.actions import Arriving
    from maillage.rooms.atlas.actions import Contact, Sending, save_draft, send_suggestion, start_draft, vote
    from maillage.rooms.atlas.models import Collection, Entry
    from maillage.rooms.atlas.proposal import Proposal
    from maillage.rooms.atlas.tests.deciding import NEW, settle

    entry = Entry.objects.get(external_id="1")
    closed = Sending("closed", "key-1", entry, Proposal(), contact=Contact("mail", RESIDENT), message="C’est fermé.")
    settle(team.moderator, send_suggestion(closed), "refuse", reason="C’est ouvert : vérifié par téléphone.")
    wrong = Sending("correction", "key-2", entry, Proposal(entry={"summary": "Un résumé corrigé."}))
    settle(team.moderator, send_suggestion(wrong), "accept")
    on_paper = Arriving("paper", team.helper, "in_place", "F-12")
    new = send_suggestion(Sending("new", "key-3", None, Proposal(**NEW), arriving=on_paper, message="À voir"))
    settings.COMMUNITY_VOTES_NEEDED = 5
    vote(new.pk, voter="0" * 64, agrees=True, address="192.0.2.1")
    draft = start_draft()
    save_draft(draft.secret, "1", {"name": ["Une idée"], "summary": ["Encore un brouillon."]})
    chosen = Collection.objects.create(slug="essai", title="Collection d’essai", introduction="Pour essayer.")
    chosen.entries.add(entry)
    address = f"/atlas/fiche/{entry.pk}/signaler/closed/"
    sent = Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR="192.0.2.2").post(address, {"message": "Un mot.", "form_key": "k"})
    assert sent.status_code == 302


def duplicates_and_freshness(team: Team) -> None:
    """Two entries merged and two told apart; a round of calls, one answered, one contact that asks for no more."""
    from maillage.rooms.atlas.duplicates_actions import merge_pair, tell_apart
    from maillage.rooms.atlas.duplicates_find import find_duplicates
    from maillage.rooms.atlas.duplicates_models import CandidatePair
    from maillage.rooms.atlas.freshness_actions import Given, start_round, stop_contact, take_answer
    from maillage.rooms.atlas.freshness_models import FreshnessRequest
    from maillage.rooms.atlas.freshness_queries import Asked
    from maillage.rooms.atlas.tests.test_duplicates import made

    for name in ("Épicerie d’essai", "Atelier vélo d’essai"):
        for source in ("un", "deux"):
            made(source, name, phone="0478111213", source_on="2021-05", email=f"{source}@example.org")
    find_duplicates()
    first, *others = CandidatePair.objects.order_by("pk")
    merge_pair(team.moderator, first.pk)
    tell_apart(team.moderator, others[0].pk)
    start_round(team.moderator, "Ronde d’essai", Asked(way="mail"))
    asked = list(FreshnessRequest.objects.order_by("pk"))
    take_answer(asked[0].pk, Given("still_true"))
    stop_contact(asked[-1].contact_digest)


def figures(team: Team, folder: Path) -> None:
    """Indicators from a file, one still in its preview, and squares that carry figures."""
    from maillage.core.places.tests.makers import square
    from maillage.rooms.observatory.actions_cells import CellOptions, bring_cells, load_cells
    from maillage.rooms.observatory.actions_indicators import LoadOptions, given_file, load_indicators
    from maillage.rooms.observatory.actions_uploads import keep_upload

    path, options = folder / "chiffres.csv", LoadOptions("qpv", "2015", 2017, "Essai", "Licence Ouverte 2.0")
    path.write_text(FIGURES, encoding="utf-8")
    load_indicators(given=given_file(path, options), options=options, actor=team.moderator)
    keep_upload(name="autres.csv", content=FIGURES.encode(), dictionary=("", b""), options=options)
    cells = folder / "mailles.geojson"
    features = [
        {"type": "Feature", "properties": {"gens": 100 + place}, "geometry": shapely.geometry.mapping(shape)}
        for place, shape in enumerate(square(200 * east, 0, 200 * east + 200, 200) for east in range(3))
    ]
    cells.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    wanted = {"gens": {"nature": "count", "topic": "population"}}
    load_cells(path=cells, options=CellOptions("Mailles", 2017, "Essai", "Licence Ouverte 2.0", columns=wanted))
    bring_cells(cells="mailles", kind="qpv", generation="2015")


def maps_and_reliefs(team: Team) -> None:
    """A map kept, changed, flagged and listed; a search written down; a value moved to another group."""
    from maillage.rooms.observatory.actions_maps import Saving, decide_map, flag_map, save_map, save_version, secret_for
    from maillage.rooms.observatory.actions_reliefs import change_rules, load_reliefs
    from maillage.rooms.observatory.queries_reliefs import rules_in_force
    from maillage.rooms.observatory.reliefs.dimensions import GROUPS

    query = "indicateur=tx-chom&serie=qpv:2015:2017:published"
    kept = save_map(saving=Saving("key", query, title="Chômage", author="Une habitante", note="Une note."))
    save_version(secret=secret_for("key"), saving=Saving("key 2", query, title="Chômage en 2017"))
    flag_map(code=kept.code, message="Le titre trompe.", key="flag")
    decide_map(code=kept.code, decision="list", version=2, moderator=team.moderator, reason="Relue.")
    load_reliefs()
    grouping = next(iter(GROUPS))
    one = rules_in_force()[grouping][0]
    moved = next(group for group in GROUPS[grouping] if group != one.group)
    change_rules(by=team.moderator, grouping=grouping, groups={one.value: moved}, reason="Pour essayer.")


def participation(team: Team) -> None:
    """Declarations of this month, on a sheet too, and those of a year folded into tallies."""
    from maillage.rooms.observatory.actions_participation import (
        SheetRow,
        Taking,
        declare_participation,
        fold_old_declarations,
        type_participation_sheet,
    )  # fmt: skip

    month = timezone.now().strftime("%Y-%m")
    declare_participation(taking=Taking("old", "atlas", HERE, "2024-01"), answers={"age": "25_39"})
    assert fold_old_declarations(timezone.now())
    declare_participation(taking=Taking("new", "atlas", HERE, month), answers={"age": "25_39", "housing": "hlm"})
    sheet = Taking("sheet", "meeting", HERE, month, "paper", "F-13")
    type_participation_sheet(helper=team.helper, taking=sheet, rows=[SheetRow({"age": "40_64"}, 3)])


def at_the_end(team: Team) -> None:
    """Letters delivered and one that waits; a journal sealed but for its last line; jobs done and waiting; a read model."""
    from maillage.core.channels.actions import deliver_waiting_messages, queue_letter
    from maillage.core.channels.gateways import Letter
    from maillage.core.journal.actions import record, seal_new_lines
    from maillage.core.places.actions import territories_changed
    from maillage.core.readmodel.changes import forget, news_of
    from maillage.rooms.atlas.readmodel import ENTRIES

    deliver_waiting_messages()
    assert seal_new_lines()
    territories_changed()
    ENTRIES.rebuild()
    assert forget(ENTRIES.layer, news_of(ENTRIES.layer, ENTRIES.tables, "").snapshot, after="0 seconds")
    call_command("procrastinate", "worker", "--one-shot", "--concurrency", "1")  # which seals too
    record(action="test.after_the_seal", subject="test:line:1", actor=team.moderator)
    queue_letter(
        Letter("release/waiting", "mail", RESIDENT, "Essai", "Un message qui attend."), subject="test:letter:1"
    )
