import { viewKey } from '@carillon/services/api-keys/list';
import { viewApp } from '@carillon/services/apps/list';
import { initialise } from '@carillon/services/installation/init';
import { viewLink, viewStaff } from '@carillon/services/staff/list';
import type { Report, Verb } from '../command.ts';
import { linkLines } from './staff.ts';

const USAGE = `carillon-admin init --app NAME --owner EMAIL

  --app NAME      of the first app: a tenant with keys, recipients and templates of its own
  --owner EMAIL   the first owner of the dashboard

Prints a link for the owner's password and two API keys, this once. It does nothing where an app, a staff account or a key is there.`;

/** The first app, its keys and the first owner. */
export const init: Verb = {
  summary: 'makes the first app, the first owner of the dashboard, a live and a test key',
  usage: USAGE,
  options: { app: { type: 'string' }, owner: { type: 'string' } },
  words: 0,
  run: async ({ given, services }): Promise<Report> => {
    const appName = given.needed('app', 'the name of the first app');
    const ownerEmail = given.needed('owner', 'the e-mail address of the first owner');
    const { app, owner, live, test } = await initialise(services(), { appName, ownerEmail });
    return {
      json: {
        app: viewApp(app),
        owner: { ...viewStaff(owner.member), link: viewLink(owner.link) },
        live_key: { ...viewKey(live.key), key: live.text },
        test_key: { ...viewKey(test.key), key: test.text },
      },
      lines: [
        'Initialised.',
        '',
        `app       ${app.name} (${app.id})`,
        `owner     ${owner.member.email} `,
        ...linkLines(owner.link).map((line) => `          ${line}`),
        `live key  ${live.text}`,
        `          scopes ${live.key.scopes.join(', ')}: makes apps, keys and staff; give programs keys with less ("key create")`,
        `test key  ${test.text}`,
        `          scopes ${test.key.scopes.join(', ')}: reaches only the simulator`,
        '',
        'None of these is shown again. Next: "carillon-admin provider add", then "carillon-admin doctor".',
      ],
    };
  },
};
