/**
 * Measures every figure that the project promises and prints each beside its floor. `npm run bench -- checker stack` measures
 * only those that are named. Run it on a machine that does nothing else.
 */
import { benchCatalogue } from './catalogue.ts';
import { benchChecker } from './checker.ts';
import { benchCommand } from './commands.ts';
import { benchGenerator } from './generator.ts';
import { benchKills } from './kills.ts';
import { benchRetry } from './retry.ts';
import { benchStackStart } from './stack.ts';

/** One line of the result. */
interface Line {
  readonly what: string;
  readonly floor: string;
  readonly measured: string;
  readonly met: boolean;
}

const count = (value: number) => Math.round(value).toLocaleString('en');
const seconds = (value: number) => `${value.toFixed(1)} s`;

const FIGURES: Readonly<Record<string, () => Promise<Line[]>>> = {
  async checker() {
    const floors = [1, 10];
    return (await benchChecker()).map(({ events, seconds: took, peakRss }, index) => ({
      what: `checker, ${count(events)} events`,
      floor: `${floors[index]} s, 1 GB`,
      measured: `${took.toFixed(2)} s, ${count(peakRss / 1e6)} MB`,
      met: took <= (floors[index] ?? 0) && peakRss <= 1e9,
    }));
  },
  async generator() {
    const { perSecond } = await benchGenerator();
    return [
      {
        what: 'generator with history, one core',
        floor: '20,000 events/s',
        measured: `${count(perSecond)} events/s`,
        met: perSecond >= 20_000,
      },
    ];
  },
  async retry() {
    const { jobs, step, bare, ratio } = await benchRetry();
    return [
      {
        what: `retry of ${count(jobs)} failed jobs`,
        floor: 'half of bare retryJobs',
        measured: `${count(step)}/s, bare ${count(bare)}/s: ${ratio.toFixed(2)}`,
        met: ratio >= 0.5,
      },
    ];
  },
  async kills() {
    const { kills, longest, floor } = await benchKills();
    return [
      {
        what: `kill -9 at ${kills} random moments`,
        floor: `all gone in ${seconds(floor)}`,
        measured: `${seconds(longest)} at most`,
        met: longest <= floor,
      },
    ];
  },
  async catalogue() {
    const { minutes, asExpected } = await benchCatalogue();
    return [
      {
        what: 'whole catalogue, two at a time',
        floor: '12 min, as expected',
        measured: `${minutes.toFixed(1)} min, ${asExpected ? '' : 'not '}as expected`,
        met: minutes <= 12 && asExpected,
      },
    ];
  },
  stack: async () => [atMost('embedded stack, start to ready', 8, await benchStackStart())],
  start: async () => [atMost('npm start, whole', 90, await benchCommand('start'))],
  test: async () => [atMost('npm test, whole', 600, await benchCommand('test'))],
};

function atMost(what: string, floor: number, measured: number): Line {
  return { what, floor: seconds(floor), measured: seconds(measured), met: measured <= floor };
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in FIGURES));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(', ')}; there are ${Object.keys(FIGURES).join(', ')}.`);
  process.exit(3);
}
let allMet = true;
for (const [name, measure] of Object.entries(FIGURES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const { what, floor, measured, met } of await measure()) {
    allMet &&= met;
    console.log(
      `${met ? 'met   ' : 'MISSED'}  ${what.padEnd(36)} floor ${floor.padEnd(24)} measured ${measured}`,
    );
  }
}
process.exitCode = allMet ? 0 : 1;
