import { ROLE_PURPOSES, STAFF_ROLES, type StaffRole } from '@carillon/core/access/access';
import { addStaff } from '@carillon/services/staff/add';
import { changeStaff } from '@carillon/services/staff/change';
import { listStaff, viewStaff } from '@carillon/services/staff/list';
import type { StaffWithPassword } from '@carillon/services/staff/one-time';
import { resetStaff } from '@carillon/services/staff/reset';
import { all } from '../all-pages.ts';
import { type Call, type Report, UsageError, type Verb } from '../command.ts';
import { moment, table } from '../table.ts';

const ROLES_USAGE = STAFF_ROLES.map((role) => `  ${role.padEnd(10)}${ROLE_PURPOSES[role]}`).join('\n');

const add: Verb = {
  summary: 'adds a dashboard account and prints its one-time password, this once',
  usage: `carillon-admin staff add EMAIL --role ROLE\n\n${ROLES_USAGE}`,
  options: { role: { type: 'string' } },
  words: 1,
  run: async ({ given, services }) => {
    const role = roleOf(given.needed('role', `one of ${STAFF_ROLES.join(', ')}`));
    const added = await addStaff(services(), { email: given.words[0]!, role });
    return withPassword(`Added ${added.member.email} as ${role}.`, added);
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
          member.role,
          member.disabledAt === null ? 'enabled' : 'disabled',
          member.oneTimeUntil === null ? '' : `one-time password until ${moment(member.oneTimeUntil)}`,
        ]),
      ),
    };
  },
};

const role: Verb = {
  summary: 'gives an account another role',
  usage: `carillon-admin staff role WHO ROLE\n\nWHO is an e-mail address or an id.\n${ROLES_USAGE}`,
  options: {},
  words: 2,
  run: async (call) => {
    const wanted = roleOf(call.given.words[1]!);
    return changed(call, { role: wanted }, `has the role ${wanted}, from the next request on`);
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
  summary: 'replaces the password of an account by a one-time one and prints it, this once',
  usage: 'carillon-admin staff reset WHO\n\nWHO is an e-mail address or an id. Every session of it ends.',
  options: {},
  words: 1,
  run: async ({ given, services }) => {
    const done = await resetStaff(services(), { who: given.words[0]! });
    return withPassword(`Reset the password of ${done.member.email}; every session has ended.`, done);
  },
};

async function changed(
  { given, services }: Call,
  change: { role?: StaffRole; enabled?: boolean },
  what: string,
): Promise<Report> {
  const member = await changeStaff(services(), { who: given.words[0]!, ...change });
  return { json: viewStaff(member), lines: [`${member.email} ${what}.`] };
}

function withPassword(done: string, { member, oneTimePassword }: StaffWithPassword): Report {
  return {
    json: { ...viewStaff(member), one_time_password: oneTimePassword },
    lines: [
      `${done} The one-time password opens the page for another one until ${moment(member.oneTimeUntil)}. It is not shown again:`,
      oneTimePassword,
    ],
  };
}

function roleOf(text: string): StaffRole {
  const known = STAFF_ROLES.find((each) => each === text);
  if (known) return known;
  throw new UsageError(`the role is "${text}"; it must be one of ${STAFF_ROLES.join(', ')}`);
}

export const staff = { add, list, role, disable, enable, reset };
