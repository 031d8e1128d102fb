"""The parts of pages: each says what it must, escapes what it is given, and defines every variable of its template."""

from __future__ import annotations

from django import forms
from django.template import Context, Template

from maillage.core.web.parts import Chip, FacetOption, Fact, LegendEntry
from maillage.core.web.statuses import STATUSES
from maillage.core.web.tests.pages_read import read


def drawn(source: str, **values: object) -> str:
    """What a template makes of these values."""
    return Template(source).render(Context(values))


class PlaceForm(forms.Form):
    """A form with one field of each sort."""

    name = forms.CharField(label="Nom", help_text="Comme on le dit ici.")
    story = forms.CharField(label="Histoire", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Sorte", choices=[("a", "Atelier"), ("b", "Bibliothèque")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="D’accord")


def test_a_field_ties_its_label_help_and_error() -> None:
    page = read(drawn("{% field form.name kept='Déjà écrit.' %}", form=PlaceForm({"name": ""})).encode())
    control = page.all("input")[0]
    assert page.all("label")[0]["for"] == control["id"] == "id_name"
    assert control["aria-describedby"].split() == ["id_name-help", "id_name-erreur", "id_name-garde"]
    assert set(control["aria-describedby"].split()) <= set(page.ids())
    assert control["aria-invalid"] == "true"


def test_choices_stand_in_a_group_with_its_legend() -> None:
    page = read(drawn("{% field form.kind %}", form=PlaceForm({})).encode())
    assert len(page.all("fieldset")) == len(page.all("legend")) == 1
    assert {label["for"] for label in page.all("label")} == {control["id"] for control in page.all("input")}


def test_optional_fields_say_so_and_others_do_not() -> None:
    assert "facultatif" in drawn("{% field form.story %}", form=PlaceForm())
    assert "facultatif" not in drawn("{% field form.name %}{% field form.agreed %}", form=PlaceForm())


def test_the_summary_links_each_error_to_its_field() -> None:
    form = PlaceForm({"story": "x"})
    text = drawn("{% error_summary form %}{% field form.name %}{% field form.kind %}{% field form.agreed %}", form=form)
    page = read(text.encode())
    targets = {link[1:] for link in page.links()}
    assert len(targets) == 3 and targets <= set(page.ids())
    assert drawn("{% error_summary form %}", form=PlaceForm()).strip() == ""


def test_a_facet_keeps_in_sight_what_is_chosen_and_shuts_what_is_empty() -> None:
    options = [FacetOption(str(n), f"Choix {n}", 0 if n == 3 else n * 1000, checked=n in {3, 11}) for n in range(12)]
    text = drawn("{% facet legend='Thèmes' name='t' options=options %}", options=options)
    before, after = text.split("<details>")
    assert "Choix 11" in before and "Choix 9" in after
    fields = {field["value"]: field for field in read(text.encode()).all("input")}
    assert len(fields) == 12
    assert "disabled" in fields["0"] and "disabled" not in fields["3"]


def test_a_chosen_filter_can_be_removed_by_a_link_that_says_so() -> None:
    text = drawn("{% chips chips clear_url='/x' %}", chips=[Chip("Vénissieux & co", "/l?a=1&b=2", "Commune")])
    assert 'href="/l?a=1&amp;b=2"' in text and "Retirer le filtre" in text and "Vénissieux &amp; co" in text


def test_every_state_is_a_word_an_icon_and_a_tone() -> None:
    for code, known in STATUSES.items():
        text = drawn("{% status code %}", code=code)
        assert str(known.word) in text and f"#{known.icon}" in text and f"tone-{known.tone}" in text


def test_facts_show_their_source() -> None:
    text = drawn("{% facts rows %}", rows=[Fact("Depuis", "2015 <b>", "environ", "Étude", "/etude")])
    assert "2015 &lt;b&gt;" in text and '<a href="/etude">Étude</a>' in text


def test_shared_texts_are_encoded_and_load_nothing() -> None:
    text = drawn("{% share_links url title %}{% sms_link title %}", url="https://m.fr/l/1?a=b&c", title="Été & Œuvre")
    page = read(text.encode())
    assert "sms:?body=%C3%89t%C3%A9%20%26%20%C5%92uvre" in text
    assert page.all("img") == page.all("script") == page.all("iframe") == []


def test_a_telephone_number_is_dialled_by_one_press() -> None:
    page = read(drawn("{% telephone '04 72 00 00 00' kind='button' %}").encode())
    assert page.all("a")[0]["href"] == "tel:+33472000000"


def test_a_code_to_photograph_has_a_name() -> None:
    page = read(drawn("{% qr 'https://m.fr/1' label='Adresse <de> la fiche' %}").encode())
    assert page.all("span")[0]["role"] == "img" and page.all("span")[0]["aria-label"] == "Adresse <de> la fiche"
    assert page.all("svg")[0]["viewbox"]


def test_notices_and_empty_states_escape_what_they_are_given() -> None:
    text = drawn(
        "{% notice x kind='error' %}{% empty_state title=x %}<p>{{ x }}</p>{% end_empty_state %}", x="<script>"
    )
    assert "<script>" not in text and text.count("&lt;script&gt;") == 3


def test_the_map_carries_its_data_and_a_picture_for_browsers_without_script() -> None:
    text = drawn(
        "{% map tiles=t bounds='1,2,3,4' legend=legend picture='/p.svg' picture_alt='Carte' form='#f' list='#l' %}",
        t="/t/{z}/{x}/{y}.mvt?q=a&b=<c>",
        legend=[LegendEntry("rights", "Droits d’accès", "scale", "moss")],
    )
    page = read(text.encode())
    element = page.all("maillage-map")[0]
    assert element["data-tiles"] == "/t/{z}/{x}/{y}.mvt?q=a&b=<c>"
    assert "Droits d" in element["data-legend"] and element["data-form"] == "#f"
    assert page.all("img")[0]["alt"] == "Carte"


def test_steps_say_where_one_is() -> None:
    text = drawn("{% steps labels 2 %}", labels=["Le lieu", "Où", "Vérifier"])
    current = [step for step in read(text.encode()).all("li") if step.get("aria-current") == "step"]
    assert len(current) == 1 and "Étape 2 sur 3" in text
