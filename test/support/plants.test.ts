import { expect, test } from 'vitest';
import { plant } from './plants.ts';

const plants = plant({ address: 'ok+quill7@plant.example.test', subject: 'Quill "seven" of Zambrano' });

test.each([
  ['as it is', 'x ok+quill7@plant.example.test x', ['address']],
  ['in capitals', 'OK+QUILL7@PLANT.EXAMPLE.TEST', ['address']],
  ['in a URL', '/r/ok%2Bquill7%40plant.example.test?', ['address']],
  ['in JSON', JSON.stringify({ subject: 'Quill "seven" of Zambrano' }), ['subject']],
  ['in JSON within JSON', JSON.stringify(JSON.stringify('ok+quill7@plant.example.test')), ['address']],
  ['in base64', Buffer.from('ab ok+quill7@plant.example.test').toString('base64'), ['address']],
  ['in base64url', Buffer.from('a Quill "seven" of Zambrano.').toString('base64url'), ['subject']],
  ['in hexadecimal digits', Buffer.from('Quill "seven" of Zambrano').toString('hex'), ['subject']],
  ['not there', 'ok@plant.example.test Quill', []],
])('a plant is found %s', (_, emitted, found) => {
  expect(plants.foundIn(emitted)).toEqual(found);
});

test('what the system made itself can be searched for too', () => {
  expect(plants.add('secret', 'whsec_abc')).toBe('whsec_abc');
  expect(plants.foundIn('with whsec_abc')).toEqual(['secret']);
});
