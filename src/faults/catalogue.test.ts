import { expect, test } from 'vitest';
import { bindFault } from './catalogue.ts';

test('a link may be written with a plain arrow', () => {
  expect(bindFault({ name: 'refused', on: 'worker->clickhouse' }).spec).toEqual({
    name: 'refused',
    on: 'worker→clickhouse',
  });
});

test('an unknown fault, an unknown target and an unknown parameter are each named', () => {
  expect(() => bindFault({ name: 'exploded', on: 'web' })).toThrow('There is no fault named "exploded"');
  expect(() => bindFault({ name: 'refused', on: 'worker→mars' })).toThrow(
    'The parameters of the fault "refused"',
  );
  expect(() => bindFault({ name: 'killed', on: 'web', when: 'now' })).toThrow('when');
  expect(() => bindFault({ name: 'name-gone', on: 'web→dns' })).toThrow('the resolver has no name');
});
