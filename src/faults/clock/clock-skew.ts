import { z } from 'zod';
import { systemClock } from '../../base/clock.ts';
import type { Fault } from '../fault.ts';
import { appProcessSchema } from '../parameters.ts';

const DAY_MS = 86_400_000;

const schema = z
  .strictObject({
    on: appProcessSchema,
    offsetSeconds: z
      .number()
      .min(-1_000_000_000)
      .max(1_000_000_000)
      .refine((seconds) => seconds !== 0, 'a clock that is 0 seconds ahead is right')
      .optional()
      .describe('seconds that its clock is ahead, negative when it is behind'),
    to: z.iso
      .time({ precision: 0 })
      .optional()
      .describe(
        'the time of day, in UTC, to which its clock is put ahead instead, such as `23:59:30`; it goes on from there',
      ),
  })
  .refine(({ offsetSeconds, to }) => (offsetSeconds === undefined) !== (to === undefined), {
    error: 'give offsetSeconds or to, one of them',
    path: ['offsetSeconds'],
  });

/**
 * The clock of one process is wrong, that of the others right: what it reads as the present time (`Date`) is shifted, timers and durations
 * are not. A restarted process has the same wrong clock. The machine's clock is not touched.
 */
export const clockSkew: Fault<z.infer<typeof schema>> = {
  name: 'clock-skew',
  group: 'clock',
  summary:
    "The process's clock is ahead or behind, or at another time of day; the other processes' are right.",
  feltWhen: 'the process says that its clock is off by so much, and that the program has read it since',
  healedWhen: 'the process says that its clock is right again',
  schema,
  async inject({ on, offsetSeconds, to }, stack) {
    // A second time of day would be a moment later than the first.
    if (to !== undefined && (await stack.clock.wantedOf(on)) !== 0) return;
    await stack.clock.setOffset(on, to === undefined ? (offsetSeconds ?? 0) * 1000 : untilTimeOfDay(to));
  },
  async felt({ on }, stack) {
    const { offsetMs, reads } = await stack.clock.readingOf(on);
    if (offsetMs === 0 || offsetMs !== (await stack.clock.wantedOf(on)) || reads === 0) return undefined;
    const way = offsetMs > 0 ? 'ahead' : 'behind';
    return `the ${on} read its clock ${reads} times, which is ${Math.abs(offsetMs) / 1000} s ${way}`;
  },
  recover: ({ on }, stack) => stack.clock.setOffset(on, 0),
  async healed({ on }, stack) {
    const { offsetMs } = await stack.clock.readingOf(on);
    return offsetMs === 0 ? `the clock of the ${on} is right again` : undefined;
  },
};

/** Milliseconds from now to the next time that it is so late, in UTC; 1 at least. */
function untilTimeOfDay(time: string): number {
  const wanted = Date.parse(`1970-01-01T${time}Z`);
  return ((wanted - (systemClock.now() % DAY_MS) + DAY_MS - 1) % DAY_MS) + 1;
}
