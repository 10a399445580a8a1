/** The parts of V8's .cpuprofile that matter here. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  /** Node ids, one per sample. */
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

export interface SelfTimes {
  busyMs: number;
  /** Name and milliseconds, the largest first. */
  byFunction: [string, number][];
  byPackage: [string, number][];
}

/** Time spent in functions themselves, without what they call. Idle time and waiting for the kernel do not count. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTimes {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  let busyMs = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (!frame || frame.functionName === '(idle)' || frame.functionName === '(root)') continue;
    const ms = Math.max(0, timeDeltas[index] ?? 0) / 1000;
    busyMs += ms;
    const { functionName, url, lineNumber } = frame;
    const place = url === '' ? '' : ` ${shortUrl(url)}:${lineNumber + 1}`;
    add(functions, `${functionName || '(anonymous)'}${place}`, ms);
    add(packages, packageOf(functionName, url), ms);
  }
  return { busyMs, byFunction: sorted(functions), byPackage: sorted(packages) };
}

function shortUrl(url: string): string {
  return url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(`${process.cwd()}/`, '');
}

function packageOf(functionName: string, url: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  if (url.startsWith('node:')) return 'node';
  const inPackage = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (inPackage) return inPackage[1]!;
  return shortUrl(url).split('/').slice(0, 2).join('/');
}

function add(times: Map<string, number>, name: string, ms: number): void {
  times.set(name, (times.get(name) ?? 0) + ms);
}

function sorted(times: Map<string, number>): [string, number][] {
  return [...times].sort((a, b) => b[1] - a[1]);
}
