import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { exampleRun } from './example-data.ts';
import { at } from './example-record.ts';
import { extremeRun, HOSTILE } from './extreme-data.ts';
import { renderHtml } from './html.ts';
import type { JudgedRun } from './judged-run.ts';

const MOST_BYTES = 1_000_000;

/** The document without the contents of its scripts and style sheets. */
function outside(html: string): string {
  return html.replace(/<(script|style)([^>]*)>[\s\S]*?<\/\1>/g, '<$1$2></$1>');
}

/** A run whose every text is `text`, and whose lists are so short that none is cut. */
function fewOfEach(text: string): JudgedRun {
  const { run, verdict } = extremeRun(text, 40);
  return {
    run: {
      ...run,
      versions: { [text]: text },
      phases: run.phases.slice(0, 5),
      faults: run.faults.slice(0, 5),
      probes: run.probes.slice(0, 5),
      recovery: run.recovery.slice(0, 5),
      runbook: run.runbook?.slice(0, 5) ?? [],
      oddTraffic: run.oddTraffic?.slice(0, 5) ?? [],
      replacements: run.replacements?.slice(0, 5) ?? [],
    },
    verdict: {
      ...verdict,
      reasons: verdict.reasons.slice(0, 5),
      expectations: verdict.expectations.slice(0, 5),
    },
  };
}

/** Names of all tags in their order. */
function tags(html: string): string[] {
  return [...outside(html).matchAll(/<(\/?[a-z][a-z0-9]*)/gi)].map(([, name]) => name ?? '');
}

/** All words of the page. */
function words(html: string): string {
  return outside(html)
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
}

describe('what a reader finds', () => {
  test.each(['pass', 'fail', 'unknown'] as const)(
    '%s: verdict as a word, sentence, seed and command',
    (kind) => {
      const { run, verdict } = exampleRun(kind);
      const text = words(renderHtml({ run, verdict }));
      for (const part of [
        kind.toUpperCase(),
        verdict.sentence,
        run.scenario.proves,
        'langfuse#6380',
        run.seed,
        run.command,
      ]) {
        expect(text).toContain(part);
      }
    },
  );

  test('outcomes, stages, expectations, faults, probes, recovery, findings and versions', () => {
    const text = words(renderHtml(exampleRun('pass')));
    for (const part of [
      'lost – 184 184 0',
      'in S3 only 184 184 184 0',
      'blind loss – 184 184 0',
      '–: not judged before the target is at rest.',
      '✓ held nothing is missing after the S3 replay missing 0 after replay must',
      'refused on worker→clickhouse 0:12.0 0:12.4 0:17.0 0:17.9',
      'GET /api/public/health no answer 5.0 s no answer within 5 s',
      'replay from S3 0:53.4 4.2 s 96 entities 835 whole in ClickHouse',
      '184 findings: 184 recovered by replay.',
      'toxiproxy 2.12.0',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('a step of the common guide with what it did and what to do instead', () => {
    const { run, verdict } = exampleRun('pass');
    const step = {
      step: 'guide: count the failed jobs',
      at: at(12.5),
      asWritten: 'LLEN bull:ingestion-queue:failed',
      did: 'failed with “WRONGTYPE”',
      right: 'ZCARD',
    };
    expect(words(renderHtml({ run: { ...run, runbook: [step] }, verdict }))).toContain(
      'At As written What it did Instead 0:12.5 LLEN bull:ingestion-queue:failed failed with “WRONGTYPE” ZCARD',
    );
  });

  test('a replaced web with the version that it says it is, a worker with what it was started from', () => {
    const { run, verdict } = exampleRun('pass');
    const target = 'docker:3.225.4';
    const replacements = [
      { process: 'worker', by: 'other', target, at: at(16), answeredAt: at(31) },
      { process: 'web', by: 'other', target, at: at(45), answeredAt: at(53), webVersion: '3.225.3' },
      { process: 'web', by: 'own', target: 'docker', at: at(60), answeredAt: at(63) },
    ] as const;
    const html = renderHtml({ run: { ...run, replacements: [...replacements] }, verdict });
    expect(words(html)).toContain(
      'Process By Says it is At Away for Jobs then worker docker:3.225.4 tells none 0:16.0 15 s unknown web docker:3.225.4 3.225.3 0:45.0 8.0 s unknown web docker not known 1:00.0 3.0 s unknown',
    );
    expect(html).toContain('<title>web at 0:45.0 by docker:3.225.4 (says 3.225.3), away for 8.0 s</title>');
  });

  test('the safe pipeline, odd traffic (also in the timeline), the visibility budget and the harness’s own events', () => {
    const { run, verdict } = exampleRun('pass');
    const oddTraffic = [{ name: 'many at once', at: at(15), acknowledged: 40, refused: 2 }];
    const html = renderHtml({
      run: {
        ...run,
        scenario: { ...run.scenario, visibilityBudget: 30 },
        reference: { pipeline: 'safe' },
        oddTraffic,
        ownEvents: 24,
      },
      verdict,
    });
    const text = words(html);
    for (const part of [
      'Pipeline safe (not Langfuse)',
      'Sent At Acknowledged Refused many at once 0:15.0 40 2',
      'late acknowledged and landed by itself, after the visibility budget of 30 s',
      '24 of the 2,000 events are the harness’s own',
    ]) {
      expect(text).toContain(part);
    }
    expect(html).toContain('<title>many at once: 40 acknowledged, 2 refused</title>');
    expect(words(renderHtml({ run, verdict }))).not.toMatch(/Pipeline|Odd traffic|harness’s own/);
  });

  test('where only the checkpoint heal was read, blind loss is nowhere given as 0', () => {
    const { run, verdict } = exampleRun('fail');
    const text = words(
      renderHtml({ run, verdict: { ...verdict, checkpoints: verdict.checkpoints.slice(0, 1) } }),
    );
    expect(text).toContain('blind loss – at heal');
  });

  test('the timeline has a point per sample, the fault window and the checkpoints', () => {
    const judged = exampleRun('pass');
    const json = /id="timeline-data">(.*?)<\/script>/s.exec(renderHtml(judged))?.[1] ?? '';
    const data = JSON.parse(json);
    expect(data.at).toHaveLength(judged.run.samples.length);
    expect(data.sent.slice(0, 2)).toEqual([null, 0]);
    expect(data.faults).toEqual([{ from: 12, felt: 12.4, to: 17, healed: 17.9 }]);
    expect(data.checkpoints).toEqual([40.6, 52.1, 53.4, 58.2]);
  });

  test('a run without anything still makes a page', () => {
    const { run, verdict } = exampleRun('unknown');
    const { traffic: _, endedAt: __, ...rest } = run;
    const empty = { ...rest, phases: [], faults: [], probes: [], samples: [], recovery: [] };
    const text = words(
      renderHtml({ run: empty, verdict: { ...verdict, checkpoints: [], expectations: [], reasons: [] } }),
    );
    for (const part of [
      'No samples were taken.',
      'No checkpoint was reached',
      'There are no findings',
      'not ended',
    ]) {
      expect(text).toContain(part);
    }
  });
});

describe('safety', () => {
  test('no text from outside becomes markup', () => {
    const hostile = renderHtml(fewOfEach(HOSTILE));
    expect(tags(hostile)).toEqual(tags(renderHtml(fewOfEach('n'.repeat(HOSTILE.length)))));
    expect(hostile).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(outside(hostile)).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
  });

  test('its policy allows the two scripts and the two style sheets that are inside, and no address at all', () => {
    const html = renderHtml(exampleRun('fail'));
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const inside = [...html.matchAll(/<(?:script|style)>([\s\S]*?)<\/(?:script|style)>/g)].map(
      ([, text]) =>
        `'sha256-${createHash('sha256')
          .update(text ?? '')
          .digest('base64')}'`,
    );
    expect(inside).toHaveLength(4);
    expect(policy.match(/'sha256-[^']+'/g)).toEqual(inside);
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/https?:|unsafe|\*/);
    expect([...outside(html).matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual([
      'data:,',
    ]);
    expect(html).not.toMatch(/@import|url\(/);
  });
});

describe('size', () => {
  test('50,000 findings stay under 1 MB, some of every kind are shown, and it says what is left out', () => {
    const { run, verdict } = exampleRun('fail');
    const lost = verdict.findings[0] as (typeof verdict.findings)[number];
    const findings = Array.from({ length: 50_000 }, (_, index) => ({
      ...lost,
      entity: `trace/${index}` as const,
    }));
    const altered = { ...lost, outcome: 'altered' as const, entity: 'trace/the-altered-one' as const };
    const html = renderHtml({ run, verdict: { ...verdict, findings: [...findings, altered] } });
    expect(Buffer.byteLength(html)).toBeLessThan(MOST_BYTES);
    expect(html).toContain('trace/the-altered-one');
    expect(words(html)).toMatch(
      /Shown are [\d,]+ of 50,001 findings, some of every kind; verdict\.json in the run folder/,
    );
  });

  test.each([
    ['hostile', HOSTILE],
    ['escaped', '&'.repeat(5000)],
    ['wide', '漢'.repeat(5000)],
    ['invisible', '\u{e0001}'.repeat(5000)],
  ])('far too much of everything stays under 1 MB, %s', (_name, text) => {
    expect(Buffer.byteLength(renderHtml(extremeRun(text, 50_000)))).toBeLessThan(MOST_BYTES);
  });
});

test('each phase has its name below the timeline, also one whose bar has no room for it', () => {
  const html = renderHtml(exampleRun('pass'));
  const said = /Phases in their order: ([^<]*)/.exec(html)?.[1] ?? '';
  for (const name of ['heal', 'settle', 'retry failed jobs', 'replay from S3'])
    expect(said).toContain(`${name}, `);
});
