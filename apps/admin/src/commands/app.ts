import { addApp } from '@carillon/services/apps/add';
import { changeApp } from '@carillon/services/apps/change';
import { findAppBy } from '@carillon/services/apps/find';
import { listApps, viewApp } from '@carillon/services/apps/list';
import { all } from '../all-pages.ts';
import type { Verb } from '../command.ts';
import { moment, table } from '../table.ts';

const add: Verb = {
  summary: 'adds an app',
  usage: `carillon-admin app add NAME [--time-zone ZONE]

  --time-zone ZONE   IANA name, for times in templates of recipients that have none (UTC)`,
  options: { 'time-zone': { type: 'string' } },
  words: 1,
  run: async ({ given, services }) => {
    const app = await addApp(services(), {
      name: given.words[0]!,
      timeZone: given.text('time-zone') ?? null,
    });
    return { json: viewApp(app), lines: [`Added the app ${app.name} (${app.id}).`] };
  },
};

const list: Verb = {
  summary: 'lists the apps',
  usage: 'carillon-admin app list',
  options: {},
  words: 0,
  run: async ({ services }) => {
    const rows = await all((page) => listApps(services(), page));
    return {
      json: { data: rows.map(viewApp) },
      lines: table(rows.map((app) => [app.id, app.name, app.timeZone ?? 'UTC', moment(app.createdAt)])),
    };
  },
};

const rename: Verb = {
  summary: 'gives an app another name',
  usage: 'carillon-admin app rename APP NAME\n\nAPP is an id or the name it has.',
  options: {},
  words: 2,
  run: async ({ given, services }) => {
    const before = await findAppBy(services(), given.words[0]!);
    const app = await changeApp(services(), { id: before.id, name: given.words[1]! });
    return { json: viewApp(app), lines: [`Renamed the app ${before.name} (${app.id}) to ${app.name}.`] };
  },
};

const origins: Verb = {
  summary: 'says from which web pages the inbox of an app may be used',
  usage: `carillon-admin app origins APP [--allow ORIGIN]...

  --allow ORIGIN   scheme, host and port, such as https://shop.example; can be repeated. Replaces the list as a whole:
                   without it, no web page may.

APP is an id or the name it has.`,
  options: { allow: { type: 'string', multiple: true } },
  words: 1,
  run: async ({ given, services }) => {
    const before = await findAppBy(services(), given.words[0]!);
    const app = await changeApp(services(), { id: before.id, allowedOrigins: given.list('allow') });
    const shown =
      app.allowedOrigins.length === 0 ? 'from no web page' : `from ${app.allowedOrigins.join(', ')}`;
    return { json: viewApp(app), lines: [`The inbox of ${app.name} (${app.id}) may be used ${shown}.`] };
  },
};

export const app = { add, list, rename, origins };
