type Data = Record<string, unknown>;

/**
 * Pure: the template data of one recipient, from the variables of a campaign. A name with dots is a member within a
 * member, as templates read it: `order.id` is `{ order: { id } }`.
 *
 * @param values by the name of the variable; null is as good as missing.
 */
export function dataOfRecipient(values: Readonly<Data>): Data {
  const data: Data = {};
  // `order` before `order.id`, which goes into it.
  for (const name of Object.keys(values).sort()) {
    const value = values[name];
    if (value === null || value === undefined) continue;
    const path = name.split('.');
    let at = data;
    for (const member of path.slice(0, -1)) {
      const inside = Object.hasOwn(at, member) ? at[member] : undefined;
      const next = isObject(inside) ? { ...inside } : {};
      put(at, member, next);
      at = next;
    }
    put(at, path.at(-1)!, value);
  }
  return data;
}

/** Pure: what all recipients share, with what one has itself: that counts more, member by member. */
export function withOwnData(shared: Readonly<Data>, own: Readonly<Data>): Data {
  const data: Data = { ...shared };
  for (const [name, value] of Object.entries(own)) {
    const before = Object.hasOwn(shared, name) ? shared[name] : undefined;
    put(data, name, isObject(before) && isObject(value) ? withOwnData(before, value) : value);
  }
  return data;
}

/** Also a member named `__proto__` is one like any other. */
function put(to: Data, name: string, value: unknown): void {
  Object.defineProperty(to, name, { value, writable: true, enumerable: true, configurable: true });
}

const isObject = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
