-- migration: 0001-create
-- assembly: leave-requests
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
  "manager" TEXT REFERENCES "accounts_user" ("id"),
  PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_user__email" ON "accounts_user" ("email");

CREATE INDEX "ix_accounts_user__manager" ON "accounts_user" ("manager");

CREATE TABLE "leave_request" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "owner" TEXT NOT NULL REFERENCES "accounts_user" ("id"),
  "starts" TEXT NOT NULL,
  "ends" TEXT NOT NULL,
  "reason" TEXT,
  "status" TEXT NOT NULL,
  PRIMARY KEY ("id")
);

CREATE INDEX "ix_leave_request__owner" ON "leave_request" ("owner");
