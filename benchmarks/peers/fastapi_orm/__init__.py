"""The helpdesk in FastAPI, Pydantic and SQLAlchemy 2's asynchronous ORM."""
