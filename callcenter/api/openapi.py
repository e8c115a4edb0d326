"""The OpenAPI description, generated from the table of operations and the pydantic shapes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from callcenter.incidents.naming import INCIDENT_ID_PATTERN

from .access import COOKIE
from .operations import EVERYONE, Asked, Operation
from .shapes import CALL_ID_PATTERN, ID_PATTERN, TASK_ID_PATTERN, Follow, ProblemAnswer

_REF = "#/components/schemas/{model}"
PARAMETER_PATTERNS = {
    "absence_id": r"^[1-9][0-9]{0,14}$",
    "call_id": CALL_ID_PATTERN,
    "incident_id": INCIDENT_ID_PATTERN,
    "kind": r"^[a-z][a-z0-9_]{0,31}$",
    "officer_id": ID_PATTERN,
    "seat_id": ID_PATTERN,
    "shift_id": r"^[1-9][0-9]{0,14}$",
    "task_id": TASK_ID_PATTERN,
    "response_id": TASK_ID_PATTERN,
    "version": r"^[1-9][0-9]{0,8}$",
}
"""What a part of a path may be; the gate lets nothing else in."""
_PROBLEM = {
    "description": "A problem, and what to do next",
    "content": {"application/json": {"schema": {"$ref": _REF.format(model="ProblemAnswer")}}},
}


def own_operation(description: dict[str, Any]) -> Operation:
    """The operation that shows the description; it is filled in once all are known."""

    async def show(_asked: Asked) -> dict[str, Any]:
        return description

    return Operation("GET", "/api/v1/openapi.json", show, "This description", EVERYONE)


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """An OpenAPI 3.1 document of these operations."""
    models: set[type[BaseModel]] = {ProblemAnswer, Follow}
    for operation in operations:
        models |= {model for model in (operation.body, operation.answer) if model is not None}
    ordered: list[type[BaseModel]] = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(model, "validation") for model in ordered], ref_template=_REF, by_alias=True
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Call centre", "version": _version()},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": (operation.handler.__doc__ or "").strip(),
        "operationId": f"{operation.method.lower()}{re.sub(r'[^a-z0-9]+', '_', operation.path)}",
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": PARAMETER_PATTERNS[name]},
            }
            for name in re.findall(r"{(\w+)}", operation.path)
        ]
        + _query(operation.query),
        "responses": {"200": _answer(operation), "default": _PROBLEM},
        "security": [],
    }
    if operation.roles:
        described["security"] = [{"token": []}, {"session": []}]
        described["x-roles"] = sorted(operation.roles)
    if operation.websocket:
        described["responses"] = {
            "101": {"description": "WebSocket; the client sends Follow messages"},
            "default": _PROBLEM,
        }
    if operation.body is not None:
        schema = {"$ref": _REF.format(model=operation.body.__name__)}
        described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return described


def _query(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    """The parameters behind the ``?``; their models have plain fields only."""
    if model is None:
        return []
    schema = model.model_json_schema(by_alias=True)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": described,
        }
        for name, described in schema["properties"].items()
    ]


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.answer is None:
        return {"description": operation.summary, "content": {operation.answer_type: {}}}
    schema: dict[str, Any] = {"$ref": _REF.format(model=operation.answer.__name__)}
    if operation.listed_as:
        listed = {operation.listed_as: {"type": "array", "items": schema}}
        schema = {"type": "object", "properties": listed, "required": [operation.listed_as]}
    return {
        "description": operation.summary,
        "content": {operation.answer_type: {"schema": schema}},
    }


def _version() -> str:
    try:
        return version("callcenter")
    except PackageNotFoundError:
        return "0"
