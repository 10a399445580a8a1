import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { directUrlOf } from '@carillon/core/program/database-settings';
import { readTime } from '@carillon/core/text/rfc3339';
import { withMaintenanceConnection } from '@carillon/db/backup/connect';
import { createWaker } from '@carillon/db/outbox/wake';
import type { Fate } from '@carillon/db/restore/review';
import { type ReachContext, WHOLE_INSTALLATION } from '@carillon/services/context';
import { restoreBackup } from '@carillon/services/restore/load';
import { markDatabaseRestored } from '@carillon/services/restore/mark';
import { releaseRestore } from '@carillon/services/restore/release';
import { type Review, reviewRestore } from '@carillon/services/restore/review';
import { settleRestored } from '@carillon/services/restore/settle';
import { type Terminal, UsageError, type Verb } from '../command.ts';
import { readDatabase, readProviderConfig } from '../config.ts';
import { table } from '../table.ts';

const NEXT =
  'Start the programs, let clients repeat what they sent since then, and run "carillon-admin restore review".';

const load: Verb = {
  summary: 'restores a backup into an empty database',
  usage: `carillon-admin restore load DIR

  DIR    what "carillon-admin backup" printed

Needs an empty database in DATABASE_URL, and ENCRYPTION_KEYS as the programs had them. One transaction: interrupted, it
leaves the database empty, and it can be run again. Notifications that were open in the backup become doubts, because
they may have been sent since; bulk messages wait for "carillon-admin restore release". docs/backup.md explains it.`,
  options: {},
  words: 1,
  run: async ({ given, terminal }) => {
    const [dir] = given.words as [string];
    const { ring } = readProviderConfig(terminal.env);
    const loaded = await asOperator(terminal, (ctx) => restoreBackup(ctx, { dir, ring }));
    const { installation, takenAt } = loaded.manifest;
    const { rows, suspects, untouched } = loaded;
    return {
      json: { installation, restored_to: takenAt, rows, suspects, untouched },
      lines: [
        `Restored the installation ${installation} as of ${takenAt}: ${rows} rows.`,
        `${suspects} notification(s) may have been sent since and are in doubt, ${untouched} cannot have been.`,
        NEXT,
      ],
    };
  },
};

const mark: Verb = {
  summary: 'marks a database that another tool has restored',
  usage: `carillon-admin restore mark --recovered-to TIME

  --recovered-to TIME    the moment that the data is of, as 2027-06-30T12:00:00Z; of a dump, when it began

For point-in-time recovery, snapshots of managed servers and pg_restore: run it after the restore and "node db/migrate.ts",
and before any program starts. It does what "restore load" does for backups of carillon-admin.`,
  options: { 'recovered-to': { type: 'string' } },
  words: 0,
  run: async ({ given, terminal }) => {
    const text = given.needed('recovered-to', 'the moment that the data is of, as 2027-06-30T12:00:00Z');
    const read = readTime(text);
    if (!('time' in read)) throw new UsageError(`--recovered-to is "${text}"; give 2027-06-30T12:00:00Z`);
    const { id, restoredTo, suspects, untouched } = await asOperator(terminal, (ctx) =>
      markDatabaseRestored(ctx, new Date(read.time)),
    );
    return {
      json: { installation: id, restored_to: restoredTo.toISOString(), suspects, untouched },
      lines: [
        `Marked the installation ${id} as restored to ${restoredTo.toISOString()}, its newest record or the given moment.`,
        `${suspects} notification(s) may have been sent since and are in doubt, ${untouched} cannot have been.`,
        NEXT,
      ],
    };
  },
};

const FATE_TEXTS: Readonly<Record<Fate, string>> = {
  settled_by_key: 'the same call under the same key: the provider has it once',
  settled_by_look_up: 'not sent again: the provider was asked and has it',
  settled_by_receipt: 'not sent again: a receipt says that the provider has it',
  sent_now: 'sent: the provider certainly did not have it',
  settled_by_person: 'settled by a person',
  ended: 'ended without being sent: expired, cancelled, opted out',
  being_settled: 'in doubt: evidence is looked for',
  waits_for_person: 'in doubt: nothing proves anything, a person decides',
};

const review: Verb = {
  summary: 'reports what a restore has put in doubt',
  usage: `carillon-admin restore review

Counts what may have been sent between the backup and the restore, by what has become of it. After that you may run
"carillon-admin restore release". Doubts are settled on the Doubts page, by the API, or all at once by "restore settle".`,
  options: {},
  words: 0,
  run: async ({ terminal }) => {
    const report = await asOperator(terminal, reviewRestore);
    return { json: viewOf(report), lines: linesOf(report) };
  },
};

function viewOf({ installation, counts, heldBack }: Review) {
  const { id, restoredTo, restoredAt, releasedAt, suspects, untouched } = installation;
  return {
    installation: id,
    restored_to: restoredTo.toISOString(),
    restored_at: restoredAt.toISOString(),
    released_at: releasedAt?.toISOString() ?? null,
    suspects,
    untouched,
    ...counts,
    held_back: heldBack,
  };
}

function linesOf({ installation, counts, heldBack }: Review): string[] {
  const { id, restoredTo, restoredAt, releasedAt, releasedBy, suspects, untouched } = installation;
  const rows = Object.entries(FATE_TEXTS).map(([fate, text]) => [
    String(counts.known[fate as Fate]),
    String(counts.repeated[fate as Fate]),
    text,
  ]);
  return [
    `Installation ${id}, restored to ${restoredTo.toISOString()} at ${restoredAt.toISOString()}.`,
    `In the backup ${suspects} open notification(s) may have been sent since, ${untouched} cannot have been.`,
    '',
    ...table([['in the backup', 'requested since', ''], ...rows]),
    '',
    releasedAt === null
      ? `Under review: ${heldBack} bulk notification(s) wait. When all clients have repeated their requests and the counts are as you expect: "carillon-admin restore release".`
      : `Released at ${releasedAt.toISOString()} by ${releasedBy}.`,
  ];
}

const settle: Verb = {
  summary: 'settles the doubts of a restore, all at once',
  usage: `carillon-admin restore settle --as sent|again [--priority P] [--channel C]

  --as sent       they went out: they become sent, and are not sent again
  --as again      they are sent again, and may arrive twice
  --priority P    only these: ${PRIORITIES.join(', ')}
  --channel C     only these: ${CHANNELS.join(', ')}

Only doubts that wait for a person. Each is in its timeline and in the audit log.`,
  options: { as: { type: 'string' }, priority: { type: 'string' }, channel: { type: 'string' } },
  words: 0,
  run: async ({ given, terminal }) => {
    const as = oneOf('as', given.needed('as', 'sent or again'), ['sent', 'again'] as const);
    const [priority, channel] = [given.text('priority'), given.text('channel')];
    const which = {
      as,
      priority: priority === undefined ? null : oneOf('priority', priority, PRIORITIES),
      channel: channel === undefined ? null : oneOf('channel', channel, CHANNELS),
    };
    const done = await asOperator(terminal, (ctx) => {
      const { wake } = createWaker(ctx.db);
      return settleRestored({ ...ctx, wake }, which);
    });
    return {
      json: done,
      lines: [
        `${done.settled} settled as ${as === 'sent' ? 'sent' : 'to be sent again'}, ${done.left} left: moved by somebody else or expired.`,
      ],
    };
  },
};

const release: Verb = {
  summary: 'ends the review of a restore: bulk messages go',
  usage: `carillon-admin restore release

After "carillon-admin restore review". From then on bulk messages go and new requests are sent without a check. Doubts stay.`,
  options: {},
  words: 0,
  run: async ({ terminal }) => {
    const { id, restoredTo, releasedAt } = await asOperator(terminal, releaseRestore);
    return {
      json: {
        installation: id,
        restored_to: restoredTo.toISOString(),
        released_at: releasedAt!.toISOString(),
      },
      lines: [`Released: workers let bulk messages go within seconds.`],
    };
  },
};

/** Whole tables are read and written: no statement timeout. */
function asOperator<T>({ env, actor }: Terminal, use: (ctx: ReachContext) => Promise<T>): Promise<T> {
  return withMaintenanceConnection(directUrlOf(readDatabase(env), 'A restore needs'), (db) =>
    use({ db, actor, reach: WHOLE_INSTALLATION }),
  );
}

function oneOf<const Value extends string>(name: string, text: string, values: readonly Value[]): Value {
  const known = values.find((value) => value === text);
  if (known !== undefined) return known;
  throw new UsageError(`--${name} is "${text}"; it must be one of ${values.join(', ')}`);
}

export const restore = { load, mark, review, settle, release };
