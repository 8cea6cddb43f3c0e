"""``kubernetes/``: replicas without state, without rights, and with the network that the components declare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...registry import digest
from ..blocks import to_yaml
from ..emitter import Facts
from ..plan import Plan, Setting, Volume

Manifest = dict[str, Any]

_USER = 65532
_PORT = 8080
_METRICS = 9090
_LONGEST = 63
_PORTS = {
    "smtp": (25, 465, 587),
    "http": (80,),
    "https": (443,),
    "ldap": (389, 636),
    "postgresql": (5432,),
    "redis": (6379,),
}
_SECRETS = "/run/secrets/archwright"
_COMMENT = {
    "deployment": "The service. Replicas keep nothing: any of them may answer any request, and any may go at any time.",
    "migration": "Brings the tables up to date; apply it, and wait for it, before the deployment.\n"
    "A migration says in its header whether the previous version may run on after it.",
    "network-policy": "Who may reach the service, and what it may reach: its database and what its components declare.",
    "config": "Settings given at deployment; they never change what was built.",
    "service-account": "An account without any right in the cluster.",
    "disruption-budget": "Maintenance leaves one replica running.",
    "service": "The address within the cluster.",
}

_VOLUME = (
    "A directory that a component keeps files in. Every replica mounts it, and it outlives them all: "
    "back it up with the database.\nThe storage class must allow many writers (ReadWriteMany)."
)


def emit(facts: Facts) -> Mapping[str, bytes]:
    """One file per object, and a kustomization that names them."""
    made: dict[str, Manifest] = {
        "config": _config(facts.plan),
        "deployment": _deployment(facts),
        "disruption-budget": _disruption_budget(facts.plan),
        "migration": _migration(facts),
        "network-policy": _network_policy(facts),
        "service": _service(facts.plan),
        "service-account": _service_account(facts.plan),
    }
    for claim in _volume_claims(facts.plan):
        made[f"volume-{claim['metadata']['name'].removeprefix(_name(facts.plan) + '-')}"] = claim
    files = {
        f"kubernetes/{name}.yaml": to_yaml(found, comment=_COMMENT.get(name, _VOLUME)) for name, found in made.items()
    }
    return {**files, "kubernetes/kustomization.yaml": _kustomization(facts, made)}


def _name(plan: Plan, suffix: str = "") -> str:
    """A DNS label (RFC 1123), cut where the suffix would make it too long."""
    return plan.name[: _LONGEST - len(suffix)].rstrip("-") + suffix


def _labels(plan: Plan) -> Manifest:
    return {"app.kubernetes.io/name": _name(plan)}


def _metadata(plan: Plan, suffix: str = "", **more: Any) -> Manifest:
    labels = {**_labels(plan), "app.kubernetes.io/version": plan.version, "app.kubernetes.io/managed-by": "archwright"}
    return {"name": _name(plan, suffix), "labels": labels, **more}


def _config(plan: Plan) -> Manifest:
    data = {
        "ARCHWRIGHT_METRICS": f"0.0.0.0:{_METRICS}",
        "ARCHWRIGHT_SECRETS": _SECRETS,
        **{
            _variable(name): _text(setting)
            for name, setting in sorted(plan.settings.items())
            if setting.default is not None
        },
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _metadata(plan), "data": data}


def _variable(setting: str) -> str:
    return "ARCHWRIGHT_SETTING_" + setting.upper().replace("-", "_").replace(".", "_")


def _text(setting: Setting) -> str:
    value = setting.default
    if isinstance(value, str):
        return value
    if isinstance(value, list) and setting.type.kind == "list":
        return ",".join(str(item) for item in value)
    return json.dumps(value)


def _deployment(facts: Facts) -> Manifest:
    plan = facts.plan
    template = {
        "metadata": {"labels": _labels(plan), "annotations": {"archwright/plan": _digest(facts, "plan.json")}},
        "spec": {
            **_pod(plan),
            "terminationGracePeriodSeconds": 30,
            "containers": [_server(facts)],
            "volumes": [
                *_volumes(plan),
                *({"name": name, "persistentVolumeClaim": {"claimName": name}} for name, _, _ in _claims(plan)),
            ],
        },
    }
    spec = {
        "replicas": 2,
        "selector": {"matchLabels": _labels(plan)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": template,
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _metadata(plan), "spec": spec}


def _claims(plan: Plan) -> Iterator[tuple[str, str, Volume]]:
    """The directories that components keep state in: name of the claim, where it is mounted, what is stated."""
    for alias, component in sorted(plan.components.items()):
        for volume in component.volumes:
            named = volume.path["$"]["setting"] if isinstance(volume.path, dict) else None
            default = plan.settings[named].default if named in plan.settings else None
            path = volume.path if named is None else default if isinstance(default, str) else f"/data/{volume.name}"
            yield _name(plan, f"-{alias}-{volume.name}"), path, volume


def _volume_claims(plan: Plan) -> list[Manifest]:
    """Every replica mounts the same directory, so the storage must allow many writers."""
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {**_metadata(plan), "name": name},
            "spec": {
                "accessModes": ["ReadWriteMany"],
                "resources": {"requests": {"storage": f"{-(-volume.size // 1_000_000)}M"}},
            },
        }
        for name, _, volume in _claims(plan)
    ]


def _digest(facts: Facts, path: str) -> str:
    return digest.of_bytes(facts.earlier.get(path, b""))


def _pod(plan: Plan) -> Manifest:
    return {
        "serviceAccountName": _name(plan),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": _labels(plan)},
            }
        ],
    }


def _server(facts: Facts) -> Manifest:
    plan = facts.plan
    ready = {"httpGet": {"path": "/health/ready", "port": "http"}, "periodSeconds": 5, "timeoutSeconds": 3}
    live = {"httpGet": {"path": "/health/live", "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 3}
    container = _container(plan, "serve", ["serve", "/service"], "-database")
    mounts = [{"name": name, "mountPath": path} for name, path, _ in _claims(plan)]
    return {
        **container,
        "volumeMounts": [*container["volumeMounts"], *mounts],
        "ports": [{"name": "http", "containerPort": _PORT}, {"name": "metrics", "containerPort": _METRICS}],
        "startupProbe": {**live, "periodSeconds": 1, "failureThreshold": 60},
        "livenessProbe": {**live, "failureThreshold": 3},
        "readinessProbe": {**ready, "failureThreshold": 2},
    }


def _container(plan: Plan, name: str, arguments: list[str], database: str) -> Manifest:
    return {
        "name": name,
        "image": f"{plan.name}:{plan.version}",
        "args": arguments,
        "envFrom": [{"configMapRef": {"name": _name(plan)}}],
        "env": _environment(plan, database),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {
            "requests": {"cpu": "100m", "memory": "96Mi"},
            "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "1Gi"},
        },
        "volumeMounts": [
            {"name": "secrets", "mountPath": _SECRETS, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }


def _environment(plan: Plan, database: str) -> list[Manifest]:
    """What must come from outside: the database's address, and settings that have no default."""
    address = {"secretKeyRef": {"name": _name(plan, database), "key": "url"}}
    found: list[Manifest] = [{"name": "ARCHWRIGHT_DATABASE", "valueFrom": address}]
    for name, setting in sorted(plan.settings.items()):
        if setting.required and setting.default is None:
            reference = {"configMapKeyRef": {"name": _name(plan, "-settings"), "key": name}}
            found.append({"name": _variable(name), "valueFrom": reference})
    return found


def _volumes(plan: Plan) -> list[Manifest]:
    """Secrets by name alone, and room for uploads on their way."""
    names = [
        "service-key",
        *sorted({one.trigger.signature.secret for one in plan.operations.values() if one.trigger.signature}),
        *sorted(f"{alias}.{name}" for alias, found in plan.components.items() for name in found.secrets),
    ]
    items = [{"key": name, "path": name} for name in names]
    return [
        {"name": "secrets", "secret": {"secretName": _name(plan, "-secrets"), "defaultMode": 0o440, "items": items}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "512Mi"}},
    ]


def _migration(facts: Facts) -> Manifest:
    """A job of its own name for each set of migrations, since a job cannot be changed."""
    plan = facts.plan
    files = sorted(path for path in facts.earlier if path.startswith("migrations/"))
    mark = hashlib.sha256("\n".join(files).encode()).hexdigest()[:10]
    container = _container(plan, "migrate", ["migrate", "/service"], "-database-owner")
    pod = {**_pod(plan), "restartPolicy": "Never", "containers": [container], "volumes": _volumes(plan)}
    labels = {"app.kubernetes.io/name": _name(plan, "-migrate")}
    spec = {
        "backoffLimit": 3,
        "activeDeadlineSeconds": 3600,
        "ttlSecondsAfterFinished": 86400,
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": _metadata(plan, f"-migrate-{mark}"), "spec": spec}


def _network_policy(facts: Facts) -> Manifest:
    plan = facts.plan
    egress = [
        {"ports": [_port(53, "UDP"), _port(53)]},
        {"ports": [_port(5432)]},
    ]
    for name in _egress(facts):
        egress.append({"ports": [_port(number) for number in _reached(plan, name)]})
    selector = {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "In", "values": _selected(plan)}]}
    spec = {
        "podSelector": selector,
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [_port(_PORT), _port(_METRICS)]}],
        "egress": egress,
    }
    # Policies know no names of hosts: those are kept by the runtime, and said here for whoever guards the border.
    hosts = _hosts(plan)
    declared = ", ".join(f"{kind} ({hosts[kind]})" if kind in hosts else kind for kind in _egress(facts)) or "none"
    metadata = _metadata(plan, annotations={"archwright/egress": declared})
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _selected(plan: Plan) -> list[str]:
    return [_name(plan), _name(plan, "-migrate")]


def _port(number: int, protocol: str = "TCP") -> Manifest:
    return {"protocol": protocol, "port": number}


def _egress(facts: Facts) -> list[str]:
    """What components declare to reach, in the plan and in their manifests."""
    planned = {
        effect.partition(":")[2]
        for component in facts.plan.components.values()
        for capability in component.capabilities.values()
        for effect in capability.effects
        if effect.startswith(("egress:", "fetch:"))
    }
    return sorted(planned | {name for known in facts.components.values() for name in known.egress})


def _declared(plan: Plan, kind: str) -> list[str]:
    found = (component.egress.get(kind) for component in plan.components.values())
    return sorted({host for one in found if one is not None for host in one.hosts})


def _hosts(plan: Plan) -> dict[str, str]:
    """The declared hosts by kind of effect."""
    kinds = sorted({kind for component in plan.components.values() for kind in component.egress})
    return {kind: " ".join(_declared(plan, kind)) for kind in kinds}


def _reached(plan: Plan, kind: str) -> tuple[int, ...]:
    """The ports of declared hosts, else those that are usual for a kind of effect."""
    usual = _PORTS.get(kind, (443,))
    ports = {_port_of(host, usual[0]) for host in _declared(plan, kind)}
    return tuple(sorted(ports)) or usual


def _port_of(host: str, usual: int) -> int:
    scheme, separator, rest = host.rpartition("://")
    port = rest.rpartition(":")[2]
    return int(port) if port.isdigit() else 80 if separator and scheme == "http" else usual


def _service(plan: Plan) -> Manifest:
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    spec = {"type": "ClusterIP", "selector": _labels(plan), "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(plan), "spec": spec}


def _service_account(plan: Plan) -> Manifest:
    made = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _metadata(plan)}
    return {**made, "automountServiceAccountToken": False}


def _disruption_budget(plan: Plan) -> Manifest:
    spec = {"minAvailable": 1, "selector": {"matchLabels": _labels(plan)}}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": _metadata(plan), "spec": spec}


def _kustomization(facts: Facts, made: Mapping[str, Manifest]) -> bytes:
    name = facts.plan.name
    body = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{found}.yaml" for found in sorted(made) if found != "migration"],
        "images": [{"name": name, "newTag": facts.plan.version}],
    }
    secrets = (
        f"Before it: the secrets `{name}-secrets`, `{name}-database` and `{name}-database-owner`, and migration.yaml."
    )
    return to_yaml(body, comment=secrets)
