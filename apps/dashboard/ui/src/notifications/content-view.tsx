import type { ChannelContent } from '@carillon/client/api-types';
import { errorWords } from '@carillon/core/notification/wording';
import { Alert, Card, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { CodeBlock } from '../elements/copy.tsx';
import { Facts } from '../elements/facts.tsx';
import { MessageFrame } from '../elements/message-frame.tsx';
import { Meaning } from '../elements/words.tsx';
import './message.css';

/** One rendered message, as its channel shows it. */
export function ContentView({ content, to }: { content: ChannelContent; to?: string | null }) {
  const address = to ?? content.to;
  if (content.problem !== null)
    return (
      <Alert color="red" variant="outline" title={errorWords({ code: content.problem.code }).title}>
        <Meaning words={errorWords({ code: content.problem.code })} />
        <Text size="sm" mt="xs" className="mono">
          {content.problem.message}
        </Text>
      </Alert>
    );
  if (content.channel === 'email') return <Mail content={content} to={address} />;
  if (content.channel === 'sms') return <Sms content={content} to={address} />;
  return <Push content={content} to={address} />;
}

interface Shown {
  content: ChannelContent;
  to: string | null;
}

function Mail({ content, to }: Shown) {
  const { subject, html, text, headers, from, locale, tracking } = content;
  const views = [
    ...(html === undefined ? [] : [{ value: 'html', label: 'HTML' }]),
    ...(text === undefined ? [] : [{ value: 'text', label: 'Text' }]),
    { value: 'headers', label: 'Headers' },
  ];
  const [chosen, setChosen] = useState(views[0]!.value);
  const view = views.some(({ value }) => value === chosen) ? chosen : views[0]!.value;
  return (
    <Stack gap="sm">
      <Facts
        facts={[
          ['Subject', <strong key="subject">{subject}</strong>],
          from === null ? null : ['From', from],
          ['To', to ?? 'an address of the recipient, which is not kept with the message'],
          locale === null ? null : ['Language', locale],
          tracking?.opens || tracking?.clicks
            ? ['Tracked', [tracking.opens && 'opens', tracking.clicks && 'clicks'].filter(Boolean).join(', ')]
            : null,
        ]}
      />
      <Group>
        <SegmentedControl
          size="xs"
          aria-label="Part of the mail"
          data={views}
          value={view}
          onChange={setChosen}
        />
      </Group>
      {view === 'html' && <MessageFrame html={html ?? ''} title={`Mail: ${subject}`} />}
      {view === 'text' && <CodeBlock text={text ?? ''} label="the text" />}
      {view === 'headers' && (
        <CodeBlock
          text={Object.entries(headers ?? {})
            .map(([name, value]) => `${name}: ${value}`)
            .join('\n')}
          label="the headers"
        />
      )}
    </Stack>
  );
}

function Sms({ content: { text, sms, from }, to }: Shown) {
  return (
    <Stack gap="sm">
      <Facts
        facts={[
          from === null ? null : ['From', from],
          ['To', to ?? 'a number of the recipient, which is not kept with the message'],
          sms
            ? [
                'Parts',
                `${sms.segments}, ${sms.units} characters as ${sms.encoding === 'gsm7' ? 'GSM' : 'Unicode'}`,
              ]
            : null,
        ]}
      />
      <div className="bubble">{text}</div>
    </Stack>
  );
}

function Push({ content: { title, body, url, options }, to }: Shown) {
  const extra = options?.data && Object.keys(options.data).length > 0 ? options.data : null;
  return (
    <Stack gap="sm">
      <Card withBorder maw="26rem" padding="sm">
        <Text fw={650} style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Text>
        <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {body}
        </Text>
      </Card>
      <Facts
        facts={[
          to === null ? null : ['To', to],
          url === undefined
            ? null
            : [
                'Opens',
                <span key="url" className="mono">
                  {url}
                </span>,
              ],
          extra === null
            ? null
            : [
                'Data',
                <span key="data" className="mono">
                  {JSON.stringify(extra)}
                </span>,
              ],
        ]}
      />
    </Stack>
  );
}
