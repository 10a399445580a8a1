import { ActionIcon, Code, CopyButton, Group, Tooltip } from '@mantine/core';

/** A button that copies a text. @param label what it is: "the id". */
export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={`Copy ${label}`}>
            <CopyIcon copied={copied} />
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** Drawn, because not every machine has a letter for it. */
function CopyIcon({ copied }: { copied: boolean }) {
  return (
    <svg
      width={14}
      height={14}
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      aria-hidden
    >
      {copied ? (
        <path d="M2 7.5 5.5 11 12 3.5" />
      ) : (
        <>
          <rect x={4.5} y={4.5} width={8} height={8} rx={1.5} />
          <path d="M9.5 4.5V3A1.5 1.5 0 0 0 8 1.5H3A1.5 1.5 0 0 0 1.5 3v5A1.5 1.5 0 0 0 3 9.5h1.5" />
        </>
      )}
    </svg>
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
