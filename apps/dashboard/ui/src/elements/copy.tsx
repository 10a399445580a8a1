import { ActionIcon, Code, CopyButton, Group, Tooltip } from '@mantine/core';

/** A button that copies a text. @param label what it is: "the id". */
export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={`Copy ${label}`}>
            <span aria-hidden>{copied ? '✓' : '⧉'}</span>
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A text that people copy: an id, a key, an address. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <Group gap={4} wrap="nowrap" component="span" style={{ display: 'inline-flex', minWidth: 0 }}>
      <span className="mono">{text}</span>
      <Copy text={text} label={label} />
    </Group>
  );
}

/** A command or a body, with a button that copies it. Wide lines scroll. */
export function CodeBlock({ text, label = 'the text' }: { text: string; label?: string }) {
  return (
    <div style={{ position: 'relative', minWidth: 0 }}>
      <Code block tabIndex={0} style={{ paddingRight: '2.5rem', overflowX: 'auto' }}>
        {text}
      </Code>
      <div style={{ position: 'absolute', top: 6, right: 6 }}>
        <Copy text={text} label={label} />
      </div>
    </div>
  );
}
