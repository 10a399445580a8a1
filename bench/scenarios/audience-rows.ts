import type { Sql } from 'postgres';

export const AUDIENCE_APP = '00000000-0000-4000-8000-000000000019';

/**
 * Recipients as a shop has them: a fifth on the plan pro, nine tenths with an e-mail address, six tenths with a phone
 * number, three tenths with a device; some addresses are disabled or suppressed, some channels and categories opted out
 * of. Written without foreign keys and without a log, which are added afterwards.
 */
export async function fillRecipients(sql: Sql, count: number): Promise<void> {
  await sql`insert into apps (id, name) values (${AUDIENCE_APP}, 'Audiences')`;
  await sql.unsafe('alter table contact_points drop constraint contact_points_recipient');
  await sql.unsafe('alter table user_preferences drop constraint user_preferences_recipient');
  await sql`
    insert into recipients (app_id, environment, id, locale, time_zone, attributes, created_at)
    select ${AUDIENCE_APP}, 'live', 'user_' || i, (array['en', 'de', 'pt-BR', 'fr'])[1 + i % 4],
      (array['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Tokyo'])[1 + i % 3],
      jsonb_build_object(
        'plan', case when i % 5 = 0 then 'pro' else 'free' end, 'age', 18 + i % 60, 'first_name', 'Person ' || i,
        'city', (array['Berlin', 'Recife', 'Osaka', 'Lyon', 'Leeds'])[1 + i % 5], 'orders', i % 17,
        'signup', to_char(timestamptz '2026-11-01' - i % 1000 * interval '1 day', 'YYYY-MM-DD'),
        'tags', jsonb_build_array('t' || i % 10, 't' || i % 7)
      ), timestamptz '2026-11-01' - i % 1000 * interval '1 day'
    from generate_series(1, ${count}::int) i`;
  await sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address, disabled_at)
    select ${AUDIENCE_APP}, 'live', 'user_' || i, kind, case kind
        when 'email' then 'Person' || i || '@example.com' when 'phone' then '+1415' || lpad(i::text, 7, '0')
        else 'token-' || i || repeat('x', 120) end,
      case when i % 20 = 7 then now() end
    from generate_series(1, ${count}::int) i
    cross join lateral (values ('email', i % 10 > 0), ('phone', i % 10 < 6), ('fcm', i % 10 < 3)) as point (kind, has)
    where has`;
  await sql`
    insert into user_preferences (app_id, environment, recipient_id, channels, categories)
    select ${AUDIENCE_APP}, 'live', 'user_' || i, case when i % 2 = 0 then '{"email": false}'::jsonb else '{}' end,
      '{"news": false}'
    from generate_series(1, ${count}::int) i where i % 21 = 0`;
  await sql`
    insert into suppressions (app_id, environment, channel, address_hash, reason)
    select ${AUDIENCE_APP}, 'live', 'email', sha256(convert_to(
      '36:' || ${AUDIENCE_APP}::text || ';5:email;' || length(address) || ':' || address || ';', 'UTF8'
    )), 'bounce'
    from generate_series(1, ${count}::int) i cross join lateral (select 'person' || i || '@example.com' as address) a
    where i % 100 = 3`;
  const of =
    'foreign key (app_id, environment, recipient_id) references recipients (app_id, environment, id)';
  for (const table of ['contact_points', 'user_preferences'])
    await sql.unsafe(
      `alter table ${table} add constraint ${table}_recipient ${of} on delete cascade not valid`,
    );
  for (const table of ['recipients', 'contact_points', 'user_preferences', 'suppressions'])
    await sql.unsafe(`vacuum analyze ${table}`);
}
