import type { DatabaseAddress } from '@carillon/core/program/database-settings';
import { judgePooler, poolerKind } from '@carillon/db/connection/pooler-check';
import type { Sql } from 'postgres';
import { error, type Finding, ok, warning } from './finding.ts';

/** What DATABASE_URL and DATABASE_DIRECT_URL lead to, compared with DATABASE_POOLER. @throws the connection's error. */
export async function checkPooler(sql: Sql, address: DatabaseAddress): Promise<Finding[]> {
  const kind = await poolerKind(address.url);
  const [row] = await sql<{ seqscan: string }[]>`select current_setting('enable_seqscan') as seqscan`;
  const verdict = judgePooler(kind, address.pooler, row!.seqscan === 'off');
  if (kind === 'none' && address.pooler === null) return [];
  return [ofUrl(kind, verdict), ...(await ofDirectUrl(address))];
}

function ofUrl(
  kind: Awaited<ReturnType<typeof poolerKind>>,
  verdict: ReturnType<typeof judgePooler>,
): Finding {
  const check = 'postgres pooler';
  if (kind === 'none')
    return warning(
      check,
      'DATABASE_POOLER=transaction is set, and DATABASE_URL leads to PostgreSQL itself: statements cost more than they need to',
      'Leave DATABASE_POOLER out, or let DATABASE_URL lead to the pooler.',
    );
  if (verdict === null) return ok(check, 'DATABASE_URL leads to a pooler in transaction mode');
  const [, what, remedy] = /^(.*?): (.*)$/s.exec(verdict.sentence)!;
  return (verdict.isFatal ? error : warning)(check, what!, `${remedy![0]!.toUpperCase()}${remedy!.slice(1)}`);
}

async function ofDirectUrl({ pooler, directUrl, url }: DatabaseAddress): Promise<Finding[]> {
  const check = 'postgres direct';
  if (directUrl === null)
    return [
      error(
        check,
        'DATABASE_DIRECT_URL is not set: workers that relay do not start, and neither do migrations and backups',
        'Set it to the address of the server behind the pooler.',
      ),
    ];
  if (pooler === null && directUrl === url) return [];
  const kind = await poolerKind(directUrl);
  return kind === 'none'
    ? [ok(check, 'DATABASE_DIRECT_URL leads to PostgreSQL itself')]
    : [
        error(
          check,
          `DATABASE_DIRECT_URL leads to a pooler in ${kind} mode: wake-ups do not come, and migrations may wait without end`,
          'Set it to the address of the server behind the pooler.',
        ),
      ];
}
