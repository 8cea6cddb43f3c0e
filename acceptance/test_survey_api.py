"""The survey by HTTP, the same on both databases."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import Any

import httpx
import openpyxl
import pytest

from acceptance.services import Service

_NUMBERS = count(1)


def _created(client: httpx.Client, path: str, **values: Any) -> dict[str, Any]:
    answer = client.post(path, json=values)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def _survey(rita: httpx.Client, *, anonymous: bool, **question: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An open survey of one question."""
    survey = _created(rita, "/api/surveys", title=f"Survey {next(_NUMBERS):04}", anonymous=anonymous)
    asked = {"kind": "scale", "position": 1, "text": "How is it?", **question}
    made = _created(rita, "/api/questions", survey=survey["id"], **asked)
    opened = rita.patch(f"/api/surveys/{survey['id']}", json={"status": "open"})
    assert opened.status_code == 200, opened.text
    return survey, made


def _answer(client: httpx.Client, question: dict[str, Any], **values: Any) -> httpx.Response:
    return client.post(f"/api/questions/{question['id']}/answers", json=values)


def _result(rita: httpx.Client, survey: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = rita.get("/api/results", params={"survey": survey["id"]}).json()["items"][0]
    return found


def test_everybody_answers_once(survey: Service) -> None:
    """A second answer of the same person is refused, and the results count both people."""
    with survey.client("rita") as rita, survey.client("pat") as pat, survey.client("quin") as quin:
        asked, question = _survey(rita, anonymous=True)

        found = [_answer(one, question, number=number).status_code for one, number in ((pat, 4), (quin, 5), (pat, 1))]

        assert found == [204, 204, 409]
        result = _result(rita, asked)
        assert (result["answers"], result["average"]) == (2, "4.50")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ({"kind": "scale"}, {"choice": "a"}),
        ({"kind": "scale"}, {}),
        ({"kind": "scale"}, {"number": 6}),
        ({"kind": "choice", "choices": ["a", "b"]}, {"choice": "c"}),
        ({"kind": "words"}, {"number": 3}),
    ],
    ids=["choice-for-scale", "nothing", "out-of-scale", "no-such-choice", "number-for-words"],
)
def test_an_answer_fits_its_question(survey: Service, question: dict[str, Any], answer: dict[str, Any]) -> None:
    """An answer of another kind is told to be wrong, and the person may answer again."""
    with survey.client("rita") as rita, survey.client("pat") as pat:
        asked, made = _survey(rita, anonymous=True, **question)

        assert _answer(pat, made, **answer).status_code == 422
        assert _result(rita, asked)["answers"] == 0


def test_an_anonymous_answer_leads_to_nobody(survey: Service) -> None:
    """Not even the researcher learns who answered an anonymous survey; a named one says it."""
    with survey.client("rita") as rita, survey.client("pat") as pat:
        found = {}
        for anonymous in (True, False):
            _, question = _survey(
                rita, anonymous=anonymous, text=f"Anonymous: {anonymous} {next(_NUMBERS)}", kind="words"
            )
            assert _answer(pat, question, words="It is fine.").status_code == 204
            answers = rita.get("/api/answers", params={"question": question["id"]}).json()["items"]
            found[anonymous] = [one.get("by") for one in answers]

        assert found == {True: [None], False: [survey.id("pat")]}


def test_nobody_answers_what_is_not_open(survey: Service) -> None:
    """A draft is invisible to participants, and a closed survey takes no answers."""
    with survey.client("rita") as rita, survey.client("pat") as pat:
        asked, question = _survey(rita, anonymous=True)
        rita.patch(f"/api/surveys/{asked['id']}", json={"status": "closed"})

        assert _answer(pat, question, number=3).status_code == 409
        assert pat.get(f"/api/surveys/{asked['id']}").status_code == 404
        assert (
            rita.post(
                "/api/questions", json={"survey": asked["id"], "position": 2, "text": "?", "kind": "scale"}
            ).status_code
            == 403
        )


def test_answers_are_exported_without_formulas(survey: Service) -> None:
    """The export holds every answer; what looks like a formula stays text; others may not export."""
    with survey.client("rita") as rita, survey.client("pat") as pat:
        text = rita.post("/api/answer-exports", json={"format": "csv"})
        book = rita.post("/api/answer-exports", json={"format": "xlsx"})

        assert text.status_code == 200, text.text
        assert text.headers["content-type"].startswith("text/csv")
        assert "survey_title,question_text,number,choice,words" in text.text
        assert "\n=1+1" not in text.text and ",=1+1" not in text.text and "=1+1" in text.text
        sheet = openpyxl.load_workbook(BytesIO(book.content)).active
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0] == ("survey_title", "question_text", "number", "choice", "words")
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert pat.post("/api/answer-exports", json={"format": "csv"}).status_code == 403
