"""Catalogues of translations, with Babel alone: no gettext program is needed.

The marked sentences are French. Each installed application keeps its own `locale` folder; what is marked in the house or
in a part of core that is no application goes to core/web. French needs entries only where a number decides between
singular and plural ("0 lieu" and not "0 lieux"), and where a space must not end a line; they are written by the machine.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from maillage.house.terminal import OK, TO_MEND, say

PACKAGE = Path(__file__).resolve().parent.parent
LOCALES = ("en", "ar")
HOME_OF_ORPHANS = Path("core/web")
# Babel counts a third form since 2.19, that of "un million de"; the sentences write numbers in figures.
FRENCH_PLURALS = "nplurals=2; plural=(n > 1);"
_PLURALS = {"ngettext": (1, 2), "ngettext_lazy": (1, 2)}
_CONTEXTS = {"pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2)}
_BOTH = {"npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3)}
# The names under which Django's functions are imported here; a house test looks for one that is missing.
_SIMPLE = dict.fromkeys(("_", "__", "gettext", "gettext_lazy", "gettext_noop", "noop", "translate"))
KEYWORDS = {**_SIMPLE, **_PLURALS, **_CONTEXTS, **_BOTH}
# Sources whose sentences must all be in Arabic too: the frame of every page, the list and the sheet of the atlas.
IN_ARABIC = (
    "core/web/templates/web/base.html",
    "core/web/templates/web/header.html",
    "core/web/templates/web/footer.html",
    "core/web/templates/web/components/",
    "core/web/context.py",
    "rooms/atlas/room.py",
    "rooms/atlas/templates/atlas/list",
    "rooms/atlas/templates/atlas/sheet",
    "rooms/atlas/cards.py",
    "rooms/atlas/sheets.py",
)


@dataclass(frozen=True)
class Lack:
    """A sentence that a catalogue does not carry as it should."""

    locale: str
    sentence: str
    where: str
    why: str


def update() -> int:
    """Writes every .po file anew from the sources; translations are kept, sentences that have gone are dropped."""
    for folder, template in collected().items():
        for locale in LOCALES:
            merged = _merged(folder, locale, template)
            waiting = sum(1 for message in merged if message.id and not _is_translated(message))
            say(f"{folder}/locale/{locale}: {len(merged)} sentences, {waiting} to translate")
        _write(_po(folder, "fr"), _french(template), locale="fr")
    return compile_all()


def compile_all(*, quiet: bool = False) -> int:
    """Compiles what is newer than its compiled form."""
    done = sum(_compile(path) for path in sorted(PACKAGE.rglob("locale/*/LC_MESSAGES/*.po")))
    if not quiet:
        say(f"{done} catalogues compiled")
    return OK


def check() -> int:
    """Exit code 3 when something lacks."""
    found = lacks()
    for one in found:
        say(f"✗ {one.locale} {one.where}: {one.why}: {one.sentence!r}")
    say(f"{len(found)} sentences to mend" if found else "The catalogues are complete.")
    return TO_MEND if found else OK


def lacks() -> list[Lack]:
    """What English lacks anywhere, and Arabic in the sources that must be complete."""
    found: list[Lack] = []
    for folder, template in collected().items():
        for locale in LOCALES:
            known = _read(_po(folder, locale), locale)
            wanted = (message for message in template if message.id and _is_wanted(message, locale))
            found += [lack for message in wanted if (lack := _lack(locale, message, known))]
        found += _lacks_in_french(folder, template)
    return found


def _lacks_in_french(folder: Path, template: Catalog) -> list[Lack]:
    """What the machine would write now and is not written."""
    known = _read(_po(folder, "fr"), "fr")
    found = []
    for message in _french(template):
        first = message.id if isinstance(message.id, str) else message.id[0]
        twin = known.get(first, message.context)
        if message.id and (twin is None or twin.string != message.string):
            found.append(
                Lack("fr", first, message.locations[0][0], "not as the machine writes it (maillage catalogues update)")
            )
    return found


def _is_wanted(message: Message, locale: str) -> bool:
    return locale == "en" or any(path.startswith(IN_ARABIC) for path, _line in message.locations)


def _lack(locale: str, message: Message, known: Catalog) -> Lack | None:
    twin = known.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
    why = None
    if twin is None:
        why = "not in the catalogue (maillage catalogues update)"
    elif not _is_translated(twin):
        why = "no translation" if not twin.fuzzy else "a doubtful translation (fuzzy)"
    elif _places(message) and not _is_same_places(message, twin):
        why = "its %(…)s are not those of the French"
    sentence = message.id if isinstance(message.id, str) else message.id[0]
    return Lack(locale, sentence, message.locations[0][0], why) if why else None


def _is_translated(message: Message) -> bool:
    return all(_strings(message)) and not message.fuzzy


def _strings(message: Message) -> list[str]:
    """One string, or one for each plural form; [""] when there is none yet."""
    if isinstance(message.string, (tuple, list)):
        return [text or "" for text in message.string]
    return [message.string or ""]


def _places(message: Message) -> set[str]:
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    return {name for text in texts for name in re.findall(r"%\(\w+\)[sd]|\{\w+\}", text)}


def _is_same_places(message: Message, twin: Message) -> bool:
    """A translation may leave a number out of a singular ("one place"), and never bring in a name of its own."""
    wanted = _places(message)
    given = [set(re.findall(r"%\(\w+\)[sd]|\{\w+\}", text)) for text in _strings(twin)]
    if isinstance(message.id, str):
        return given == [wanted]
    return all(one <= wanted for one in given) and wanted == set().union(*given)


@cache
def _application_folders() -> tuple[Path, ...]:
    """Folders of our applications, relative to the package: those with an apps.py."""
    return tuple(path.parent.relative_to(PACKAGE) for path in sorted(PACKAGE.rglob("apps.py")))


def _home_of(source: Path) -> Path:
    return next((folder for folder in _application_folders() if folder in source.parents), HOME_OF_ORPHANS)


def collected() -> dict[Path, Catalog]:
    """The marked sentences of the sources, by the folder that keeps their catalogues."""
    found: dict[Path, Catalog] = {}
    for source in _sources():
        relative = source.relative_to(PACKAGE)
        catalogue = found.setdefault(_home_of(relative), Catalog(fuzzy=False))
        for _line, sentence, comments, context in _marked(source):
            catalogue.add(sentence, None, [(relative.as_posix(), 0)], auto_comments=comments, context=context)
    return found


def _sources() -> Iterator[Path]:
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.txt")]):
        parts = set(path.relative_to(PACKAGE).parts)
        is_template = path.suffix == ".py" or "templates" in parts
        if is_template and not parts & {"tests", "migrations", "static", "frontend"}:
            yield path


def _marked(source: Path) -> Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = source.read_text(encoding="utf-8")
    if source.suffix != ".py":
        text = _as_python(text, source)
    return extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=("Translators:",))


def _as_python(text: str, source: Path) -> str:
    """Django turns the marks of a template into calls; what lies between them must not look like indentation."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    calls = templatize(text, origin=str(source))
    return re.sub(r"(?m)^[ \t]+", "", calls)


def _po(folder: Path, locale: str) -> Path:
    return PACKAGE / folder / "locale" / locale / "LC_MESSAGES" / "django.po"


def _read(path: Path, locale: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _merged(folder: Path, locale: str, template: Catalog) -> Catalog:
    known = _read(_po(folder, locale), locale)
    known.update(template, no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    _write(_po(folder, locale), known, locale=locale)
    return known


def _french(template: Catalog) -> Catalog:
    catalogue = Catalog(locale="fr", fuzzy=False)
    catalogue.mime_headers = [("Plural-Forms", FRENCH_PLURALS)]
    for message in template:
        written = typeset(message.id) if isinstance(message.id, str) else tuple(map(typeset, message.id))
        if written != message.id or isinstance(message.id, tuple):
            catalogue.add(message.id, written, message.locations, context=message.context)
    return catalogue


def typeset(sentence: str) -> str:
    """The sentence with the spaces that no line may end at: before ; : ! ? and within quotation marks."""
    return re.sub(r" (?=[;:!?»])|(?<=«) ", "\N{NO-BREAK SPACE}", sentence)


def _write(path: Path, catalogue: Catalog, *, locale: str) -> None:
    """The file without dates nor line numbers, so that it changes only with its sentences."""
    if not len(catalogue):
        path.unlink(missing_ok=True)
        return
    catalogue.fuzzy = False
    buffer = io.BytesIO()
    write_po(
        buffer, catalogue, width=120, ignore_obsolete=True, include_lineno=False, sort_by_file=True, omit_header=True
    )
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {locale}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + buffer.getvalue().decode(), encoding="utf-8")


def _compile(path: Path) -> bool:
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return False
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    draft = target.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.replace(target)
    return True
