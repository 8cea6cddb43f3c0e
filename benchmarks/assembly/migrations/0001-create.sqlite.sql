-- migration: 0001-create
-- assembly: benchmark-helpdesk
-- database: sqlite
-- phase: expand
-- compatible with the previous plan: yes

CREATE TABLE "accounts_attempt" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "failures" INTEGER NOT NULL,
  "blocked_until" TEXT,
  "expires" TEXT NOT NULL,
  PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_attempt__key" ON "accounts_attempt" ("key");

CREATE TABLE "accounts_reset_token" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "user" TEXT NOT NULL REFERENCES "accounts_user" ("id") ON DELETE CASCADE,
  "digest" TEXT NOT NULL,
  "expires" TEXT NOT NULL,
  PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_reset_token__digest" ON "accounts_reset_token" ("digest");

CREATE INDEX "ix_accounts_reset_token__user" ON "accounts_reset_token" ("user");

CREATE TABLE "accounts_session" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "user" TEXT NOT NULL REFERENCES "accounts_user" ("id") ON DELETE CASCADE,
  "digest" TEXT NOT NULL,
  "used" TEXT NOT NULL,
  "expires" TEXT NOT NULL,
  PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_session__digest" ON "accounts_session" ("digest");

CREATE INDEX "ix_accounts_session__user" ON "accounts_session" ("user");

CREATE TABLE "accounts_used_code" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_used_code__digest" ON "accounts_used_code" ("digest");

CREATE TABLE "accounts_user" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "password" TEXT,
  "roles" TEXT NOT NULL,
  "active" INTEGER NOT NULL,
  "deactivated_at" TEXT,
  PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_user__email" ON "accounts_user" ("email");

CREATE TABLE "comment" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "ticket" TEXT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
  "author" TEXT NOT NULL REFERENCES "accounts_user" ("id"),
  "body" TEXT NOT NULL,
  PRIMARY KEY ("id")
);

CREATE INDEX "ix_comment__author" ON "comment" ("author");

CREATE INDEX "ix_comment__ticket" ON "comment" ("ticket");

CREATE TABLE "ticket" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "owner" TEXT NOT NULL REFERENCES "accounts_user" ("id"),
  "subject" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "priority" INTEGER NOT NULL,
  "private" INTEGER NOT NULL,
  PRIMARY KEY ("id")
);

CREATE INDEX "ix_ticket__owner" ON "ticket" ("owner");

CREATE INDEX "ix_ticket__status__created_at" ON "ticket" ("status", "created_at");
