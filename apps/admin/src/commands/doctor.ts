import { ConfigError } from '@carillon/core/program/config';
import { explainFailure } from '@carillon/core/program/explain-failure';
import { type Call, type Report, UsageError, type Verb } from '../command.ts';
import { readDatabase, readProviderConfig } from '../config.ts';
import { checkCampaigns } from '../doctor/campaigns.ts';
import { error, exitCodeOf, type Finding } from '../doctor/finding.ts';
import { checkPooler } from '../doctor/pooler.ts';
import { checkPostgres, checkRestore, type Processes } from '../doctor/postgres.ts';
import { PROGRAM_NAMES, type Program, USUAL_PROCESSES } from '../doctor/programs.ts';
import { checkPeople, checkProviders, checkPublicUrl } from '../doctor/reach.ts';
import { checkRedis } from '../doctor/redis.ts';
import { checkReplica } from '../doctor/replica.ts';
import { checkSettings } from '../doctor/settings.ts';
import { table } from '../table.ts';

const USAGE = `carillon-admin doctor [options]

  --program NAMES     whose settings this environment has: ${PROGRAM_NAMES.join(',')} (all of them)
  --processes COUNTS  how many of each you run, for the connections to PostgreSQL (${Object.entries(
    USUAL_PROCESSES,
  )
    .map(([name, count]) => `${name}=${count}`)
    .join(',')})
  --skip-providers    asks no provider

Changes nothing. Exit code 0 if all is well, 1 with warnings, 2 with errors.`;

/** Checks everything an installation needs, and prints a remedy for each problem. */
export const doctor: Verb = {
  summary: 'checks settings, servers, migrations, connections and provider accounts',
  usage: USAGE,
  options: {
    program: { type: 'string', multiple: true },
    processes: { type: 'string' },
    'skip-providers': { type: 'boolean' },
  },
  words: 0,
  run: async (call): Promise<Report> => {
    const { given, terminal } = call;
    const { env } = terminal;
    const programs = given.list('program').map(programOf);
    const processes = processesOf(given.text('processes'));
    const findings = [
      ...checkSettings(env, programs.length > 0 ? programs : PROGRAM_NAMES),
      ...(await checkDatabase(call, processes)),
      ...(await checkRedis(env.REDIS_URL)),
      ...(await checkPublicUrl(env.PUBLIC_BASE_URL)),
    ];
    const count = (level: Finding['level']) => findings.filter((each) => each.level === level).length;
    const summary = `${count('error')} error(s), ${count('warning')} warning(s), ${count('ok')} in order.`;
    return {
      json: { errors: count('error'), warnings: count('warning'), findings },
      lines: [...linesOf(findings), '', summary],
      code: exitCodeOf(findings),
    };
  },
};

/** PostgreSQL and the checks that need it. Without it the other findings still count. */
async function checkDatabase({ given, terminal, services }: Call, processes: Processes): Promise<Finding[]> {
  const { env } = terminal;
  try {
    const { db } = services();
    const address = readDatabase(env);
    const findings = [...(await checkPooler(db, address)), ...(await checkPostgres(db, env, processes))];
    findings.push(...(await checkReplica(db, env, processes)));
    if (findings.some(({ check, level }) => check === 'migrations' && level === 'error')) return findings;
    findings.push(
      ...(await checkRestore(db)),
      ...(await checkPeople(db)),
      ...(await checkCampaigns(db, address.pooler !== null)),
    );
    if (!given.flag('skip-providers')) findings.push(...(await checkProviders(db, readProviderConfig(env))));
    return findings;
  } catch (thrown) {
    // Invalid settings are reported with the settings.
    if (thrown instanceof ConfigError)
      return [
        error(
          'postgres',
          'it cannot be asked with these settings, or accounts cannot be opened',
          'Set DATABASE_URL and ENCRYPTION_KEYS as the programs have them.',
        ),
      ];
    const known = explainFailure(thrown, { what: 'PostgreSQL', setting: 'DATABASE_URL' });
    return [
      error(
        'postgres',
        known?.code === '08P01'
          ? known.sentence
          : `it does not answer as it should: ${(thrown as Error).message}`,
        'Look at DATABASE_URL, and whether the server is reached from this machine.',
      ),
    ];
  }
}

function linesOf(findings: readonly Finding[]): string[] {
  const rows = table(findings.map(({ level, check, message }) => [level, check, message]));
  return findings.flatMap(({ remedy }, at) =>
    remedy === null ? [rows[at]!] : [rows[at]!, `         ${remedy}`],
  );
}

function programOf(name: string): Program {
  const known = PROGRAM_NAMES.find((each) => each === name);
  if (known) return known;
  throw new UsageError(`--program is "${name}"; it must be of ${PROGRAM_NAMES.join(', ')}`);
}

function processesOf(text: string | undefined): Processes {
  const counts = { ...USUAL_PROCESSES };
  for (const part of text === undefined ? [] : text.split(',')) {
    const [, name, count] = /^([a-z]+)=(\d{1,3})$/.exec(part.trim()) ?? [];
    const known = PROGRAM_NAMES.find((each) => each === name);
    if (!known) throw new UsageError(`--processes is "${text}"; write it as api=2,worker=3,dashboard=1`);
    counts[known] = Number(count);
  }
  return counts;
}
