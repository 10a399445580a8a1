import { randomUUID } from 'node:crypto';
import type { State } from '@carillon/core/notification/states';
import { erasedId } from '@carillon/core/recipient/erased-id';
import { addressHash } from '@carillon/core/recipient/suppression';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { storeInboxMessages } from '@carillon/db/inbox/store-messages';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertNotification, stateOf } from '../../../../../test/support/rows.ts';
import { guardTransitions } from '../../../../../test/support/transition-guard.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let sql: ApiUnderTest['db']['sql'];

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  ({ sql } = api.db);
  await guardTransitions(sql);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const erase = (id: string, query = '') => api.request('DELETE', `/v1/recipients/${id}${query}`);

/** A person with the marker word in every field. */
async function person(word: string): Promise<string> {
  const id = `user-${word}`;
  const fields = { email: `${word}@example.com`, phone: '+14155552671', attributes: { pet: word } };
  await api.request('PUT', `/v1/recipients/${id}`, fields);
  await api.request('POST', `/v1/recipients/${id}/devices`, { fcm_token: `${word}-token` });
  await api.request('PUT', `/v1/recipients/${id}/preferences`, { categories: { [word]: false } });
  return id;
}

/** A notification in this state, with the marker word in every field from a sender or a provider. */
async function notification(recipient: string, word: string, state: State = 'pending'): Promise<string> {
  const waits = ['scheduled', 'retrying'].includes(state);
  const nextAttemptAt = waits ? new Date(Date.now() + 60_000) : null;
  const id = await insertNotification(sql, { appId: api.appId, nextAttemptAt, email: `${word}@example.com` });
  await sql`alter table notifications disable trigger transition_guard`;
  await sql`
    update notifications set state = ${state}, environment = 'live', recipient_id = ${recipient}, provider = 'smtp',
      error_code = 'bad', error = ${word}, options = ${sql.json({ metadata: { word } })},
      data = ${sql.json({ name: word })}, content = ${sql.json({ text: word })},
      lease_token = ${state === 'sending' ? randomUUID() : null},
      lease_until = case when ${state === 'sending'} then now() end
    where id = ${id}`;
  await sql`alter table notifications enable trigger transition_guard`;
  await sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, rendered, error, outcome, finished_at)
    values (${id}, 1, 'answered', 'email', 'smtp', ${sql.json({ text: word })}, ${word}, 'transient', now())`;
  await sql`
    insert into notification_history (notification_id, state, actor, reason, detail)
    values (${id}, 'retrying', 'deliver', ${`550 ${word}`}, ${sql.json({ word })})`;
  await sql`
    insert into provider_logs (provider_account, event_id, kind, notification_id, body)
    values ('smtp', ${randomUUID()}, 'bounced', ${id}, ${sql.json({ kind: 'bounced', code: '550', address: word, detail: word })})`;
  await sql`
    insert into events (app_id, environment, type, notification_id, data)
    values (${api.appId}, 'live', 'notification.failed', ${id}, ${sql.json({ status: 'failed', recipient_id: recipient })})`;
  await sql`
    insert into attachments (notification_id, position, filename, content_type, url)
    values (${id}, 0, ${word}, 'text/plain', ${`https://example.com/${word}`})`;
  await sql`
    insert into cap_uses (notification_id, app_id, environment, recipient_id, channel)
    values (${id}, ${api.appId}, 'live', ${recipient}, 'email')`;
  return id;
}

/** Every row of every table that contains the marker word. */
async function traces(word: string): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await sql`select t::text as row from ${sql(name)} t where t::text ilike ${`%${word}%`}`;
      return rows.map(({ row }) => `${name}: ${row}`);
    }),
  );
  return found.flat();
}

const entry = (notificationId: string, recipientId: string, word: string) => ({
  notificationId,
  appId: api.appId,
  environment: 'live' as const,
  recipientId,
  title: word,
  body: word,
  url: null,
});

describe('DELETE /v1/recipients/{recipient_id}', () => {
  test('leaves no trace of the person in any table, and nothing of the next person is touched', async () => {
    const zebra = await person('zebra');
    const okapi = await person('okapi');
    for (const [who, word] of [
      [zebra, 'zebra'],
      [okapi, 'okapi'],
    ] as const) {
      await storeInboxMessages(sql, [entry(await notification(who, word, 'sent'), who, word)]);
      for (const state of ['pending', 'failed', 'sending', 'in_doubt'] as const)
        await notification(who, word, state);
    }
    expect((await traces('zebra')).length).toBeGreaterThan(30);
    const before = await traces('okapi');
    expect((await erase(zebra)).status).toBe(204);
    expect(await traces('zebra')).toEqual([]);
    expect(await traces('okapi')).toEqual(before);
    expect((await api.request('GET', `/v1/recipients/${zebra}`)).status).toBe(404);
  });

  test('cancels unsent notifications; one that is sent or in doubt keeps its state and is never sent again', async () => {
    const id = await person('gnu');
    const states = [
      'scheduled',
      'pending',
      'queued',
      'retrying',
      'sent',
      'failed',
      'sending',
      'in_doubt',
    ] as const;
    const made: string[] = [];
    for (const state of states) made.push(await notification(id, 'gnu', state));
    await erase(id);
    const after = await Promise.all(made.map(async (each) => (await stateOf(sql, each)).state));
    expect(after).toEqual([...Array(4).fill('cancelled'), 'sent', 'failed', 'sending', 'in_doubt']);
    const doubt = made.at(-1)!;
    await sql`update notifications set state = 'pending' where id = ${doubt}`;
    const claim = { channel: 'email', provider: 'smtp', leaseToken: randomUUID(), leaseMs: 1000 } as const;
    expect(await claimNotifications(sql, [doubt], claim)).toEqual([]);
  });

  test('keeps counts per person under a hash, which is audited with the actor', async () => {
    const id = await person('yak');
    for (let n = 0; n < 3; n++) await notification(id, 'yak', 'sent');
    await erase(id);
    const hash = erasedId(api.appId, 'live', id);
    const list = await api.request('GET', `/v1/notifications?recipient_id=${hash}`);
    expect(list.body.data).toHaveLength(3);
    const audit =
      await sql`select action, actor, detail from audit_log where subject = ${`recipient:${hash}`}`;
    expect(audit).toEqual([
      {
        action: 'recipient.erase',
        actor: expect.stringMatching(/^key:/),
        detail: { environment: 'live', notifications: 3, cancelled: 0 },
      },
    ]);
  });

  test('makes a suppression of an address that was disabled, and of all with suppress=true', async () => {
    const reasonsOf = async (channel: 'email' | 'sms', address: string) => {
      const query = new URLSearchParams({ channel, address });
      const { body } = await api.request('GET', `/v1/suppressions?${query}`);
      return body.data.map((item: { reason: string }) => item.reason);
    };
    for (const [word, query, phoneReasons] of [
      ['eland', '', []],
      ['oryx', '?suppress=true', ['erased']],
    ] as const) {
      const id = await person(word);
      await sql`
        update contact_points set disabled_at = now(), disabled_reason = 'hard bounce'
        where recipient_id = ${id} and kind = 'email'`;
      await erase(id, query);
      expect(await reasonsOf('email', `${word}@example.com`)).toEqual(['erased']);
      expect(await reasonsOf('sms', '+14155552671')).toEqual(phoneReasons);
    }
  });

  test('leaves nothing that is found by their addresses, including messages to the address alone', async () => {
    const found = async (address: string) => {
      const answer = await api.request('GET', `/v1/notifications?${new URLSearchParams({ address })}`);
      return answer.body.data.map((each: { id: string }) => each.id);
    };
    const send = async (to: object, idempotency_key: string) => {
      const content = { subject: 'Numbat', text: 'For Numbat' };
      const body = { to, channel: 'email', content, idempotency_key };
      return (await api.request('POST', '/v1/notifications', body)).body.id;
    };
    await api.request('PUT', '/v1/recipients/numbat', { email: 'Numbat@example.com', phone: '+14155552679' });
    await api.request('PUT', '/v1/recipients/housemate', { phone: '+14155552679' });
    const named = await send({ recipient_id: 'numbat' }, 'o-1');
    const bare = await send({ email: 'numbat@EXAMPLE.com' }, 'o-2');
    const shared = await send({ email: 'house@example.com', phone: '+14155552679' }, 'o-3');
    expect((await found('NUMBAT@example.com')).toSorted()).toEqual([named, bare].toSorted());

    expect((await erase('numbat')).status).toBe(204);
    expect(await found('numbat@example.com')).toEqual([]);
    const kept = await api.request('GET', `/v1/notifications/${bare}`);
    expect(kept.body).toMatchObject({
      status: 'cancelled',
      to: { recipient_id: erasedId(api.appId, 'live', 'numbat') },
    });
    expect((await api.request('GET', `/v1/notifications/${bare}/content`)).body.unavailable.reason).toBe(
      'erased',
    );
    // Another person has that number: messages to it may be theirs.
    expect(await found('+14155552679')).toEqual([shared]);
  });

  test('removes refused lines of imports that are theirs, also of a person who was never stored', async () => {
    const line = (word: string) => `{"id":"user-${word}","email":"${word} at home"}\n`;
    const headers = { 'content-type': 'application/x-ndjson' };
    await person('tapir');
    await api.request('POST', '/v1/recipients/import', line('tapir') + line('quoll') + line('numbat2'), {
      headers,
    });
    expect(await traces('quoll')).toHaveLength(1);
    expect((await erase('user-tapir')).status).toBe(204);
    expect((await erase('user-quoll')).status).toBe(204);
    expect([await traces('tapir'), await traces('quoll')]).toEqual([[], []]);
    expect(await traces('numbat2')).toHaveLength(1);
  });

  test('keeps existing suppressions', async () => {
    const id = await person('kudu');
    await api.request('POST', '/v1/suppressions', {
      channel: 'email',
      address: 'kudu@example.com',
      reason: 'complaint',
    });
    await erase(id, '?suppress=true');
    const hash = addressHash(api.appId, 'email', 'kudu@example.com');
    expect(await sql`select reason from suppressions where address_hash = ${hash}`).toEqual([
      { reason: 'complaint' },
    ]);
  });

  test('answers 404 for unknown and foreign ids, and allows the id to be reused', async () => {
    const id = await person('ibex');
    const foreign = await api.key({ environment: 'test' });
    const scopeless = await api.key({ scopes: ['notifications:write', 'suppressions:*'] });
    for (const [key, status] of [
      [foreign, 404],
      [scopeless, 403],
    ] as const) {
      expect((await api.request('DELETE', `/v1/recipients/${id}`, undefined, { key })).status).toBe(status);
    }
    expect((await api.request('DELETE', `/v1/recipients/${id}?suppress=yes`)).status).toBe(422);
    expect((await api.request('GET', `/v1/recipients/${id}`)).status).toBe(200);
    expect((await erase(id)).status).toBe(204);
    expect((await erase(id)).status).toBe(404);
    expect((await api.request('PUT', `/v1/recipients/${id}`, {})).status).toBe(201);
  });
});

test('an inbox message to a concurrently erased person does not fail others of its group', async () => {
  const gone = await person('nyala');
  const here = await person('bongo');
  await erase(gone);
  const ids = [randomUUID(), randomUUID()] as const;
  await storeInboxMessages(sql, [entry(ids[0], gone, 'nyala'), entry(ids[1], here, 'bongo')]);
  expect(
    await sql`select notification_id as id from inbox_messages where notification_id = any (${ids}::uuid[])`,
  ).toEqual([{ id: ids[1] }]);
});
