import type { App } from '@carillon/client/api-types';
import { useQueryClient } from '@tanstack/react-query';
import { callEverywhere } from '../api/call.ts';
import { Copyable } from '../elements/copy.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { AppForm } from './app-form.tsx';

/** The web apps that send by this installation. Each has keys, recipients and templates of its own. */
export default function Apps() {
  const queries = useQueryClient();
  const query = usePages<App>(['apps'], (cursor, signal) =>
    callEverywhere('listApps', { query: { cursor } }, { signal }),
  );
  const reload = () => queries.invalidateQueries();
  const columns: Column<App>[] = [
    { title: 'Name', cell: ({ name }) => <strong>{name}</strong> },
    { title: 'Id', cell: ({ id }) => <Copyable text={id} label="the id" />, wideOnly: true },
    { title: 'Time zone', cell: ({ time_zone }) => time_zone ?? 'UTC' },
    {
      title: 'Brand',
      cell: ({ brand }) => (brand === null ? <span className="dim">none</span> : <Brand brand={brand} />),
    },
    { title: 'Since', cell: ({ created_at }) => <Time at={created_at} />, wideOnly: true },
    { title: '', cell: (app) => <AppForm app={app} onDone={reload} /> },
  ];
  return (
    <PageFrame
      title="Apps"
      description="Each has keys, recipients, templates and statistics of its own. Provider accounts serve all of them."
      actions={<AppForm onDone={reload} />}
    >
      <DataTable query={query} columns={columns} rowKey={({ id }) => id} label="Apps" empty={null} />
    </PageFrame>
  );
}

function Brand({ brand }: { brand: NonNullable<App['brand']> }) {
  return (
    <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
      {brand.color && <span className="dot" style={{ background: brand.color }} aria-hidden />}
      {brand.name ?? brand.color ?? 'a logo'}
    </span>
  );
}
