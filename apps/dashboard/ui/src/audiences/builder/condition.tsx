import { CAMPAIGN_PARTS, type CampaignPart } from '@carillon/core/audience/filter';
import { Alert, Button, Group, Select, Stack, Text } from '@mantine/core';
import { CodeBlock } from '../../elements/copy.tsx';
import { filterWords, OP_WORDS, PARTS } from '../words.ts';
import { withField, withOp, withType } from './change-form.ts';
import { AUDIENCE, CAMPAIGN, FieldSelect } from './field-select.tsx';
import {
  type AudienceNode,
  type CampaignNode,
  type ConditionNode,
  type FormNode,
  type FormOp,
  type LineNode,
  newCondition,
  type RawNode,
} from './form.ts';
import { useKnown } from './known.ts';
import type { Part } from './problems.ts';
import { TypeSelect, ValueInput } from './value-input.tsx';
import { opsOf } from './value-types.ts';

interface Line<Node> {
  node: Node;
  /** "2.1": the first line of the second group. */
  place: string;
  /** It was just added: its field takes the focus. */
  isNew: boolean;
  problems: Readonly<Partial<Record<Part, string>>>;
  /** null takes it out. */
  onChange(next: FormNode | null): void;
}

/** One line: a field, how it is compared, and with what; or another audience, or the people of a campaign. */
export function ConditionLine(props: Line<LineNode>) {
  const { node, place, isNew, problems, onChange } = props;
  const known = useKnown();
  const choose = (field: string) => {
    if (field === AUDIENCE) onChange({ id: node.id, is: 'audience', key: '', negated: false });
    else if (field === CAMPAIGN)
      onChange({ id: node.id, is: 'campaign', campaign: '', part: CAMPAIGN_PARTS[0] });
    else {
      const from = node.is === 'condition' ? node : { ...newCondition(), id: node.id };
      onChange(
        withField(
          from,
          field,
          known.attributes.find((each) => each.field === field),
        ),
      );
    }
  };
  return (
    <div>
      <Group gap="xs" align="start">
        <FieldSelect
          label={`Field ${place}`}
          field={fieldShown(node)}
          focus={isNew}
          onChange={choose}
          error={problems.field}
        />
        {node.is === 'audience' ? (
          <AudienceFields {...props} node={node} />
        ) : node.is === 'campaign' ? (
          <CampaignFields {...props} node={node} />
        ) : (
          <Comparison {...props} node={node} />
        )}
        <Button variant="subtle" aria-label={`Remove condition ${place}`} onClick={() => onChange(null)}>
          Remove
        </Button>
      </Group>
      {problems.whole !== undefined && <LineProblem text={problems.whole} />}
    </div>
  );
}

function fieldShown(node: LineNode): string {
  if (node.is === 'audience') return AUDIENCE;
  return node.is === 'campaign' ? CAMPAIGN : node.field;
}

function Comparison({ node, place, problems, onChange }: Line<ConditionNode>) {
  return (
    <>
      <Select
        aria-label={`Comparison ${place}`}
        data={opsOf(node.field).map((value) => ({ value, label: opWords(node.field, value) }))}
        allowDeselect={false}
        value={node.op}
        onChange={(op) => onChange(withOp(node, op as FormOp))}
        error={problems.op}
        w={165}
      />
      <TypeSelect
        node={node}
        label={`Kind of value ${place}`}
        onChange={(type) => onChange(withType(node, type))}
      />
      <ValueInput
        node={node}
        label={`Value ${place}`}
        error={problems.value}
        onChange={(change) => onChange({ ...node, ...change })}
      />
    </>
  );
}

/** Of a device or an address "is there" says less than that somebody has one. */
function opWords(field: string, op: FormOp): string {
  if (['email', 'phone', 'push'].includes(field)) {
    if (op === 'exists') return 'has one';
    if (op === 'not_exists') return 'has none';
  }
  return OP_WORDS[op] ?? op;
}

function AudienceFields({ node, place, problems, onChange }: Line<AudienceNode>) {
  const { audiences } = useKnown();
  const data = audiences.map(({ key, name }) => ({
    value: key,
    label: name === key ? key : `${name} (${key})`,
  }));
  const isListed = node.key === '' || audiences.some(({ key }) => key === node.key);
  return (
    <>
      <Select
        aria-label={`Comparison ${place}`}
        data={[
          { value: 'member', label: 'belongs to' },
          { value: 'other', label: 'does not belong to' },
        ]}
        allowDeselect={false}
        value={node.negated ? 'other' : 'member'}
        onChange={(next) => onChange({ ...node, negated: next === 'other' })}
        w={165}
      />
      <Select
        aria-label={`Value ${place}`}
        placeholder={data.length === 0 ? 'There is none yet' : 'Choose an audience'}
        data={isListed ? data : [...data, { value: node.key, label: node.key }]}
        searchable
        allowDeselect={false}
        value={node.key === '' ? null : node.key}
        onChange={(key) => onChange({ ...node, key: key ?? '' })}
        error={problems.value}
        style={{ flex: '1 1 12rem' }}
      />
    </>
  );
}

function CampaignFields({ node, place, problems, onChange }: Line<CampaignNode>) {
  const { campaigns } = useKnown();
  // Nobody was to have something of a draft.
  const data = campaigns
    .filter(({ id, state }) => state !== 'draft' || id === node.campaign)
    .map(({ id, name }) => ({ value: id, label: name }));
  const isListed = node.campaign === '' || campaigns.some(({ id }) => id === node.campaign);
  return (
    <>
      <Select
        aria-label={`Comparison ${place}`}
        data={CAMPAIGN_PARTS.map((value) => ({ value, label: PARTS[value] }))}
        allowDeselect={false}
        value={node.part}
        onChange={(part) => onChange({ ...node, part: part as CampaignPart })}
        error={problems.op}
        w={190}
      />
      <Select
        aria-label={`Value ${place}`}
        placeholder={data.length === 0 ? 'None has started yet' : 'Choose a campaign'}
        data={isListed ? data : [...data, { value: node.campaign, label: node.campaign }]}
        searchable
        allowDeselect={false}
        value={node.campaign === '' ? null : node.campaign}
        onChange={(campaign) => onChange({ ...node, campaign: campaign ?? '' })}
        error={problems.value}
        style={{ flex: '1 1 12rem' }}
      />
    </>
  );
}

/** A part that has no fields here, as the API has it. It stays as it is. */
export function RawLine({ node, place, problems, onChange }: Line<RawNode>) {
  return (
    <Alert variant="outline" color="gray" title={filterWords(node.filter)}>
      <Stack gap="xs">
        <Text size="sm">This form has no fields for this part. It is kept as it is.</Text>
        <CodeBlock text={JSON.stringify(node.filter, null, 2)} label={`the JSON of condition ${place}`} />
        {Object.values(problems).map((text) => (
          <LineProblem key={text} text={text} />
        ))}
        <div>
          <Button variant="default" aria-label={`Remove condition ${place}`} onClick={() => onChange(null)}>
            Remove
          </Button>
        </div>
      </Stack>
    </Alert>
  );
}

/** In the place of what it is about. */
export function LineProblem({ text }: { text: string }) {
  return (
    <Text size="sm" role="alert" className="problem" mt={4}>
      {text}
    </Text>
  );
}
