import { LAG_HEADER, MAX_LAG_HEADER } from '../reads/read-for.ts';
import { placeOf } from '../reads/read-places.ts';

interface Operation {
  operationId?: string;
  parameters?: unknown[];
  responses?: Record<string, { headers?: Record<string, unknown> }>;
}

/**
 * What READ_PLACES means for callers, for every operation that a replica may answer: how far its answer may be behind,
 * and how to ask for a newer one. Added to the document in one place, so that no route can omit it.
 *
 * @param paths of the document; changed in place.
 */
export function addReplicaAnswers(paths: Record<string, Record<string, unknown>>): void {
  for (const item of Object.values(paths)) {
    for (const operation of Object.values(item) as Operation[]) {
      const place = placeOf(operation.operationId ?? '');
      if (place !== 'replica' && place !== 'shared') continue;
      const done = operation.responses?.['200'];
      if (done) done.headers = { ...done.headers, [LAG_HEADER]: LAG };
      if (place === 'replica') operation.parameters = [...(operation.parameters ?? []), MAX_LAG];
    }
  }
}

const LAG = {
  description:
    'Seconds by which this answer may be behind: it has everything that was committed longer ago. Left out where the primary answered, which is never behind.',
  schema: { type: 'number' },
};

const MAX_LAG = {
  name: MAX_LAG_HEADER,
  in: 'header',
  required: false,
  description: `Seconds by which the answer may be behind. 0: it has everything that was answered before, such as your own last change. Left out: as far as the installation allows; the header ${LAG_HEADER} says how far it is.`,
  schema: { type: 'string', pattern: '^\\d{1,9}(\\.\\d{1,9})?$', example: '0' },
};
