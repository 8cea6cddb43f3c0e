"""Documents are read, taken apart and put together; those that attack are refused, and nothing that acts comes out."""

from __future__ import annotations

import io
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pypdf import PdfReader, PdfWriter

from archwright_runtime.errors import Refusal
from archwright_std_pdf import create
from archwright_std_pdf.implementation import PAGES
from testing_support.isolated import Workbench, stated_defaults, workbench

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCRIPT = "<< /S /JavaScript /JS (app.alert('evil')) >>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Workbench]:
    """The component with few pages."""
    async with workbench(create, pages=30) as made:
        yield made


def document(*texts: str, root: str = "", page: str = "", info: str = "", more: tuple[str, ...] = ()) -> bytes:
    """A document written by hand: one page for each text, and whatever an attacker puts beside."""
    count = len(texts)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {root} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(texts):
        fonts = "/Resources << /Font << /F 3 0 R >> >>"
        head = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] {fonts}"
        objects.append(f"<< {head} /Contents {5 + 2 * number} 0 R {page} >>")
        drawn = f"BT /F 12 Tf 20 100 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    return assembled([*objects, *more], info)


def assembled(objects: list[str], info: str = "") -> bytes:
    """Objects as a file."""
    whole, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(whole))
        whole += f"{number} 0 obj\n{one}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {info} >>\nstartxref\n{len(whole)}\n%%EOF\n"
    return whole + (head + tail).encode()


def with_password(password: str) -> bytes:
    """A document that asks for a password, maybe an empty one."""
    writer = PdfWriter(clone_from=io.BytesIO(document("secret")))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def bomb() -> bytes:
    """A page whose drawing unpacks to 128 MB, packed twice."""
    packed = zlib.compress(zlib.compress(bytes(1 << 27), 1))
    head = f"<< /Length {len(packed)} /Filter [/FlateDecode /FlateDecode] >>"
    stream = f"{head}\nstream\n{packed.decode('latin-1')}\nendstream"
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    root = "<< /Type /Catalog /Pages 2 0 R >>"
    return assembled([root, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream])


def nested(depth: int) -> bytes:
    """A document with lists in lists in lists."""
    deep = "[" * depth + "]" * depth
    return document("a", root=f"/Names {deep}")


ROOT = "<< /Type /Catalog /Pages 2 0 R >>"
LOOPS = {
    "kids": assembled([ROOT, "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]),
    "parent": assembled(
        [ROOT, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]
    ),
    "reference": assembled([ROOT, "<< /Type /Pages /Kids 3 0 R /Count 1 >>", "3 0 R"]),
    "no-pages": assembled([ROOT, "<< /Type /Pages /Kids [] /Count 0 >>"]),
    "previous": document("a").replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"),
}


async def refusal(bench: Workbench, content: bytes, capability: str = "text", **more: Any) -> str:
    """The kind of refusal."""
    with pytest.raises(Refusal) as caught:
        await bench.call(capability, document=content, **more)
    return caught.value.kind


async def outcome(bench: Workbench, content: bytes, capability: str, more: dict[str, Any]) -> str:
    """``done``, or the kind of refusal."""
    try:
        await bench.call(capability, document=content, **more)
    except Refusal as refusal:
        return refusal.kind
    return "done"


def texts(content: bytes) -> list[str]:
    """What the pages of a document say."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


async def test_info(bench: Workbench) -> None:
    """A document's pages, size and names."""
    made = document("a", "b", info="/Info << /Title (A title) /Author (Ann \\007) >>")

    assert await bench.call("info", document=made) == {
        "pages": 2,
        "width": 300,
        "height": 200,
        "active": False,
        "title": "A title",
        "author": "Ann",
    }


async def test_text(bench: Workbench) -> None:
    """The text of all pages, or of some."""
    content = document("one", "two", "three")

    assert await bench.call("text", document=content) == {"text": "one\ntwo\nthree", "pages": 3, "complete": True}
    assert (await bench.call("text", document=content, first=2, last=2))["text"] == "two"


async def test_long_text(bench: Workbench) -> None:
    """Text ends at its bound and says so."""
    made = await bench.call("text", document=document(*["x" * 50_000] * 5))

    assert len(made["text"]) == 200_000 and not made["complete"]


async def test_pages(bench: Workbench) -> None:
    """Some pages become a document that is named after them."""
    file = bench.file(document("one", "two", "three"), "Contract.PDF")

    made = await bench.call("pages", document=file, first=2, last=3)

    assert (made["pages"], made["document"]["name"]) == (2, "Contract-2-3.pdf")
    assert texts(bench.content(made["document"])) == ["two", "three"]


async def test_split(bench: Workbench) -> None:
    """All pages, in parts; the last one is shorter."""
    made = await bench.call("split", document=document("one", "two", "three"), every=2)

    assert made["count"] == 2
    assert [texts(bench.content(part)) for part in made["documents"]] == [["one", "two"], ["three"]]


async def test_merge(bench: Workbench) -> None:
    """Several documents become one, in their order."""
    made = await bench.call("merge", documents=[document("one", "two"), document("three")], name="both")

    assert (made["pages"], made["document"]["name"]) == (3, "both.pdf")
    assert texts(bench.content(made["document"])) == ["one", "two", "three"]


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 3), (3, 3)])
async def test_no_such_page(bench: Workbench, first: int, last: int) -> None:
    """Pages that are not there are refused."""
    assert await refusal(bench, document("a", "b"), "pages", first=first, last=last) == "no-such-page"


ANNOTATION = "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A {} >>]"
ACTIVE = {
    "opening": document("a", root=f"/OpenAction {SCRIPT}"),
    "named": document("a", root=f"/Names << /JavaScript << /Names [(evil) {SCRIPT}] >> >>"),
    "page": document("a", page=f"/AA << /O {SCRIPT} >>"),
    "launch": document("a", page=ANNOTATION.format("<< /S /Launch /F (evil.exe) >>")),
    "form": document("a", page=ANNOTATION.format("<< /S /SubmitForm /F (evil) >>")),
    "link": document("a", page=ANNOTATION.format("<< /S /URI /URI (javascript:evil) >>")),
    "file": document("a", page="/Annots [<< /Type /Annot /Subtype /FileAttachment /FS << /EF << /F 6 0 R >> >> >>]"),
    "indirect": document("a", page="/Annots 6 0 R", more=("[7 0 R]", f"<< /Subtype /Widget /A {SCRIPT} >>")),
    "chained": document("a", page=ANNOTATION.format(f"<< /S /URI /URI (https://x.test) /Next {SCRIPT} >>")),
}


@pytest.mark.parametrize("name", ACTIVE)
async def test_what_acts(bench: Workbench, name: str) -> None:
    """Scripts, programs, forms and files inside are seen, and do not come out."""
    content = ACTIVE[name]

    seen = await bench.call("info", document=content)
    made = await bench.call("merge", documents=[content, document("b")])

    written = bench.content(made["document"])
    assert seen["active"] is True
    assert not (await bench.call("info", document=written))["active"]
    assert b"evil" not in written and b"JavaScript" not in written and b"Launch" not in written
    assert texts(written) == ["a", "b"]


async def test_harmless_links_stay(bench: Workbench) -> None:
    """A link to a page on the web is kept."""
    content = document("a", page=ANNOTATION.format("<< /S /URI /URI (https://example.org) >>"))

    made = await bench.call("pages", document=content, first=1)

    (link,) = PdfReader(io.BytesIO(bench.content(made["document"]))).pages[0]["/Annots"]
    assert link["/A"]["/URI"] == "https://example.org"
    assert not (await bench.call("info", document=content))["active"]


@pytest.mark.parametrize("password", ["", "secret"])
@pytest.mark.parametrize("capability", ["info", "text"])
async def test_passwords(bench: Workbench, password: str, capability: str) -> None:
    """A document with a password, be it empty, is refused as such."""
    assert await refusal(bench, with_password(password), capability) == "pdf-has-password"


async def test_too_many_pages(bench: Workbench) -> None:
    """Pages are bounded, those of several documents together too."""
    assert await refusal(bench, document(*"x" * 31), "info") == "too-complex"
    assert await refusal(bench, document(*"x" * 31), "split", every=1) == "too-complex"
    with pytest.raises(Refusal) as caught:
        await bench.call("merge", documents=[document(*"x" * 16)] * 2)
    assert caught.value.kind == "too-complex"


@pytest.mark.parametrize("name", LOOPS)
async def test_loops(bench: Workbench, name: str) -> None:
    """Documents that lead back to themselves end, one way or another."""
    kinds = [await outcome(bench, LOOPS[name], *call) for call in (("info", {}), ("text", {}), ("pages", {"first": 1}))]

    assert set(kinds) <= {"done", "invalid-pdf", "too-complex", "no-such-page"}


async def test_bombs(bench: Workbench) -> None:
    """What unpacks without end shows nothing, and what is nested without end is refused."""
    assert (await bench.call("text", document=bomb()))["text"] == ""
    assert await outcome(bench, nested(20_000), "info", {}) in ("invalid-pdf", "too-complex")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        document("a")[:200],
        b"<html>" + document("a"),
        b"PK\x03\x04" + bytes(2000) + document("a"),
        b"\xff" * 99,
    ],
    ids=["empty", "head", "cut", "html", "zip", "noise"],
)
async def test_no_documents(bench: Workbench, content: bytes) -> None:
    """Damaged documents, and files of two kinds at once, are refused."""
    assert await refusal(bench, content) == "invalid-pdf"


async def test_nothing_to_merge(bench: Workbench) -> None:
    """No documents make no document."""
    with pytest.raises(Refusal, match="nothing"):
        await bench.call("merge", documents=[])


async def test_manifest() -> None:
    """The manifest has no findings, and states the defaults that the package has."""
    assert stated_defaults(Path(__file__).parent.parent) == {"pages": PAGES}
