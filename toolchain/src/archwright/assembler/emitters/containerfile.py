"""``Containerfile`` and ``requirements.txt``: an image with the runtime, the components and the plan alone."""

from __future__ import annotations

from collections.abc import Mapping

from ..emitter import Facts, Wheel

_USER = "65532:65532"
"""The conventional "nonroot"; it owns no file and has no shell."""
_TEMPLATE = """\
# {name} {version}, written by archwright {archwright}.
# Put the wheels that are installed below into a directory, then, beside this file:
#   podman build --build-context wheels=WHEELS --build-arg BASE=python@sha256:... --tag {name}:{version} .
# BASE is the one thing that is not pinned here: give it by digest.
ARG BASE=python:3.11-slim

FROM ${{BASE}} AS install
COPY requirements.txt /requirements.txt
RUN --mount=from=wheels,target=/wheels \\
    python -m venv /venv \\
 && /venv/bin/python -m pip install --no-index --find-links /wheels --no-deps --only-binary :all: \\
      --require-hashes --requirement /requirements.txt \\
 && /venv/bin/python -m pip install --no-index --find-links /wheels --no-deps --only-binary :all: \\
      {own} \\
 && /venv/bin/python -m pip check \\
 && /venv/bin/python -m compileall -q /venv/lib \\
 && /venv/bin/python -m pip uninstall --yes --quiet pip

FROM ${{BASE}}
LABEL org.opencontainers.image.title="{name}" org.opencontainers.image.version="{version}"
COPY --from=install /venv /venv
COPY archwright.lock.json plan.json openapi.json /service/
COPY migrations /service/migrations
ENV PATH=/venv/bin:$PATH \\
    PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1 \\
    ARCHWRIGHT_HOST=0.0.0.0 \\
    ARCHWRIGHT_PORT=8080
USER {user}
EXPOSE 8080
STOPSIGNAL SIGTERM
# The root file system may be read-only; uploads on their way go to /tmp. Secrets come by name when it runs.
ENTRYPOINT ["archwright-runtime"]
CMD ["serve", "/service"]
"""


def emit(facts: Facts) -> Mapping[str, bytes]:
    """The recipe of the image, and what is installed into it from elsewhere."""
    hashed = [wheel for wheel in facts.wheels if wheel.hashes]
    text = _TEMPLATE.format(
        name=facts.plan.name,
        version=facts.plan.version,
        archwright=facts.archwright,
        own=" ".join(_own(facts, {wheel.name for wheel in hashed})),
        user=_USER,
    )
    requirements = "".join(map(_requirement, sorted(hashed, key=lambda wheel: wheel.name)))
    head = "# Every distribution from elsewhere, pinned by hash.\n"
    return {"Containerfile": text.encode(), "requirements.txt": (head + requirements).encode()}


def _own(facts: Facts, hashed: set[str]) -> list[str]:
    """The runtime and the components: exact versions here, and exact bytes when the service starts."""
    own = {"archwright-runtime": facts.runtime}
    for component in facts.plan.components.values():
        if component.distribution is not None:
            own[component.distribution] = component.version
    return [f"{name}=={version}" for name, version in sorted(own.items()) if name not in hashed]


def _requirement(wheel: Wheel) -> str:
    pins = "".join(f" \\\n    --hash={value}" for value in wheel.hashes)
    return f"{wheel.name}=={wheel.version}{pins}\n"
