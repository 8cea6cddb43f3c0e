-- migration: 0001-create
-- assembly: benchmark-helpdesk
-- database: postgresql
-- phase: expand
-- compatible with the previous plan: yes

CREATE TABLE "accounts_attempt" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "key" text COLLATE "C" NOT NULL,
  "failures" bigint NOT NULL,
  "blocked_until" timestamptz,
  "expires" timestamptz NOT NULL,
  CONSTRAINT "pk__accounts_attempt" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_attempt__key" ON "accounts_attempt" ("key");

CREATE TABLE "accounts_reset_token" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "user" text COLLATE "C" NOT NULL,
  "digest" text COLLATE "C" NOT NULL,
  "expires" timestamptz NOT NULL,
  CONSTRAINT "pk__accounts_reset_token" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_reset_token__digest" ON "accounts_reset_token" ("digest");

CREATE INDEX "ix_accounts_reset_token__user" ON "accounts_reset_token" ("user");

CREATE TABLE "accounts_session" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "user" text COLLATE "C" NOT NULL,
  "digest" text COLLATE "C" NOT NULL,
  "used" timestamptz NOT NULL,
  "expires" timestamptz NOT NULL,
  CONSTRAINT "pk__accounts_session" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_session__digest" ON "accounts_session" ("digest");

CREATE INDEX "ix_accounts_session__user" ON "accounts_session" ("user");

CREATE TABLE "accounts_used_code" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "digest" text COLLATE "C" NOT NULL,
  CONSTRAINT "pk__accounts_used_code" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_used_code__digest" ON "accounts_used_code" ("digest");

CREATE TABLE "accounts_user" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "email" text COLLATE "C" NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "password" text COLLATE "C",
  "roles" text NOT NULL,
  "active" boolean NOT NULL,
  "deactivated_at" timestamptz,
  CONSTRAINT "pk__accounts_user" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_user__email" ON "accounts_user" ("email");

CREATE TABLE "comment" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "ticket" text COLLATE "C" NOT NULL,
  "author" text COLLATE "C" NOT NULL,
  "body" text COLLATE "C" NOT NULL,
  CONSTRAINT "pk__comment" PRIMARY KEY ("id")
);

CREATE INDEX "ix_comment__author" ON "comment" ("author");

CREATE INDEX "ix_comment__ticket" ON "comment" ("ticket");

CREATE TABLE "ticket" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "owner" text COLLATE "C" NOT NULL,
  "subject" text COLLATE "C" NOT NULL,
  "body" text COLLATE "C" NOT NULL,
  "status" text COLLATE "C" NOT NULL,
  "priority" bigint NOT NULL,
  "private" boolean NOT NULL,
  CONSTRAINT "pk__ticket" PRIMARY KEY ("id")
);

CREATE INDEX "ix_ticket__owner" ON "ticket" ("owner");

CREATE INDEX "ix_ticket__status__created_at" ON "ticket" ("status", "created_at");

ALTER TABLE "accounts_reset_token" ADD CONSTRAINT "fk_accounts_reset_token__user" FOREIGN KEY ("user") REFERENCES "accounts_user" ("id") ON DELETE CASCADE;

ALTER TABLE "accounts_session" ADD CONSTRAINT "fk_accounts_session__user" FOREIGN KEY ("user") REFERENCES "accounts_user" ("id") ON DELETE CASCADE;

ALTER TABLE "comment" ADD CONSTRAINT "fk_comment__ticket" FOREIGN KEY ("ticket") REFERENCES "ticket" ("id") ON DELETE CASCADE;

ALTER TABLE "comment" ADD CONSTRAINT "fk_comment__author" FOREIGN KEY ("author") REFERENCES "accounts_user" ("id");

ALTER TABLE "ticket" ADD CONSTRAINT "fk_ticket__owner" FOREIGN KEY ("owner") REFERENCES "accounts_user" ("id");
