from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, status
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from .database import get_session
from .models import Ticket
from .schemas import (
    CommentRead,
    Status,
    TicketCard,
    TicketCardPage,
    TicketCreate,
    TicketPage,
    TicketRead,
    TicketUpdate,
)
from .security import get_current_user_id

app = FastAPI(title="Helpdesk")

Session = Annotated[AsyncSession, Depends(get_session)]
CurrentUserId = Annotated[uuid.UUID, Depends(get_current_user_id)]
Limit = Annotated[int, Query(ge=1, le=200)]


async def find_ticket(session: AsyncSession, ticket_id: uuid.UUID) -> Ticket:
    ticket = await session.get(Ticket, ticket_id)
    if ticket is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Ticket not found")
    return ticket


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/tickets/{ticket_id}", response_model=TicketRead)
async def get_ticket(ticket_id: uuid.UUID, session: Session, user_id: CurrentUserId) -> Ticket:
    return await find_ticket(session, ticket_id)


@app.get("/api/tickets")
async def list_tickets(
    session: Session, user_id: CurrentUserId, status: Status | None = None, limit: Limit = 25
) -> TicketPage:
    query = select(Ticket).order_by(Ticket.created_at.desc()).limit(limit)
    if status is not None:
        query = query.where(Ticket.status == status)
    tickets = (await session.scalars(query)).all()
    return TicketPage(items=[TicketRead.model_validate(ticket) for ticket in tickets])


@app.get("/api/ticket-cards")
async def list_ticket_cards(
    session: Session, user_id: CurrentUserId, status: Status | None = None, limit: Limit = 25
) -> TicketCardPage:
    query = (
        select(Ticket)
        .options(joinedload(Ticket.owner), selectinload(Ticket.comments))
        .order_by(Ticket.created_at.desc())
        .limit(limit)
    )
    if status is not None:
        query = query.where(Ticket.status == status)
    tickets = (await session.scalars(query)).all()
    return TicketCardPage(
        items=[
            TicketCard(
                id=ticket.id,
                subject=ticket.subject,
                status=ticket.status,
                priority=ticket.priority,
                owner_name=ticket.owner.name,
                comments=[CommentRead.model_validate(comment) for comment in ticket.comments],
            )
            for ticket in tickets
        ]
    )


@app.post("/api/tickets", response_model=TicketRead, status_code=status.HTTP_201_CREATED)
async def create_ticket(data: TicketCreate, session: Session, user_id: CurrentUserId) -> Ticket:
    ticket = Ticket(**data.model_dump(), owner_id=user_id)
    session.add(ticket)
    await session.commit()
    await session.refresh(ticket)
    return ticket


@app.patch("/api/tickets/{ticket_id}", response_model=TicketRead)
async def update_ticket(ticket_id: uuid.UUID, data: TicketUpdate, session: Session, user_id: CurrentUserId) -> Ticket:
    ticket = await find_ticket(session, ticket_id)
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(ticket, name, value)
    await session.commit()
    await session.refresh(ticket)
    return ticket
