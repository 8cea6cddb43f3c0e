-- migration: 0001-create
-- assembly: leave-requests
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
  "manager" text COLLATE "C",
  CONSTRAINT "pk__accounts_user" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "uq_accounts_user__email" ON "accounts_user" ("email");

CREATE INDEX "ix_accounts_user__manager" ON "accounts_user" ("manager");

CREATE TABLE "leave_request" (
  "id" text COLLATE "C" NOT NULL,
  "version" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "owner" text COLLATE "C" NOT NULL,
  "starts" date NOT NULL,
  "ends" date NOT NULL,
  "reason" text COLLATE "C",
  "status" text COLLATE "C" NOT NULL,
  CONSTRAINT "pk__leave_request" PRIMARY KEY ("id")
);

CREATE INDEX "ix_leave_request__owner" ON "leave_request" ("owner");

ALTER TABLE "accounts_reset_token" ADD CONSTRAINT "fk_accounts_reset_token__user" FOREIGN KEY ("user") REFERENCES "accounts_user" ("id") ON DELETE CASCADE;

ALTER TABLE "accounts_session" ADD CONSTRAINT "fk_accounts_session__user" FOREIGN KEY ("user") REFERENCES "accounts_user" ("id") ON DELETE CASCADE;

ALTER TABLE "accounts_user" ADD CONSTRAINT "fk_accounts_user__manager" FOREIGN KEY ("manager") REFERENCES "accounts_user" ("id");

ALTER TABLE "leave_request" ADD CONSTRAINT "fk_leave_request__owner" FOREIGN KEY ("owner") REFERENCES "accounts_user" ("id");
