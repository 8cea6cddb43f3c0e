"""The helpdesk in Django REST framework."""
