import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, the longest first. One that began last would go on alone when all others are done. */
const LONGEST = [
  'test/docker/docker-stack.test.ts',
  'test/scenarios.test.ts',
  'test/external-stack.test.ts',
  'test/faults.test.ts',
  'test/contract/clickhouse-outage.test.ts',
  'test/selftest.test.ts',
  'test/embedded-stack-lifetime.test.ts',
  'test/odd-traffic.test.ts',
];

/** Begins with the files that take longest, goes on with the other end-to-end tests, and ends with the unit tests. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const at = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      if (at >= 0) return at;
      return LONGEST.length + (project.name === 'end-to-end' ? 0 : 1);
    };
    return [...(await super.sort(files))].sort((one, other) => rank(one) - rank(other));
  }
}
