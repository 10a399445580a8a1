import { spawnSync } from 'node:child_process';

/**
 * `npm run audit`: fails for known vulnerabilities, high or critical, of the packages that production installs. Where the
 * registry has no audit endpoint or does not answer, it warns: `npm audit` has exit code 1 for both.
 * https://docs.npmjs.com/cli/v11/commands/npm-audit
 */
interface Report {
  vulnerabilities?: Record<string, { severity: string; range: string }>;
  message?: string;
}

const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const report = read(stdout);
if (report.vulnerabilities) {
  const found = Object.entries(report.vulnerabilities).filter(([, { severity }]) =>
    ['high', 'critical'].includes(severity),
  );
  for (const [name, { severity, range }] of found) console.log(`${severity}: ${name} ${range}`);
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  const reason = report.message ?? stderr.trim().split('\n')[0];
  console.log(`::warning::nothing was audited: ${reason || 'no answer'}`);
}

function read(text: string): Report {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return {};
  }
}
