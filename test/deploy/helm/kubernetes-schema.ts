import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheDir } from '@carillon/local/layout';
import { ROOT } from '../alert-rules.ts';
import type { KubernetesObject } from './helm.ts';

interface Model {
  validate(): void;
}

/** The module of kubernetes-models that describes a kind; those of operators are in packages of their own. */
function moduleOf({ apiVersion, kind }: KubernetesObject): string {
  const group = apiVersion.split('/')[0]!;
  const operators: Record<string, string> = {
    'keda.sh': '@kubernetes-models/keda',
    'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  };
  return `${operators[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
}

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

/**
 * Checks objects by the JSON schemas of Kubernetes and of the operators: types and required fields. Fields that do not
 * exist pass it; `unknownFields` finds those.
 *
 * @returns one sentence for each object that is wrong
 */
export async function schemaFaults(objects: readonly KubernetesObject[]): Promise<string[]> {
  const faults: string[] = [];
  for (const object of objects) {
    const exported = (await import(moduleOf(object))) as Record<string, new (data: object) => Model>;
    try {
      new exported[object.kind]!(object).validate();
    } catch (error) {
      faults.push(`${nameOf(object)}: ${(error as Error).message}`);
    }
  }
  return faults;
}

/**
 * Checks objects against the types of the same packages, by the compiler: a literal with a field that the type does not
 * have is refused.
 *
 * @returns what the compiler said, a line for each fault; empty if all fields exist
 */
export function typeFaults(objects: readonly KubernetesObject[]): string[] {
  mkdirSync(cacheDir, { recursive: true });
  // Below the checkout's node_modules, so that the packages are found.
  const dir = mkdtempSync(path.join(cacheDir, 'chart-types-'));
  try {
    const kinds = new Map(objects.map((object) => [moduleOf(object), object.kind]));
    const aliases = new Map([...kinds.keys()].map((module, at) => [module, `I${at}`]));
    const lines = [
      ...[...kinds].map(
        ([module, kind]) => `import type { I${kind} as ${aliases.get(module)} } from '${module}';`,
      ),
      ...objects.map(
        (object, at) =>
          `export const o${at}: ${aliases.get(moduleOf(object))} = ${JSON.stringify(object)}; // ${nameOf(object)}`,
      ),
    ];
    writeFileSync(path.join(dir, 'objects.ts'), lines.join('\n'));
    const compilerOptions = { strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', types: [] };
    writeFileSync(path.join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '--pretty', 'false'], {
      cwd: dir,
      encoding: 'utf8',
    });
    const faults = stdout.split('\n').filter(Boolean);
    if (status !== 0 && faults.length === 0) throw new Error('the compiler failed without a word');
    return faults;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
