"""Printing: our fonts hold what we let through, and anything wrong stops the document."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.exports import printing
from maillage.core.exports.printing import Document, PrintingProblem, answer_of, pdf_of, printable

NOW = datetime(2026, 11, 23, 12, 30, 15, 999, tzinfo=UTC)
MOST_MB = 12.0  # 1 to 2 here; 45 when Typst keeps its ten last documents
SOURCE = """#let d = json("data.json")
#set document(title: "Essai")
#set text(font: ("Atkinson Hyperlegible Next", "Noto Sans Arabic"), fallback: false, lang: "fr")
= Essai
#d.text
#metadata(d.text.len()) <long>
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "essai.typ"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def held() -> set[int]:
    made: set[int] = set()
    for path in printing.FONTS.glob("*-Regular.ttf"):
        made |= set(TTFont(path).getBestCmap())
    return made


def test_both_weights_of_both_fonts_are_there() -> None:
    assert {path.name for path in printing.FONTS.glob("*.ttf")} >= {
        "AtkinsonHyperlegibleNext-Regular.ttf",
        "AtkinsonHyperlegibleNext-Bold.ttf",
        "NotoSansArabic-Regular.ttf",
        "NotoSansArabic-Bold.ttf",
    }


def test_latin_signs_let_through_are_in_the_font() -> None:
    fonts = held()
    signs = [chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, printing._HELD)]]
    lost = [sign for sign in signs if sign != "\n" and ord(sign) not in fonts and printing._is_held(sign)]
    assert lost == []


def test_letters_of_arabic_are_in_the_font() -> None:
    assert [
        chr(code)
        for code in [*range(0x0621, 0x0653), 0x060C, 0x061B, 0x061F]
        if code < 0x063B or code > 0x063F
        if code not in held()
    ] == []


@pytest.mark.parametrize("text", ["Café 😀 ☎", "Привет", "日本", "a\u202eb", "مرحبا، أهلا", "ﬁn ½ №", "x\u0000y", "𝕏"])
def test_any_name_prints(template: Path, text: str) -> None:
    pdf = pdf_of(Document(template, printable({"text": text}), {}), NOW)
    assert pdf.startswith(b"%PDF")


@given(st.text(max_size=40))
def test_what_is_printable_is_in_the_fonts_ranges(text: str) -> None:
    assert all(printing._is_held(sign) for sign in printable(text))


def test_markup_in_a_text_is_only_text(template: Path, tmp_path: Path) -> None:
    text = '#panic("x") $x$ *gras* @ref <label> #read("/etc/hostname")'
    pdf = tmp_path / "essai.pdf"
    pdf.write_bytes(pdf_of(Document(template, printable({"text": text}), {}), NOW))
    assert "#panic" in pypdf.PdfReader(pdf).pages[0].extract_text()


def test_the_document_is_tagged_and_named(template: Path, tmp_path: Path) -> None:
    pdf = tmp_path / "essai.pdf"
    pdf.write_bytes(pdf_of(Document(template, {"text": "Bonjour"}, {}), NOW))
    root = pypdf.PdfReader(pdf).trailer["/Root"]
    assert root["/Lang"] == "fr" and root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_the_template_answers_after_layout(template: Path) -> None:
    assert answer_of(Document(template, {"text": "Bonjour"}, {}), "long") == 7


def test_a_picture_without_words_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "essai.typ"
    path.write_text(SOURCE + '#image("carte.svg")', encoding="utf-8")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" width="1" height="1"></svg>'
    with pytest.raises(PrintingProblem, match="alt"):
        pdf_of(Document(path, {"text": "x"}, {"carte.svg": svg}), NOW)


def test_an_unknown_font_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "essai.typ"
    path.write_text(
        SOURCE.replace('("Atkinson Hyperlegible Next", "Noto Sans Arabic")', '("Comic", "Atkinson Hyperlegible Next")')
    )
    with pytest.raises(PrintingProblem, match="(?i)comic"):
        pdf_of(Document(path, {"text": "x"}, {}), NOW)


def test_missing_fonts_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: Path) -> None:
    monkeypatch.setattr(printing, "FONTS", tmp_path)
    printing._fonts.cache_clear()
    with pytest.raises(PrintingProblem, match="npm run build"):
        pdf_of(Document(template, {"text": "x"}, {}), NOW)
    printing._fonts.cache_clear()


MANY = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from maillage.core.exports.printing import Document, pdf_of

peaks = []
for turn in range(13):
    data = {"text": " ".join(f"mot{turn}-{word}" for word in range(3000))}
    pdf_of(Document(Path(sys.argv[1]), data, {}), datetime.now(UTC))
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(peaks[-1] - peaks[2])
"""


def test_documents_that_were_printed_leave_nothing_in_memory(template: Path) -> None:
    done = subprocess.run([sys.executable, "-c", MANY, str(template)], capture_output=True, text=True, check=True)
    assert float(done.stdout) < MOST_MB
