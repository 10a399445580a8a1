import { attemptId, notificationId } from '@carillon/core/text/ids';
import { expect, test } from 'vitest';
import { idFromTopic, plantedIds } from './planted-ids.ts';

const id = notificationId('app', 'test', 'key');

test.each([attemptId(id, 2), `<${id}.2@example.com>`, `<${id}/2@example.com>`, `${id}_2`, `${id}-2`])(
  '%s is found as attempt 2',
  (value) => {
    expect(plantedIds(value)).toEqual({ notification_id: id, attempt_id: `${id}/2` });
  },
);

test('an attempt id anywhere takes precedence over a notification id before it', () => {
  expect(plantedIds(null, id, 'tag', attemptId(id, 3))).toEqual({
    notification_id: id,
    attempt_id: `${id}/3`,
  });
  expect(plantedIds(id)).toEqual({ notification_id: id, attempt_id: null });
});

test('nothing is found where no id was set', () => {
  expect(plantedIds('<abc@example.com>', 17, undefined)).toEqual({ notification_id: null, attempt_id: null });
});

test('a Topic carries the id as hex or as base64url of its bytes, and any other topic carries none', () => {
  const hex = id.replaceAll('-', '');
  expect(idFromTopic(hex)).toBe(id);
  expect(idFromTopic(Buffer.from(hex, 'hex').toString('base64url'))).toBe(id);
  expect(idFromTopic('order-updates')).toBeNull();
  expect(idFromTopic('AAAAAAAAAAAAAAAAAAAAAA')).toBeNull();
  expect(idFromTopic(undefined)).toBeNull();
});
