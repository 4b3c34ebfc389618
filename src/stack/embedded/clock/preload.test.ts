import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

const PRELOAD = new URL('preload.cjs', import.meta.url).pathname;

/** On each line of its input, a program tells all that it can read of the time. */
const PROGRAM = `
  const start = performance.now();
  const OldDate = Date;
  require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
    class Later extends Date { tomorrow() { return new Date(this.getTime() + 86_400_000); } }
    const made = new Date();
    console.log(JSON.stringify({
      now: Date.now(), made: made.getTime(), old: OldDate.now(), called: Date.parse(Date()), later: new Later().getTime(),
      given: new Date(5).getTime(), utc: Date.UTC(1970, 0, 2), elapsed: performance.now() - start,
      same: made instanceof Date && made instanceof OldDate && new OldDate(1) instanceof Date && made.constructor === Date,
      tomorrow: new Later(0).tomorrow().getTime(),
    }));
  });`;

interface Told {
  readonly now: number;
  readonly made: number;
  readonly old: number;
  readonly called: number;
  readonly later: number;
  readonly given: number;
  readonly utc: number;
  readonly elapsed: number;
  readonly same: boolean;
  readonly tomorrow: number;
}

function startProgram() {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  const child = spawn(process.execPath, ['--require', PRELOAD, '--eval', PROGRAM], {
    env: { LANGFUSE_CHAOS_NOTES: folder },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const wanted = join(folder, 'clock-wanted.json');
  return {
    async ask(): Promise<Told> {
      child.stdin.write('\n');
      const [line] = await once(lines, 'line');
      return JSON.parse(line) as Told;
    },
    set(offsetMs: number) {
      writeFileSync(`${wanted}.new`, JSON.stringify({ offsetMs }));
      renameSync(`${wanted}.new`, wanted);
    },
    clear: () => rmSync(wanted),
    applied: () => JSON.parse(readFileSync(join(folder, 'clock-applied.json'), 'utf8')),
  };
}

const HOUR = 3_600_000;
/** How far the readings of this machine may lie apart, when it is busy. */
const SLACK = 5000;

test('the time a program reads is shifted while it runs and set right again; what was given, durations and classes stay', async () => {
  const program = startProgram();
  const before = await program.ask();
  expect(Math.abs(before.now - Date.now())).toBeLessThan(SLACK);
  expect(program.applied).toThrow('ENOENT');

  program.set(-2 * HOUR);
  await expect.poll(() => program.applied().offsetMs, { timeout: 10_000 }).toBe(-2 * HOUR);
  const told = await program.ask();
  for (const time of [told.now, told.made, told.old, told.called, told.later]) {
    expect(Math.abs(time + 2 * HOUR - Date.now())).toBeLessThan(SLACK);
  }
  expect(told).toMatchObject({ given: 5, utc: 86_400_000, same: true, tomorrow: 86_400_000 });
  expect(told.elapsed).toBeGreaterThan(before.elapsed);
  await expect.poll(() => program.applied().reads, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);

  program.clear();
  await expect.poll(() => program.applied().offsetMs, { timeout: 10_000 }).toBe(0);
  const after = await program.ask();
  expect(Math.abs(after.now - Date.now())).toBeLessThan(SLACK);
  expect(after.same).toBe(true);
});
