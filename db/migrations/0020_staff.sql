-- Staff sign in by better-auth: passwords (Argon2id), second factors, identities of OpenID providers, links of invitations
-- and resets. Roles stand in rows, per app and environment. The release before reads the old columns and its own sessions.
create table staff_credentials (
  id uuid primary key default gen_random_uuid(),
  staff_id uuid not null references staff (id) on delete cascade,
  provider text not null,
  account text not null,
  password_hash text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
create unique index staff_credentials_account on staff_credentials (provider, account);
--> statement-breakpoint
create index staff_credentials_of on staff_credentials (staff_id);
--> statement-breakpoint
create table staff_logins (
  id uuid primary key default gen_random_uuid(),
  staff_id uuid not null references staff (id) on delete cascade,
  token text not null,
  expires_at timestamptz not null,
  last_seen_at timestamptz not null default now(),
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint staff_logins_token_unique unique (token)
);
--> statement-breakpoint
create index staff_logins_of on staff_logins (staff_id);
--> statement-breakpoint
create table staff_rate_limits (
  id uuid primary key default gen_random_uuid(),
  key text not null,
  count integer not null,
  last_request bigint not null,
  constraint staff_rate_limits_key_unique unique (key)
);
--> statement-breakpoint
create table staff_roles (
  id uuid primary key default gen_random_uuid(),
  staff_id uuid not null references staff (id) on delete cascade,
  role text not null,
  app_id uuid references apps (id),
  environment text,
  constraint staff_roles_once unique nulls not distinct (staff_id, role, app_id, environment),
  constraint staff_roles_role
    check (role in ('owner', 'admin', 'support', 'marketer', 'developer', 'viewer', 'auditor')),
  constraint staff_roles_environment check (environment is null or environment in ('live', 'test'))
);
--> statement-breakpoint
create table staff_tokens (
  id uuid primary key default gen_random_uuid(),
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
create index staff_tokens_by_identifier on staff_tokens (identifier);
--> statement-breakpoint
create table staff_two_factors (
  id uuid primary key default gen_random_uuid(),
  staff_id uuid not null references staff (id) on delete cascade,
  secret text not null,
  recovery_codes text not null,
  verified boolean not null default true,
  failed_count integer not null default 0,
  locked_until timestamptz,
  used_code text,
  used_at timestamptz
);
--> statement-breakpoint
create index staff_two_factors_of on staff_two_factors (staff_id);
--> statement-breakpoint
alter table staff
  alter column password_hash drop not null,
  alter column role set default 'viewer',
  add column name text not null default '',
  add column email_verified boolean not null default true,
  add column image text,
  add column two_factor_enabled boolean not null default false,
  add column updated_at timestamptz not null default now();
--> statement-breakpoint
-- accepted changes-rows: an installation has tens of people.
update staff set email = lower(email) where email <> lower(email);
--> statement-breakpoint
insert into staff_credentials (staff_id, provider, account, password_hash)
select id, 'credential', id::text, password_hash from staff where one_time_until is null and password_hash is not null;
--> statement-breakpoint
insert into staff_roles (staff_id, role)
select id, case role when 'admin' then 'owner' when 'operator' then 'support' else 'viewer' end from staff;
