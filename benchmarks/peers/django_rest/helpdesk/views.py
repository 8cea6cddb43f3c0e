from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from rest_framework import generics, viewsets
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.response import Response

from .models import Ticket
from .serializers import TicketCardSerializer, TicketSerializer


def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


class Pages(LimitOffsetPagination):
    default_limit = 25
    max_limit = 200

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        limit = self.get_limit(request)
        offset = self.get_offset(request)
        return list(queryset[offset : offset + limit])

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"items": data})


class StatusFilterMixin:
    def filter_queryset(self, queryset: QuerySet[Ticket]) -> QuerySet[Ticket]:
        status = self.request.query_params.get("status")
        return queryset.filter(status=status) if status else queryset


class TicketViewSet(StatusFilterMixin, viewsets.ModelViewSet):
    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer
    pagination_class = Pages

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner_id=self.request.user.pk)


class TicketCardList(StatusFilterMixin, generics.ListAPIView):
    queryset = Ticket.objects.select_related("owner").prefetch_related("comments")
    serializer_class = TicketCardSerializer
    pagination_class = Pages
