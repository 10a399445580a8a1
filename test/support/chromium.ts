import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

/**
 * A real Chromium for the browser tests, the first of: CHROMIUM_PATH, one that the machine has, the one from npm (linux
 * x64; it brings the libraries and fonts a bare machine lacks), else one installed by `npx playwright install`.
 * CHROMIUM_PATH=npm selects the third directly.
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch(await launchOptions());
}

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** No sandbox: it needs kernel features that containers and root lack, and only this project's pages are opened. */
const ARGS = ['--no-sandbox', '--disable-dev-shm-usage'];

async function launchOptions(): Promise<LaunchOptions> {
  const own = process.env.CHROMIUM_PATH;
  if (own && own !== 'npm') return { executablePath: own, args: ARGS };
  const system = own ? undefined : SYSTEM.find((file) => existsSync(file));
  if (system) return { executablePath: system, args: ARGS };
  if (process.platform === 'linux' && process.arch === 'x64') return fromNpm();
  return { args: ARGS };
}

const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/carillon');

/** Runs in a process of its own, because the package unpacks into whatever os.tmpdir() is. */
const UNPACK = `
  const { default: chromium, inflate } = await import('@sparticuz/chromium');
  await chromium.executablePath(process.env.CHROMIUM_ARCHIVES);
  await inflate(process.env.CHROMIUM_ARCHIVES + '/al2023.tar.br');
`;

function fromNpm(): LaunchOptions {
  // .../@sparticuz/chromium/build/index.js
  const root = path.join(path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const dir = path.join(CACHE, `chromium-${version}`);
  if (!existsSync(dir)) unpack(path.join(root, 'bin'), dir);

  const executablePath = path.join(dir, 'chromium');
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  // Where the machine has the libraries, its own fit its fonts and kernel better than the package's.
  if (
    (spawnSync('ldd', [executablePath], { encoding: 'utf8' }).stdout ?? 'not found').includes('not found')
  ) {
    env['LD_LIBRARY_PATH'] = path.join(dir, 'al2023/lib');
  }
  if (!existsSync('/etc/fonts/fonts.conf')) env['FONTCONFIG_PATH'] = path.join(dir, 'fonts');
  return { executablePath, args: [...ARGS, '--no-zygote'], env };
}

/** Unpacks aside and renames: a test file that starts at the same moment sees all of it or nothing. */
function unpack(archives: string, dir: string): void {
  const aside = `${dir}-${process.pid}`;
  mkdirSync(aside, { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: aside, CHROMIUM_ARCHIVES: archives },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot unpack @sparticuz/chromium into ${aside}: ${stderr}`);
  chmodSync(path.join(aside, 'chromium'), 0o755);
  mkdirSync(path.join(aside, 'fonts'), { recursive: true });
  writeFileSync(
    path.join(aside, 'fonts/fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>${dir}/fonts</dir><cachedir>${dir}/font-cache</cachedir></fontconfig>\n`,
  );
  try {
    renameSync(aside, dir);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Another test file was faster; what it unpacked is the same.
    if (!existsSync(dir)) throw error;
  }
}
