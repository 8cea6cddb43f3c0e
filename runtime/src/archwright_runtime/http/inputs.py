"""Everything that a request gives to one operation, compiled at start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unicodedata import normalize

from ..errors import FieldProblem, Refusal
from ..operations.call import PageRequest, Upload
from ..plan import OURS, Input, Operation, Select, Type, Wire
from .formats import Wrong
from .forms import MULTIPART, URLENCODED, Form, FormLimits
from .json_body import JsonBody, WholeJson, pointer
from .query import Query
from .request import Request
from .suggest import suggestion
from .values import codec, upload

JSON = "application/json"
_FILES = ("file", "image")
_TEXTS = ("text", "markdown", "html", "slug", "email", "url", "phone", "uuid", "ref", "enum")

Values = dict[str, Any]
Text = Callable[[str], Any]


class Inputs:
    """Reads requests of one operation into values by input name.

    Args:
        cookie_name: what a cookie is called on the wire.
    """

    def __init__(
        self, operation: Operation, wire: Wire = OURS, cookie_name: Callable[[str], str] = lambda name: name
    ) -> None:
        by_source: dict[str, list[Input]] = {}
        for entry in operation.input:
            by_source.setdefault(entry.source, []).append(entry)
        self._path = [(entry.wire or entry.name, entry.name, _plain(entry)) for entry in by_source.get("path", ())]
        counted = operation.returns.total is not None
        self._query = Query(
            by_source.get("query", ()), listed(operation), operation.paging, counted=counted, lenient=operation.lenient
        )
        self._headers = [_outside(entry) for entry in by_source.get("header", ())]
        self._cookies = [
            (entry, cookie_name(name), read) for entry, name, read in map(_outside, by_source.get("cookie", ()))
        ]
        self._body = by_source.get("body", [])
        self._whole = next(iter(by_source.get("whole-body", ())), None)
        self._form = FormFields(self._body, lenient=operation.lenient, typed=False)
        self._media = frozenset(operation.media)
        self._json: JsonBody | WholeJson | None = None
        self._text: Text | None = None
        if self._whole is not None and self._whole.type.kind not in _FILES:
            self._json = WholeJson(self._whole, wire)
            self._text = codec(self._whole.type).from_text if self._whole.type.kind in _TEXTS else None
        elif self._body:
            self._json = JsonBody(self._body, lenient=operation.lenient, wrapped=operation.wrapped, wire=wire)
        self._has_body = self._whole is not None or bool(self._body)
        self._body_required = any(entry.required for entry in (*self._body, *by_source.get("whole-body", ())))
        # The usual spellings, so that most requests need no parsing of the header.
        json = JSON in self._media and self._json is not None
        self._known_json = frozenset(_SPELLINGS) if json else frozenset()

    async def read(self, request: Request) -> tuple[Values, PageRequest | None]:
        """What came, by input name, and for lists the page wanted.

        Raises:
            Refusal: ``invalid`` with every problem, ``malformed``, ``unsupported-media``, ``too-large``, or
                ``not-found`` where the path cannot be the address of anything.
        """
        values, page, problems = self._query.read(request.query_string)
        values = dict(values) if values else {}
        for wire, name, read in self._path:
            try:
                values[name] = read(request.parameters[wire])
            except Wrong:
                raise Refusal("not-found") from None
        if self._headers or self._cookies:
            problems = [*problems, *self._read_outside(request, values)]
        if self._has_body:
            body, more = await self._read_body(request)
            values.update(body)
            problems = [*problems, *more] if more else problems
        if problems:
            raise Refusal("invalid", "Some values are not as they should be.", tuple(problems))
        return values, page

    def form(self, form: Form) -> tuple[Values, list[FieldProblem]]:
        """Values of a form that a page showed, and every problem; for pages, which know the other inputs themselves."""
        return self._form.read(form)

    def _read_outside(self, request: Request, values: Values) -> list[FieldProblem]:
        problems: list[FieldProblem] = []
        for entry, wire, read in self._headers:
            raw = request.headers.get(wire.lower().encode("latin-1"))
            _take(entry, wire, read, None if raw is None else _header_text(raw), values, problems)
        for entry, wire, read in self._cookies:
            _take(entry, wire, read, request.cookies.get(wire), values, problems)
        return problems

    async def _read_body(self, request: Request) -> tuple[Values, list[FieldProblem]]:
        content_type = request.headers.get(b"content-type")
        if content_type in self._known_json:
            return self._json.read(await request.body())  # type: ignore[union-attr]
        if content_type is None:
            return await self._read_untyped(request)
        media = request.media
        if media in (URLENCODED, MULTIPART) and media in self._media:
            form = await request.form(self._form.limits)
            return self._form.read(form)
        if self._whole is not None and self._whole.type.kind in _FILES:
            return await self._read_raw(request, media)
        if self._text is not None and media in self._media and media.startswith("text/"):
            _refuse_charset(content_type)
            return self._read_text(await request.body())
        if self._json is None or not self._takes_json(media):
            raise self._unsupported()
        _refuse_charset(content_type)
        return self._json.read(await request.body())

    async def _read_untyped(self, request: Request) -> tuple[Values, list[FieldProblem]]:
        if await request.body():
            raise self._unsupported()
        if self._body_required and self._json is not None and self._whole is None:
            return self._json.read(b"{}")
        if self._body_required:
            return {}, [FieldProblem("", "required", "A body is required.")]
        return {}, []

    async def _read_raw(self, request: Request, media: str) -> tuple[Values, list[FieldProblem]]:
        entry = self._whole
        assert entry is not None
        try:
            came = await request.file(entry.type.max)
            sent = upload(entry.type, Upload("file", media, came.file))
        except Wrong as wrong:
            return {}, [FieldProblem("", wrong.code, wrong.message)]
        return {entry.name: sent}, []

    def _read_text(self, raw: bytes) -> tuple[Values, list[FieldProblem]]:
        """A body that is one text."""
        entry, read = self._whole, self._text
        assert entry is not None and read is not None
        try:
            return {entry.name: read(raw.decode("utf-8"))}, []
        except UnicodeDecodeError:
            raise Refusal("malformed", "The body is not valid UTF-8.") from None
        except Wrong as wrong:
            return {}, [FieldProblem("", wrong.code, wrong.message)]

    def _takes_json(self, media: str) -> bool:
        if media in self._media:
            return media == JSON or media.endswith("+json")
        return JSON in self._media and media.startswith("application/") and media.endswith("+json")

    def _unsupported(self) -> Refusal:
        taken = ", ".join(sorted(self._media))
        return Refusal("unsupported-media", f"The body must be {taken}.", headers={"accept": taken})


class FormFields:
    """Reads the fields of a form.

    An empty field is null where null may be given. Elsewhere a person has left it out and is told so, where something
    must be there; a program (``typed=False``) means the empty text.
    """

    def __init__(self, inputs: list[Input], *, lenient: bool, typed: bool = True) -> None:
        self._typed = typed
        self._inputs = {entry.wire or entry.name: entry for entry in inputs}
        self._reads = {wire: codec(entry.type).from_text for wire, entry in self._inputs.items()}
        self._items = {
            wire: codec(entry.type.item).from_text
            for wire, entry in self._inputs.items()
            if entry.type.kind == "list" and entry.type.item is not None
        }
        self._lenient = lenient
        largest = {wire: _largest(entry) for wire, entry in self._inputs.items()}
        self.limits = FormLimits(files={wire: most for wire, most in largest.items() if most is not None})

    def read(self, form: Form) -> tuple[Values, list[FieldProblem]]:
        """Values by input name, and every problem."""
        values: Values = {}
        problems: list[FieldProblem] = []
        for wire, entry in self._inputs.items():
            try:
                came, value = self._field(wire, entry, form)
            except Wrong as wrong:
                problems.append(FieldProblem(pointer(wire) + wrong.path, wrong.code, wrong.message))
                continue
            if came:
                values[entry.name] = value
            elif entry.required:
                problems.append(FieldProblem(pointer(wire), "required", "This is required."))
        if not self._lenient:
            problems += [
                FieldProblem(pointer(name[:100]), "unknown", f"There is no such field.{suggestion(name, self._inputs)}")
                for name in (*form.values, *form.files)
                if name not in self._inputs
            ]
        return values, problems

    def _field(self, wire: str, entry: Input, form: Form) -> tuple[bool, Any]:
        if entry.type.kind in _FILES:
            return _file_field(wire, entry, form)
        if entry.type.kind == "list" and entry.type.item is not None and entry.type.item.kind in _FILES:
            return _files_field(wire, entry, entry.type.item, form)
        texts = form.values.get(wire)
        if texts is None:
            return False, None
        if entry.type.kind == "list":
            return True, self._list_field(wire, entry, texts)
        if len(texts) > 1:
            raise Wrong("repeated", "Give this once.")
        if texts[0] == "" and (self._typed or entry.nullable or entry.type.kind not in _TEXTS):
            return _blank(entry)
        # HTML forms send line ends as CR LF whatever was typed (WHATWG, 4.10.21.4).
        return True, self._reads[wire](texts[0].replace("\r\n", "\n"))

    def _list_field(self, wire: str, entry: Input, texts: list[str]) -> Any:
        read = self._items.get(wire)
        if len(texts) == 1 or read is None:
            return self._reads[wire](",".join(texts))
        # Validated as a whole by the list's own codec where it is given as one text; here entry by entry.
        if entry.type.max is not None and len(texts) > entry.type.max:
            raise Wrong("too-long", f"Use at most {entry.type.max} entries.")
        return [read(text) for text in texts if text]


def listed(operation: Operation) -> Select | None:
    """What a listing operation lists; its page, filters and sorts come as query parameters."""
    for step in operation.steps:
        if step.kind == "list" and step.select is not None and step.each is None:
            return step.select
    return None


def _largest(entry: Input) -> int | None:
    """How large a file may be that comes for an input; None where none comes."""
    type = entry.type.item if entry.type.kind == "list" and entry.type.item is not None else entry.type
    return type.max if type.kind in _FILES else None


def _files_field(wire: str, entry: Input, type: Type, form: Form) -> tuple[bool, Any]:
    files = form.files.get(wire)
    if files is None:
        return False, None
    if entry.type.max is not None and len(files) > entry.type.max:
        raise Wrong("too-long", f"Use at most {entry.type.max} files.")
    return True, [upload(type, Upload(sent.name, sent.media, sent.file)) for sent in files]


def _file_field(wire: str, entry: Input, form: Form) -> tuple[bool, Any]:
    files = form.files.get(wire)
    if files is None:
        return False, None
    if len(files) > 1:
        raise Wrong("repeated", "Give this once.")
    sent = files[0]
    if entry.type.max is not None and sent.size > entry.type.max:
        raise Wrong("too-long", f"A file may have at most {entry.type.max} bytes.")
    return True, upload(entry.type, Upload(sent.name, sent.media, sent.file))


def _blank(entry: Input) -> tuple[bool, Any]:
    if entry.nullable:
        return True, None
    if entry.required or entry.type.kind in _TEXTS:
        raise Wrong("required", "This is required.")
    return False, None


def _plain(entry: Input) -> Text:
    return codec(entry.type).from_text


def _outside(entry: Input) -> tuple[Input, str, Text]:
    return entry, entry.wire or entry.name, _plain(entry)


def _take(entry: Input, wire: str, read: Text, text: str | None, values: Values, problems: list[FieldProblem]) -> None:
    if text is None:
        if entry.required:
            problems.append(FieldProblem(f"?{wire}", "required", "This is required."))
        return
    try:
        values[entry.name] = read(text)
    except Wrong as wrong:
        problems.append(FieldProblem(f"?{wire}", wrong.code, wrong.message))


def _header_text(raw: bytes) -> str:
    try:
        return normalize("NFC", raw.decode("utf-8"))
    except UnicodeDecodeError:
        return raw.decode("latin-1")


_SPELLINGS = (
    b"application/json",
    b"application/json; charset=utf-8",
    b"application/json;charset=utf-8",
    b"application/json; charset=UTF-8",
    b"application/json;charset=UTF-8",
)


def _refuse_charset(content_type: bytes) -> None:
    for parameter in content_type.split(b";")[1:]:
        name, _, value = parameter.strip().lower().partition(b"=")
        if name == b"charset" and value.strip(b'"') not in (b"utf-8", b"utf8", b"us-ascii"):
            raise Refusal("unsupported-media", "Text is taken as UTF-8 only.")
