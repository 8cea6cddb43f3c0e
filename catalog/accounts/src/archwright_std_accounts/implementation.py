"""Joins the capabilities into what the runtime loads."""

from __future__ import annotations

from archwright_runtime.component import Host, Implementation

from .administration import Administration
from .parts import Parts
from .provisioning import Provisioning
from .recovery import Recovery
from .registration import Registration
from .seed import seed
from .signing import Signing


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    parts = Parts.configure(host)
    signing, registration = Signing(parts), Registration(parts)
    recovery, administration = Recovery(parts), Administration(parts)
    return Implementation(
        capabilities={
            "register": registration.register,
            "first_admin": registration.first_admin,
            "sign_in": signing.sign_in,
            "check": signing.check,
            "confirm": signing.confirm,
            "admit": signing.admit,
            "provision": Provisioning(parts).provision,
            "issue": signing.issue,
            "repeat": signing.repeat,
            "sign_out": signing.sign_out,
            "sign_out_everywhere": signing.sign_out_everywhere,
            "change_password": signing.change_password,
            "change_email": signing.change_email,
            "request_reset": recovery.request_reset,
            "reset_password": recovery.reset_password,
            "invite": recovery.invite,
            "revoke": administration.revoke,
            "close": administration.close,
            "refresh": administration.refresh,
        },
        authenticate=parts.sessions.recognise,
        schemes=(parts.policy.scheme.lower(),),
        seed=seed,
        person=parts.sessions.person,
        cookie=parts.policy.cookie if parts.policy.session != "bearer" else None,
    )
