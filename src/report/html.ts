import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cut } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import { Markup, markup } from './markup.ts';
import { findings } from './page/findings.ts';
import { header } from './page/header.ts';
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
} from './page/sections.ts';
import { section } from './page/table.ts';
import { timeline } from './page/timeline.ts';
import { VERDICT_WORDS } from './words.ts';

/**
 * The report of a run as one HTML file that needs no network and stays under 1 MB: style sheet, script and uPlot
 * are inside. Its content security policy names the two scripts by their hashes and allows nothing else, so even
 * markup that slipped in could neither run nor fetch anything.
 */
export function renderHtml(judged: JudgedRun): string {
  const { run, verdict } = judged;
  const styles = [fileText('uplot/dist/uPlot.min.css'), fileText('./page/style.css')];
  const scripts = [fileText('uplot/dist/uPlot.iife.min.js'), fileText('./page/script.js')];
  const policy = `default-src 'none'; img-src data:; style-src ${hashes(styles)}; script-src ${hashes(scripts)}; base-uri 'none'; form-action 'none'`;
  return `${markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${VERDICT_WORDS[verdict.verdict].word}: ${cut(run.scenario.name, 120)} – langfuse-chaos</title>
${styles.map((text) => new Markup(`<style>${text}</style>\n`))}</head>
<body>
<main>
${header(judged)}${section('timeline', 'Timeline', timeline(judged))}${section('outcomes', 'Outcomes per checkpoint', outcomes(judged))}${section('reasons', 'Reasons', reasons(judged))}${section('expectations', 'Expectations', expectations(judged))}${section('faults', 'Faults', faults(judged))}${section('odd-traffic', 'Odd traffic', oddTraffic(judged))}${section('probes', 'Probes', probes(judged))}${section('runbook', 'The common guide, carried out as written', runbook(judged))}${section('recovery', 'Recovery', recovery(judged))}${section('findings', 'Findings', findings(judged))}${section('particulars', 'Particulars', particulars(judged))}</main>
${scripts.map((text) => new Markup(`<script>${text}</script>\n`))}</body>
</html>`}\n`;
}

/** A file of an npm package or of this folder; there is no build step that could have put it here. */
function fileText(specifier: string): string {
  return readFileSync(fileURLToPath(import.meta.resolve(specifier)), 'utf8');
}

function hashes(texts: readonly string[]): string {
  return texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
}
