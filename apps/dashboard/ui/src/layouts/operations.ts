import type { PartKind } from '@carillon/core/template/compile/parts';

/** The operations of the API for each kind. */
export const OPERATIONS = {
  layout: {
    list: 'listLayouts',
    get: 'getLayout',
    put: 'putLayout',
    remove: 'deleteLayout',
    versions: 'listLayoutVersions',
    version: 'getLayoutVersion',
  },
  partial: {
    list: 'listPartials',
    get: 'getPartial',
    put: 'putPartial',
    remove: 'deletePartial',
    versions: 'listPartialVersions',
    version: 'getPartialVersion',
  },
} as const satisfies Record<PartKind, object>;

/** Where a part is written. */
export function pathOf(kind: PartKind, key: string): string {
  return `/${kind}s/${encodeURIComponent(key)}`;
}
