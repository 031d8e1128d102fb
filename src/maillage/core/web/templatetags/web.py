"""The parts that every page is made of. A built-in library of the templates: nothing to load.

Each tag defines every variable its template reads: in tests, an undefined one fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.rooms import rooms
from maillage.core.web import dates, map_words, wording
from maillage.core.web.parts import Chip, FacetOption, Fact, LegendEntry
from maillage.core.web.statuses import STATUSES

register = template.Library()
Context = dict[str, object]
FACET_VALUES_SHOWN = 8
TURNING = {"arrow-left", "arrow-right"}  # drawings that look the other way in Arabic

register.filter("number", wording.number)
register.filter("distance", wording.distance)
register.filter("domain", wording.domain)
register.filter("telephone_text", wording.telephone_text)
register.filter("telephone_digits", wording.telephone_digits)


@register.filter
def long_date(value: date | str | int | None) -> SafeString:
    """A <time> with the date in full: {{ "2015-05"|long_date }} → mai 2015."""
    text, machine = dates.long_date(value), dates.machine_date(value)
    return format_html('<time datetime="{}">{}</time>', machine, text) if machine else format_html("{}", text)


@register.simple_tag
def icon(name: str, size: str = "", flip: bool = False) -> SafeString:
    """A decorative drawing of the sprite, always beside a word; `flip` for another one that turns in Arabic, as arrows do."""
    return _drawing(name, size, flip)


@lru_cache(maxsize=1000)
def _drawing(name: str, size: str = "", flip: bool = False) -> SafeString:
    """Kept: a list has eighty, and the address of the sprite is looked up and escaped for each."""
    classes = " ".join(
        filter(None, ("icon", f"icon-{size}" if size else "", "icon-flip" if flip or name in TURNING else ""))
    )
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        static("web/build/icons.svg"),
        name,
    )


@register.inclusion_tag("web/components/button.html")
def button(
    label: str, icon: str = "", kind: str = "plain", type: str = "submit", name: str = "", value: str = ""
) -> Context:
    """A <button>; one of kind "primary" per screen."""
    return {"label": label, "icon": icon, "kind": kind, "type": type, "name": name, "value": value}


@register.inclusion_tag("web/components/link_button.html")
def link_button(label: str, url: str, icon: str = "", kind: str = "plain") -> Context:
    """A link that looks like a button."""
    return {"label": label, "url": url, "icon": icon, "kind": kind}


def _described(bound: BoundField, kept: str) -> str:
    names = {"help": bool(bound.help_text), "erreur": bool(bound.errors), "garde": bool(kept)}
    return " ".join(f"{bound.auto_id}-{name}" for name, present in names.items() if present)


@register.inclusion_tag("web/components/field.html")
def field(bound: BoundField, icon: str = "", kept: str = "", large: bool = False) -> Context:
    """A form field with its label, help, error and what was kept, tied together for screen readers."""
    widget = bound.field.widget
    described = _described(bound, kept)
    input_type = getattr(widget, "input_type", "")
    is_group = widget.use_fieldset and input_type in {"radio", "checkbox"}
    attrs: dict[str, str | bool] = {"aria-describedby": described} if described and not is_group else {}
    return {
        "field": bound,
        "control": "" if is_group else bound.as_widget(attrs=attrs),
        "options": list(bound) if is_group else [],
        "is_group": is_group,
        "is_single_choice": input_type == "checkbox" and not is_group,
        "described": described,
        "optional": not bound.field.required,
        "icon": icon,
        "kept": kept,
        "large": large,
    }


@register.simple_tag
def hidden_fields(form: BaseForm) -> SafeString:
    """The hidden inputs of a form."""
    return mark_safe("".join(str(bound) for bound in form.hidden_fields()))  # noqa: S308 widgets escape themselves


@register.inclusion_tag("web/components/error_summary.html")
def error_summary(form: BaseForm) -> Context:
    """All errors of a form with a link to each field; nothing when there is none."""
    lines = [
        {"message": message, "target": bound.id_for_label or bound.auto_id, "label": bound.label}
        for bound in form
        for message in bound.errors
    ]
    return {"lines": lines, "general": list(form.non_field_errors()), "is_bound": form.is_bound}


@register.inclusion_tag("web/components/facet.html")
def facet(legend: str, name: str, options: Sequence[FacetOption], kind: str = "checkbox", open: bool = True) -> Context:
    """A group of filters with exact counts; the values chosen and the most numerous stay in sight."""
    chosen_late = [one for one in options[FACET_VALUES_SHOWN:] if one.checked]
    rest = [one for one in options[FACET_VALUES_SHOWN:] if not one.checked]
    shown = [*options[:FACET_VALUES_SHOWN], *chosen_late]
    written = {part: mark_safe("".join(_choice(one, name, kind) for one in some))  # noqa: S308 escaped there
               for part, some in (("shown", shown), ("rest", rest))}  # fmt: skip
    return {"legend": legend, **written, "rest_count": len(rest), "open": open}


def _choice(option: FacetOption, name: str, kind: str) -> str:
    """A box to tick. Written here: a list has fifty, and each as a template of its own takes ten times as long."""
    value, label = escape(option.value), escape(option.label)
    state = " checked" if option.checked else " disabled" if option.count == 0 else ""
    drawing = _drawing(option.icon) if option.icon else ""
    count = ""
    if option.count is not None:
        word = escape(ngettext("résultat", "résultats", option.count))
        told = f'{wording.number(option.count)}<span class="visually-hidden"> {word}</span>'
        count = f'<span class="choice-count">{told}</span>'
    box = f'<input type="{escape(kind)}" id="{escape(name)}-{value}" name="{escape(name)}" value="{value}"{state}>'
    return f'<label class="choice">{box}{drawing}<span>{label}</span>{count}</label>\n'


@register.inclusion_tag("web/components/chips.html")
def chips(chips: Sequence[Chip], clear_url: str = "") -> Context:
    """The chosen filters, each a link that removes it."""
    return {"chips": chips, "clear_url": clear_url}


@register.simple_tag
def status(code: str) -> SafeString:
    """A known state: word, icon and tone."""
    known = STATUSES[code]
    return status_tag(str(known.word), known.icon, known.tone)


@register.simple_tag
def status_tag(word: str, icon: str, tone: str = "neutral") -> SafeString:
    """A state of a room's own."""
    return format_html('<span class="status tone-{}">{}<span>{}</span></span>', tone, _drawing(icon), word)


NOTICE_ICONS = {
    "info": "info-circle",
    "success": "circle-check",
    "attention": "alert-triangle",
    "error": "alert-circle",
}


def _notice(kind: str, title: str, body: str) -> Context:
    words = {"info": _("Information"), "success": _("C’est fait"), "attention": _("Attention"), "error": _("Erreur")}
    known = kind if kind in NOTICE_ICONS else "info"
    return {"kind": known, "icon": NOTICE_ICONS[known], "word": words[known], "title": title, "body": body}


@register.inclusion_tag("web/components/notice.html")
def notice(text: str, kind: str = "info", title: str = "") -> Context:
    """One sentence set apart."""
    return _notice(kind, title, format_html("<p>{}</p>", text))


@register.simple_block_tag(end_name="end_notice_block")
def notice_block(content: str, kind: str = "info", title: str = "") -> SafeString:
    """Several lines set apart."""
    return render_to_string("web/components/notice.html", _notice(kind, title, content))


@register.simple_block_tag(end_name="end_empty_state")
def empty_state(content: str, title: str, icon: str = "map-search") -> SafeString:
    """What to say where there is nothing, with what one can do next."""
    return render_to_string("web/components/empty_state.html", {"content": content, "title": title, "icon": icon})


@register.inclusion_tag("web/components/steps.html")
def steps(labels: Sequence[str], current: int) -> Context:
    """Where one is in a form of several steps (`current` counts from 1)."""
    states = [
        {"label": label, "number": place, "is_done": place < current, "is_current": place == current}
        for place, label in enumerate(labels, start=1)
    ]
    return {"steps": states, "current": current, "total": len(states)}


@register.inclusion_tag("web/components/pagination.html")
def pagination(previous_url: str = "", next_url: str = "", summary: str = "", target: str = "") -> Context:
    """Previous and next; `target` names the part that HTMX replaces."""
    return {"previous_url": previous_url, "next_url": next_url, "summary": summary, "target": target}


@register.inclusion_tag("web/components/facts.html")
def facts(rows: Sequence[Fact]) -> Context:
    """A definition list of facts with their sources."""
    return {"rows": rows}


@register.inclusion_tag("web/components/telephone.html")
def telephone(raw: str, label: str = "", kind: str = "link") -> Context:
    """A number that a phone dials when pressed."""
    return {"digits": wording.telephone_digits(raw), "text": wording.telephone_text(raw), "label": label, "kind": kind}


@register.inclusion_tag("web/components/sms_link.html")
def sms_link(body: str, label: str = "") -> Context:
    """A link that opens the phone's own messages with this text, addressed to nobody yet."""
    return {"url": f"sms:?body={quote(body)}", "label": label or _("Me l’envoyer par SMS")}


@register.inclusion_tag("web/components/share_links.html")
def share_links(url: str, title: str) -> Context:
    """Ways to pass a page on: plain links, nothing is loaded from anyone before the click."""
    text = f"{title} {url}"
    return {
        "url": url,
        "sms": f"sms:?body={quote(text)}",
        "mail": f"mailto:?subject={quote(title)}&body={quote(text)}",
        "whatsapp": "https://wa.me/?" + urlencode({"text": text}),
        "telegram": "https://t.me/share/url?" + urlencode({"url": url, "text": title}),
        "facebook": "https://www.facebook.com/sharer/sharer.php?" + urlencode({"u": url}),
    }


@register.simple_tag
def qr(text: str, label: str) -> SafeString:
    """A QR code as inline SVG, black on white in every theme."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, border=2, svgclass=None, lineclass=None
    )
    return format_html('<span class="qr" role="img" aria-label="{}">{}</span>', label, mark_safe(drawing))  # noqa: S308


@register.inclusion_tag("web/components/after_contribution.html")
def after_contribution(room: str) -> Context:
    """What the installed rooms offer to somebody who just contributed to this one; nothing when none does."""
    links = [
        {"label": _(one.label), "url": f"{reverse(one.url_name)}?piece={room}", "icon": one.icon}
        for manifest in rooms()
        for one in manifest.after_contribution
    ]
    return {"links": links}


@register.inclusion_tag("web/components/print_button.html")
def print_button() -> Context:
    """Prints the page; shown with JavaScript only."""
    return {}


def _legend(entries: Iterable[LegendEntry]) -> list[Mapping[str, str]]:
    return [{"code": one.code, "label": str(one.label), "icon": one.icon, "token": one.token} for one in entries]


def _compact(data: object) -> str:
    """JSON without needless bytes: it stands in the page, which must be light."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@register.inclusion_tag("web/components/map.html")
def map(  # noqa: A001 the tag's name and its named options are its contract
    tiles: str,
    bounds: str,
    contours: str = "",
    list: str = "",
    sheet: str = "",
    selected: str = "",
    picture: str = "",
    picture_alt: str = "",
    form: str = "",
    legend: Iterable[LegendEntry] = (),
    source: str = "",
) -> Context:
    """The map in step with a list; without JavaScript or WebGL the picture stays and the list is the truth."""
    entries = _legend(legend)
    return {
        "tiles": tiles,
        "bounds": bounds,
        "contours": contours,
        "list": list,
        "sheet": sheet.replace("/0/", "/{id}/"),  # the address of the sheet of number 0, in the page's language
        "selected": selected,
        "picture": picture,
        "picture_alt": picture_alt,
        "form": form,
        "legend": entries,
        "legend_json": _compact(entries),
        "words": map_words.address(),
        "basemap": _compact(map_words.basemap()),
        "source": source,
    }


@register.inclusion_tag("web/components/pin_map.html")
def pin_map(lon_field: BoundField, lat_field: BoundField, bounds: str, contours: str = "") -> Context:
    """A map on which one puts a pin; the address fields beside it stay the way that needs no map."""
    return {
        "lon": lon_field.html_name,
        "lat": lat_field.html_name,
        "bounds": bounds,
        "contours": contours,
        "words": map_words.address(),
        "basemap": _compact(map_words.basemap()),
    }


@register.simple_tag(takes_context=True)
def absolute(context: Mapping[str, Any], url: str) -> str:
    """The full address of a path of this site, for shared links and previews."""
    return url if "://" in url else f"{context['frame'].site_address}{url}"
