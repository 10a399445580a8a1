import type { PutTemplateRequest } from '@carillon/client/api-types';
import type { ButtonProps } from '@mantine/core';
import { detailOf, exchange } from '../api/call.ts';
import { ConfirmButton } from '../elements/confirm.tsx';
import { TemplateLinks } from './template-links.tsx';

/** Publishes templates as they are, with the layouts and partials of now. @param label of the button. */
export function PublishAgain({
  keys,
  label,
  onPublished,
  ...button
}: {
  keys: readonly string[];
  label: string;
  onPublished(): Promise<void>;
} & Pick<ButtonProps, 'size'>) {
  return (
    <ConfirmButton
      {...button}
      label={label}
      title={`${label}?`}
      confirm={keys.length === 1 ? 'Publish it again' : 'Publish them again'}
      done={
        keys.length === 1 ? `${keys[0]} is published again.` : `${keys.length} templates are published again.`
      }
      action={async () => {
        const failed: string[] = [];
        for (const key of keys)
          await publishAgain(key).catch((error) => failed.push(`${key}: ${detailOf(error)}`));
        if (failed.length < keys.length) await onPublished();
        if (failed.length > 0)
          throw new Error(
            `Published again: ${keys.length - failed.length}. Not published: ${failed.join(' ')}`,
          );
      }}
    >
      The texts of <TemplateLinks keys={keys} /> stay as they are published, and take all layouts and partials
      as they are now. New messages get that. Drafts stay, and are not published.
    </ConfirmButton>
  );
}

/** The same texts as a new version; refused where somebody publishes another one meanwhile. */
async function publishAgain(key: string): Promise<void> {
  const { body, header } = await exchange('getTemplate', { path: { key } });
  await exchange(
    'putTemplate',
    { path: { key }, body: { channels: body.channels as PutTemplateRequest['channels'] } },
    { ifMatch: header('etag') ?? '' },
  );
}
