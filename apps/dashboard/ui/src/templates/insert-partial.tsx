import type { TemplatePart } from '@carillon/client/api-types';
import { Button, Menu } from '@mantine/core';
import { useParts } from '../layouts/read.ts';

/** Which of a partial's texts a field takes. */
type Form = 'html' | 'mjml' | 'text';

/** A menu of the partials that have a text for a field; nothing where there are none. */
export function InsertPartial({
  form,
  label,
  self,
  onInsert,
}: {
  form: Form;
  label: string;
  self: string | undefined;
  onInsert(liquid: string): void;
}) {
  const partials = useParts('partial');
  const fitting = (partials.data ?? []).filter((part) => part.key !== self && has(part, form));
  if (fitting.length === 0) return null;
  return (
    <Menu position="bottom-end" width={240} withInitialFocusPlaceholder={false} returnFocus={false}>
      <Menu.Target>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Insert a partial into ${label}`}
          style={{ flex: 'none' }}
        >
          Insert a partial
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {fitting.map(({ key }) => (
          <Menu.Item key={key} onClick={() => onInsert(`{% render "${key}" %}`)}>
            {key}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** MJML takes `mjml` between components and `html` within them. */
function has({ html, mjml, text, locales = {} }: TemplatePart, form: Form): boolean {
  const texts = [{ html, mjml, text }, ...Object.values(locales)];
  return texts.some((each) => each[form] !== undefined || (form === 'mjml' && each.html !== undefined));
}
