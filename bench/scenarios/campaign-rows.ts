import { randomUUID } from 'node:crypto';
import { stopOrigin } from '@carillon/db/origins/stops';
import type { CarillonSystem } from '../system.ts';

/** A template with one variable. @returns its id */
export async function storeTemplate({ sql }: CarillonSystem): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into templates (app_id, environment, key, published_version)
    select id, 'live', 'bench-campaign', 1 from apps order by created_at limit 1 returning id`;
  const content = { subject: 'Hello {{ name }}', text: `Hello {{ name }}. ${'A word for you. '.repeat(10)}` };
  await sql`
    insert into template_versions (template_id, version, channel, locale, content, required_variables, created_by)
    values (${row!.id}, 1, 'email', 'en', ${JSON.stringify(content)}::text::jsonb, '{name}', 'bench')`;
  return row!.id;
}

/** Each with an e-mail address and the attributes `name` and `n`, from 0 on. */
export async function storePeople({ sql }: CarillonSystem, count: number): Promise<void> {
  await sql.unsafe(`
    with people as (
      insert into recipients (app_id, environment, id, locale, attributes)
      select a.id, 'live', 'bench' || lpad(n::text, 7, '0'), 'en', jsonb_build_object('name', 'N' || n, 'n', n)
      from generate_series(0, ${count - 1}) as n, (select id from apps order by created_at limit 1) a
      returning app_id, id
    )
    insert into contact_points (app_id, environment, recipient_id, kind, address)
    select app_id, 'live', id, 'email', id || '@example.com' from people`);
  await sql`analyze recipients, contact_points`;
}

/** Due now, to the first so many recipients. */
export async function storeCampaign(
  { sql }: CarillonSystem,
  template: string,
  count: number,
): Promise<string> {
  const id = randomUUID();
  const definition = {
    route: ['email'],
    priority: 'bulk',
    audience: { filter: { field: 'attributes.n', op: 'lt', value: count } },
    data: {},
    variables: { name: 'attributes.name' },
    events: 'problems',
    variants: [],
    holdout_percent: 0,
  };
  const content = [{ variant: 0, key: 'all', template: 'bench-campaign', template_id: template, version: 1 }];
  await sql`
    insert into campaigns (id, app_id, environment, name, state, definition, content, starts_at, created_by)
    select ${id}, id, 'live', 'bench', 'scheduled', ${JSON.stringify(definition)}::text::jsonb,
      ${JSON.stringify(content)}::text::jsonb, now(), 'bench'
    from apps order by created_at limit 1`;
  return id;
}

/** Whatever is left of it is cancelled. */
export async function endCampaign({ sql }: CarillonSystem, id: string): Promise<void> {
  await stopOrigin(sql, id, 'cancelled');
  await sql`update campaigns set state = 'cancelled', ended_at = now() where id = ${id}`;
}

/** Removes the template and the recipients: another scenario may store them again. */
export async function removeRows({ sql }: CarillonSystem): Promise<void> {
  await sql`update campaigns set state = 'cancelled', ended_at = now() where name = 'bench' and ended_at is null`;
  await sql`
    delete from template_versions where template_id in (select id from templates where key = 'bench-campaign')`;
  await sql`delete from templates where key = 'bench-campaign'`;
  await sql`delete from recipients where id ~ '^bench[0-9]{7}$'`;
}
