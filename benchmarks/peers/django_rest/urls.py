from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .helpdesk.views import TicketCardList, TicketViewSet, health

router = SimpleRouter(trailing_slash=False)
router.register("tickets", TicketViewSet)

urlpatterns = [
    path("health", health),
    path("api/", include(router.urls)),
    path("api/ticket-cards", TicketCardList.as_view()),
]
