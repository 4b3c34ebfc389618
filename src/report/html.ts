import { cut } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import { markup } from './markup.ts';
import { findings } from './page/findings.ts';
import { header } from './page/header.ts';
import { renderPage } from './page/page.ts';
import { probes } from './page/probes.ts';
import { runbook } from './page/runbook.ts';
import {
  expectations,
  faults,
  oddTraffic,
  outcomes,
  particulars,
  reasons,
  recovery,
  replaced,
} from './page/sections.ts';
import { section } from './page/table.ts';
import { timeline } from './page/timeline.ts';
import { VERDICT_WORDS } from './words.ts';

/** The report of a run as one HTML file that needs no network and stays under 1 MB. */
export function renderHtml(judged: JudgedRun): string {
  const { run, verdict } = judged;
  return renderPage(
    `${VERDICT_WORDS[verdict.verdict].word}: ${cut(run.scenario.name, 120)}`,
    markup`${header(judged)}${section('timeline', 'Timeline', timeline(judged))}${section('outcomes', 'Outcomes per checkpoint', outcomes(judged))}${section('reasons', 'Reasons', reasons(judged))}${section('expectations', 'Expectations', expectations(judged))}${section('faults', 'Faults', faults(judged))}${section('replaced', 'Replaced', replaced(judged))}${section('odd-traffic', 'Odd traffic', oddTraffic(judged))}${section('probes', 'Probes', probes(judged))}${section('runbook', 'The common guide, carried out as written', runbook(judged))}${section('recovery', 'Recovery', recovery(judged))}${section('findings', 'Findings', findings(judged))}${section('particulars', 'Particulars', particulars(judged))}`,
    {
      styles: ['uplot/dist/uPlot.min.css', './page/style.css'],
      scripts: ['uplot/dist/uPlot.iife.min.js', './page/script.js'],
    },
  );
}
