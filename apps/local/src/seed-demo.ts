import { hashSecret, parseApiKey } from '@carillon/core/access/api-key';
import { hashPassword, verifyPassword } from '@carillon/core/access/password';
import type { Channel } from '@carillon/core/notification/channel';
import { ENVIRONMENTS, type Environment } from '@carillon/core/notification/environment';
import type { Content } from '@carillon/core/notification/message';
import { checkContent } from '@carillon/core/template/syntax/check';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import {
  apiKeys,
  apps,
  contactPoints,
  recipients,
  staff,
  staffCredentials,
  staffRoles,
  templates,
  templateVersions,
} from '@carillon/db/schema/index';
import { and, arrayContains, eq, not, sql } from 'drizzle-orm';
import { DEMO_RECIPIENTS } from './demo-recipients.ts';
import { DEMO_LOCALE, DEMO_TEMPLATES } from './demo-templates.ts';
import type { Secrets } from './secrets.ts';

type Orm = Database['orm'];

/**
 * Puts the demo app into the database: keys, templates and recipients in both environments, and a dashboard login.
 * Idempotent: existing rows stay, so that a user's changes survive the next start.
 *
 * @param inboxOrigin of the page that shows inboxes.
 */
export async function seedDemo(databaseUrl: string, secrets: Secrets, inboxOrigin?: string): Promise<void> {
  const database = openDatabase({ url: databaseUrl, name: 'carillon seed', connections: 1 });
  try {
    const orm = database.orm;
    await orm.insert(apps).values({ id: secrets.appId, name: 'Demo' }).onConflictDoNothing();
    if (inboxOrigin) await allowOrigin(orm, secrets.appId, inboxOrigin);
    await seedKey(orm, secrets.appId, 'test', secrets.testKey);
    await seedKey(orm, secrets.appId, 'live', secrets.liveKey);
    for (const environment of ENVIRONMENTS) {
      await seedRecipients(orm, secrets.appId, environment);
      for (const [key, content] of Object.entries(DEMO_TEMPLATES)) {
        await seedTemplate(orm, { appId: secrets.appId, environment, key }, content);
      }
    }
    await seedStaff(orm, secrets.staffEmail, secrets.staffPassword);
  } finally {
    await database.close();
  }
}

/** The ports of this start may be others than those of the last one. */
async function allowOrigin(orm: Orm, appId: string, origin: string): Promise<void> {
  await orm
    .update(apps)
    .set({ allowedOrigins: sql`array_append(${apps.allowedOrigins}, ${origin})` })
    .where(and(eq(apps.id, appId), not(arrayContains(apps.allowedOrigins, [origin]))));
}

async function seedKey(orm: Orm, appId: string, environment: Environment, text: string): Promise<void> {
  const parts = parseApiKey(text);
  if (!parts)
    throw new Error(`the ${environment} key in secrets.json is not a key; delete the file and start again`);
  await orm
    .insert(apiKeys)
    .values({
      id: parts.keyId,
      appId,
      environment,
      name: `Demo (${environment})`,
      secretHash: hashSecret(parts.secret),
      scopes: ['admin'],
    })
    .onConflictDoNothing();
}

async function seedRecipients(orm: Orm, appId: string, environment: Environment): Promise<void> {
  const scope = { appId, environment };
  const people = DEMO_RECIPIENTS.map(({ id, name, locale, timeZone }) => ({
    ...scope,
    id,
    locale,
    timeZone,
    attributes: { name },
  }));
  await orm.insert(recipients).values(people).onConflictDoNothing();
  const addresses = DEMO_RECIPIENTS.flatMap(({ id, contactPoints: points }) =>
    points.map((point) => ({ ...scope, recipientId: id, ...point })),
  );
  await orm.insert(contactPoints).values(addresses).onConflictDoNothing();
}

async function seedTemplate(
  orm: Orm,
  name: { appId: string; environment: Environment; key: string },
  contents: Partial<Record<Channel, Content>>,
): Promise<void> {
  await orm.transaction(async (tx) => {
    const [made] = await tx
      .insert(templates)
      .values({ ...name, publishedVersion: 1 })
      .onConflictDoNothing()
      .returning({ id: templates.id });
    if (!made) return;
    const versions = (Object.entries(contents) as [Channel, Content][]).map(([channel, content]) => {
      const check = checkContent(channel, content);
      if (!check.ok) throw new Error(`demo template ${name.key}: ${JSON.stringify(check.problems)}`);
      return {
        templateId: made.id,
        version: 1,
        channel,
        locale: DEMO_LOCALE,
        content,
        requiredVariables: check.required,
        createdBy: 'system:demo',
      };
    });
    await tx.insert(templateVersions).values(versions);
  });
}

/** The password in secrets.json applies: in a database that was seeded from another data directory it is reset. */
async function seedStaff(orm: Orm, email: string, password: string): Promise<void> {
  const [member] = await orm
    .insert(staff)
    .values({ email, name: 'Demo' })
    .onConflictDoUpdate({ target: staff.email, set: { disabledAt: null } })
    .returning({ id: staff.id });
  const id = member!.id;
  await orm.insert(staffRoles).values({ staffId: id, role: 'owner' }).onConflictDoNothing();
  const credential = { userId: id, providerId: 'credential', accountId: id };
  const [known] = await orm.select().from(staffCredentials).where(eq(staffCredentials.accountId, id));
  if (known?.password && (await verifyPassword(password, known.password))) return;
  const hashed = await hashPassword(password);
  await orm
    .insert(staffCredentials)
    .values({ ...credential, password: hashed })
    .onConflictDoUpdate({
      target: [staffCredentials.providerId, staffCredentials.accountId],
      set: { password: hashed },
    });
}
