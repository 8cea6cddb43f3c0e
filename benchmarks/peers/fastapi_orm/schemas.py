from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["open", "pending", "solved", "closed"]


class TicketCreate(BaseModel):
    subject: str = Field(min_length=1, max_length=200)
    body: str = Field(max_length=4000)
    priority: int = Field(default=3, ge=1, le=5)


class TicketUpdate(BaseModel):
    subject: str | None = Field(default=None, min_length=1, max_length=200)
    body: str | None = Field(default=None, max_length=4000)
    status: Status | None = None
    priority: int | None = Field(default=None, ge=1, le=5)


class TicketRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    subject: str
    body: str
    status: Status
    priority: int
    private: bool
    owner_id: uuid.UUID
    created_at: datetime
    updated_at: datetime


class TicketPage(BaseModel):
    items: list[TicketRead]


class CommentRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    body: str
    created_at: datetime


class TicketCard(BaseModel):
    id: uuid.UUID
    subject: str
    status: Status
    priority: int
    owner_name: str
    comments: list[CommentRead]


class TicketCardPage(BaseModel):
    items: list[TicketCard]
