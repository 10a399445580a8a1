import { type Grant, ROLE_NAMES, ROLES } from '@carillon/core/access/roles';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { addStaff, type StaffWithLink } from '@carillon/services/staff/add';
import { changeStaff } from '@carillon/services/staff/change';
import type { LinkOutcome } from '@carillon/services/staff/link';
import { listStaff, viewLink, viewStaff } from '@carillon/services/staff/list';
import { resetStaff } from '@carillon/services/staff/reset';
import { all } from '../all-pages.ts';
import { type Call, type Report, UsageError, type Verb } from '../command.ts';
import { moment, table } from '../table.ts';

const ROLES_USAGE = ROLE_NAMES.map((role) => `  ${role.padEnd(10)}${ROLES[role].purpose}`).join('\n');
const WHERE = `  --app ID            in this app only
  --environment ENV   live or test only`;
const WHERE_OPTIONS = { app: { type: 'string' }, environment: { type: 'string' } } as const;

const add: Verb = {
  summary: 'adds a dashboard account and prints the link on which its owner chooses a password, this once',
  usage: `carillon-admin staff add EMAIL --role ROLE [--name NAME]\n\n${WHERE}\n\n${ROLES_USAGE}`,
  options: { role: { type: 'string' }, name: { type: 'string' }, ...WHERE_OPTIONS },
  words: 1,
  run: async (call) => {
    const grant = grantOf(call, call.given.needed('role', `one of ${ROLE_NAMES.join(', ')}`));
    const input = { email: call.given.words[0]!, name: call.given.text('name'), grants: [grant] };
    const added = await addStaff(call.services(), input);
    return withLink(`Added ${added.member.email} as ${grant.role}.`, added);
  },
};

const list: Verb = {
  summary: 'lists dashboard accounts',
  usage: 'carillon-admin staff list',
  options: {},
  words: 0,
  run: async ({ services }) => {
    const rows = await all((page) => listStaff(services(), page));
    return {
      json: { data: rows.map(viewStaff) },
      lines: table(
        rows.map((member) => [
          member.id,
          member.email,
          member.grants.map(grantText).join(', '),
          member.disabledAt === null ? 'enabled' : 'disabled',
          member.hasLogin ? '' : 'has not chosen a password yet',
        ]),
      ),
    };
  },
};

const role: Verb = {
  summary: 'gives an account this role and no other',
  usage: `carillon-admin staff role WHO ROLE\n\nWHO is an e-mail address or an id.\n${WHERE}\n\n${ROLES_USAGE}`,
  options: WHERE_OPTIONS,
  words: 2,
  run: async (call) => {
    const grant = grantOf(call, call.given.words[1]!);
    return changed(call, { grants: [grant] }, `has the role ${grantText(grant)}, from the next request on`);
  },
};

const disable: Verb = {
  summary: 'ends every session of an account and blocks its login',
  usage: 'carillon-admin staff disable WHO\n\nWHO is an e-mail address or an id.',
  options: {},
  words: 1,
  run: (call) => changed(call, { enabled: false }, 'is disabled, and every session of it has ended'),
};

const enable: Verb = {
  summary: 'lets a disabled account log in again',
  usage: 'carillon-admin staff enable WHO\n\nWHO is an e-mail address or an id.',
  options: {},
  words: 1,
  run: (call) => changed(call, { enabled: true }, 'is enabled'),
};

const reset: Verb = {
  summary: 'takes the password of an account away and prints a link for another one, this once',
  usage:
    'carillon-admin staff reset WHO [--second-factor]\n\nWHO is an e-mail address or an id. Every session of it ends.\n\n  --second-factor   removes the second factor too, after a lost device',
  options: { 'second-factor': { type: 'boolean' } },
  words: 1,
  run: async ({ given, services }) => {
    const input = { who: given.words[0]!, secondFactor: given.flag('second-factor') };
    const done = await resetStaff(services(), input);
    return withLink(`Reset the password of ${done.member.email}; every session has ended.`, done);
  },
};

async function changed(
  { given, services }: Call,
  change: { grants?: readonly Grant[]; enabled?: boolean },
  what: string,
): Promise<Report> {
  const member = await changeStaff(services(), { who: given.words[0]!, ...change });
  return { json: viewStaff(member), lines: [`${member.email} ${what}.`] };
}

function withLink(done: string, { member, link }: StaffWithLink): Report {
  return {
    json: { ...viewStaff(member), link: viewLink(link) },
    lines: [done, ...linkLines(link)],
  };
}

/** The link of an invitation or a reset. carillon-admin has no e-mail channel, so it is always printed. */
export function linkLines({ url, expiresAt }: LinkOutcome): string[] {
  const whole = url?.startsWith('/') ? `<address of the dashboard>${url}` : url;
  return [
    `This link leads to the page for a password until ${moment(expiresAt)}. It is not shown again:`,
    `${whole}`,
  ];
}

function grantOf({ given }: Call, text: string): Grant {
  const role = ROLE_NAMES.find((each) => each === text);
  if (!role) throw new UsageError(`the role is "${text}"; it must be one of ${ROLE_NAMES.join(', ')}`);
  const environment = given.text('environment');
  const known = ENVIRONMENTS.find((each) => each === environment) ?? null;
  if (environment !== undefined && known === null)
    throw new UsageError(`--environment is "${environment}"; it must be one of ${ENVIRONMENTS.join(', ')}`);
  return { role, appId: given.text('app') ?? null, environment: known };
}

const grantText = ({ role, appId, environment }: Grant): string =>
  [
    role,
    ...(appId === null ? [] : [`in ${appId}`]),
    ...(environment === null ? [] : [`(${environment})`]),
  ].join(' ');

export const staff = { add, list, role, disable, enable, reset };
