import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';

export const templatePath = (key: string) => `/templates/${encodeURIComponent(key)}`;

/** Links to templates, in a sentence. */
export function TemplateLinks({ keys }: { keys: readonly string[] }) {
  return keys.map((key, n) => (
    <Fragment key={key}>
      {n > 0 && ', '}
      <Anchor component={Link} to={templatePath(key)} underline="always">
        {key}
      </Anchor>
    </Fragment>
  ));
}
