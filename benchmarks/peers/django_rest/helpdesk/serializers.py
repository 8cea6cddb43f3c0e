from __future__ import annotations

from rest_framework import serializers

from .models import Comment, Ticket


class TicketSerializer(serializers.ModelSerializer):
    owner_id = serializers.UUIDField(read_only=True)
    priority = serializers.IntegerField(min_value=1, max_value=5, default=3)

    class Meta:
        model = Ticket
        fields = (
            "id",
            "subject",
            "body",
            "status",
            "priority",
            "private",
            "owner_id",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("private",)


class CommentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Comment
        fields = ("id", "body", "created_at")


class TicketCardSerializer(serializers.ModelSerializer):
    owner_name = serializers.CharField(source="owner.name")
    comments = CommentSerializer(many=True)

    class Meta:
        model = Ticket
        fields = ("id", "subject", "status", "priority", "owner_name", "comments")
