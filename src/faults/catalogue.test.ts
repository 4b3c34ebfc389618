import { expect, test } from 'vitest';
import { allowableFaults } from '../stack/external/allowable.ts';
import { bindFault, CATALOGUE } from './catalogue.ts';

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

test('every fault of a link may be allowed at an external target, and each that may be allowed there is in the catalogue', () => {
  const named = (group: string) => CATALOGUE.filter((each) => each.group === group).map(({ name }) => name);
  expect(allowableFaults('worker→clickhouse')).toEqual(named('link'));
  expect(named('process')).toEqual(expect.arrayContaining([...allowableFaults('worker')]));
});
