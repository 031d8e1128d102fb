"""The list on other sites: only the frame may be framed, it sets no cookie, and the snippets say what they show."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from maillage.rooms.atlas.models import Collection
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db


def test_only_the_frame_may_stand_in_another_site(client: Client) -> None:
    framed = client.get(reverse("atlas:embed_frame"))
    assert "X-Frame-Options" not in framed and "frame-ancestors *" in framed["Content-Security-Policy"]
    assert not framed.cookies and "script-src 'self'" in framed["Content-Security-Policy"]
    for name in ("atlas:list", "atlas:embed_help", "atlas:download", "atlas:collections"):
        page = client.get(reverse(name))
        assert page["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in page["Content-Security-Policy"], name


def test_the_frame_shows_the_question(client: Client) -> None:
    make_entry("Droits", themes=["rights"], places=(at(4.88, 45.7, phone="0472000000"),))
    make_entry("Culture", themes=["culture"])
    page = client.get(reverse("atlas:embed_frame"), {"theme": "rights"}).content.decode()
    assert "Droits" in page and "Culture</a>" not in page and "1 fiche" in page
    assert 'target="_blank"' in page and "noindex" in page and "<form" not in page


def test_pages_of_the_frame_hold_every_entry(client: Client) -> None:
    for number in range(45):
        make_entry(f"Lieu {number:02}", themes=["rights"])
    address, found = f"{reverse('atlas:embed_frame')}?theme=rights", []
    while address:
        page = client.get(address).content.decode()
        found += re.findall(r'data-id="(\d+)"', page)
        following = re.search(r'href="(/atlas/cadre/[^"]*apres=[^"]*)"', page)
        address = html.unescape(following[1]) if following else ""
    assert len(found) == len(set(found)) == 45


def test_the_snippets_hold_the_question_escaped_once(client: Client) -> None:
    page = client.get(reverse("atlas:embed_help"), {"theme": "rights", "q": '"><script>x'}).content.decode()
    assert "<script>x" not in page
    iframe, component = (
        html.unescape(code) for code in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    )
    assert (
        html.unescape(re.search(r'src="([^"]*)"', iframe)[1])
        == "http://testserver/atlas/cadre/?q=%22%3E%3Cscript%3Ex&theme=rights"
    )  # type: ignore[index]
    assert 'filters="q=%22%3E%3Cscript%3Ex&amp;theme=rights"' in component and "/static/atlas/embed.js" in component
    assert 'title="' in iframe


def test_the_component_is_small_and_asks_nothing_of_others() -> None:
    path = finders.find("atlas/embed.js")
    assert path is not None
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 -- a name given by the finders
        text = file.read()
    assert len(text) < 3000
    assert not re.search(r"document\.cookie|localStorage|fetch\(|XMLHttpRequest|innerHTML|https://(?!…)", text)


def test_each_theme_has_a_selection(client: Client) -> None:
    make_entry("Droits", themes=["rights"])
    page = client.get(reverse("atlas:collections")).content.decode()
    slugs = re.findall(r"/atlas/collections/([a-z-]+)/", page)
    assert len(set(slugs)) == 8
    one = client.get(reverse("atlas:collection", args=["papiers-et-droits"])).content.decode()
    assert "Droits" in one and "?collection=papiers-et-droits" in one


def test_selections_made_by_people(client: Client) -> None:
    inside, hidden = make_entry("Choisi", themes=["culture"]), make_entry("Caché")
    make_entry("Pas choisi", themes=["rights"])
    by_hand = Collection.objects.create(slug="main", title="À la main")
    by_hand.entries.set([inside, hidden])
    type(hidden).objects.filter(pk=hidden.pk).update(is_published=False)
    Collection.objects.create(slug="filtre", title="Par filtre", query="theme=culture")
    Collection.objects.create(slug="brouillon", title="Brouillon", is_published=False)
    for slug in ("main", "filtre"):
        for address in (reverse("atlas:collection", args=[slug]), f"{reverse('atlas:embed_frame')}?collection={slug}"):
            page = client.get(address).content.decode()
            assert "Choisi" in page and "Pas choisi" not in page and "Caché" not in page, address
    assert client.get(reverse("atlas:collection", args=["brouillon"])).status_code == 404
    assert client.get(f"{reverse('atlas:embed_help')}?collection=inconnue").status_code == 404
