import { expect, test } from 'vitest';
import { generateTypes } from './generate-types.ts';

const withSchema = (schema: object) => ({ paths: {}, components: { schemas: { Thing: schema } } });
const typeOf = (schema: object): string =>
  /export (?:type Thing = |interface Thing )([\s\S]*?)\n\n/.exec(
    generateTypes(withSchema(schema) as never),
  )![1]!;

test.each([
  [{ type: 'string', format: 'uuid' }, 'string;'],
  [{ type: ['integer', 'null'], minimum: 1 }, 'number | null;'],
  [{ type: 'string', enum: ['a', "it's"] }, "'a' | 'it\\'s';"],
  [{ type: ['string', 'null'], enum: ['a', null] }, "'a' | null;"],
  [{ type: 'array', items: { type: 'string', enum: ['a', 'b'] } }, "('a' | 'b')[];"],
  [{ type: 'object', additionalProperties: {} }, 'Record<string, unknown>;'],
  [{ anyOf: [{ $ref: '#/components/schemas/A' }, { type: 'boolean' }] }, 'A | boolean;'],
  [{ allOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }] }, 'A & B;'],
])('%o becomes %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});

test('an optional field may also be undefined, and keeps its description', () => {
  const properties = { 'due-at': { type: 'string', description: 'When.' }, id: { type: 'string' } };
  expect(typeOf({ type: 'object', properties, required: ['id'] })).toBe(
    "{\n  /** When. */\n  'due-at'?: string | undefined;\n  id: string;\n}",
  );
});

test.each([
  [{ type: 'string', not: {} }, /"not" is not understood/],
  [{ type: 'tuple' }, /"tuple" is not understood/],
])('what is not understood is refused, not typed as anything: %o', (schema, words) => {
  expect(() => generateTypes(withSchema(schema) as never)).toThrow(words);
});

test('a schema that extends another and contradicts it is refused: no value could match it', () => {
  const status = (type: string) => ({ type: 'object', properties: { status: { type } } });
  const schemas = {
    Accepted: status('string'),
    Result: { anyOf: [{ allOf: [{ $ref: '#/components/schemas/Accepted' }, status('integer')] }] },
  };
  expect(() => generateTypes({ paths: {}, components: { schemas } } as never)).toThrow(
    'Result defines status twice',
  );
});
