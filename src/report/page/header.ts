import { expectedFailure, langfuseText, otherPipeline, settingTexts, targetNotes } from '../describe.ts';
import { cut, formatCount, formatDuration, formatInstant, formatQuantity } from '../format.ts';
import type { JudgedRun } from '../judged-run.ts';
import { type Markup, markup } from '../markup.ts';
import { formatValue, isBad } from '../outcome-table.ts';
import { CHECKPOINT_WORDS, VERDICT_WORDS } from '../words.ts';

/** Verdict, sentence, key figures, what the run was, and the command that repeats it. */
export function header({ run, verdict }: JudgedRun): Markup {
  const { word, sign } = VERDICT_WORDS[verdict.verdict];
  const expected = expectedFailure({ run, verdict });
  const settings = settingTexts(run);
  const pipeline = otherPipeline(run);
  const langfuse = langfuseText(run);
  const notes = targetNotes(run);
  return markup`<header>
<p class="brand">langfuse-chaos <span>run report</span></p>
<div class="verdict ${verdict.verdict}">
<h1><span class="badge"><span aria-hidden="true">${sign}</span> ${word}</span> ${cut(run.scenario.name, 120)}</h1>
<p class="sentence">${cut(verdict.sentence, 2000)}</p>
${expected === undefined ? markup`` : markup`<p>${cut(expected, 1000)}</p>`}
</div>
${keyFigures(verdict)}
<dl class="facts">
${fact('Proves', cut(run.scenario.proves, 1000))}
${run.scenario.reproduces ? fact('Reproduces', cut(run.scenario.reproduces, 300)) : markup``}
${fact('Run', cut(run.id, 200))}
${fact('Started', formatInstant(run.startedAt))}
${fact('Took', run.endedAt === undefined ? 'not ended' : formatDuration(run.endedAt - run.startedAt))}
${fact('Traffic', trafficOf(verdict.counts))}
${fact('Stack', cut(run.stack, 100))}
${langfuse === undefined ? markup`` : fact('Langfuse', langfuse)}
${pipeline === undefined ? markup`` : fact('Pipeline', markup`<b>${pipeline}</b>`)}
${settings.length === 0 ? markup`` : fact('Settings', cut(settings.join(' '), 2000))}
${notes.length === 0 ? markup`` : fact('About the target', cut(notes.join(' '), 400))}
${fact('Seed', markup`<code>${cut(run.seed, 200)}</code>`)}
</dl>
<div class="command"><span class="command-name" id="command-name">Repeat this run</span><code id="command" tabindex="0" aria-labelledby="command-name">${cut(run.command, 4000)}</code><button type="button" id="copy" hidden>Copy</button></div>
</header>
`;
}

function trafficOf(counts: JudgedRun['verdict']['counts']): string {
  const parts = [
    `${formatQuantity(counts.events, 'event')} of ${formatQuantity(counts.entities, 'entity', 'entities')} in ${formatQuantity(counts.requests, 'request')}`,
  ];
  if (counts.refused > 0) parts.push(`${formatCount(counts.refused)} refused`);
  if (counts.indeterminate > 0) parts.push(`${formatCount(counts.indeterminate)} without a clear answer`);
  return parts.join(', ');
}

function fact(name: string, value: string | Markup): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** The five numbers that tell the story; without a checkpoint only what was sent. */
function keyFigures({ counts, checkpoints }: JudgedRun['verdict']): Markup {
  const tiles = [tile('acknowledged', counts.acknowledged, `of ${formatCount(counts.events)} sent`)];
  const settled = checkpoints.find((checkpoint) => checkpoint.name === 'settled') ?? checkpoints[0];
  const last = checkpoints.at(-1);
  if (settled && last) {
    const retried = checkpoints.find((checkpoint) => checkpoint.name === 'after-retry') ?? settled;
    const missing = Object.values(settled.missing).reduce((sum, count) => sum + count, 0);
    const recovered = last.outcomes['recovered-by-retry'] + last.outcomes['recovered-by-replay'];
    const wrong = Object.entries(last.outcomes)
      .filter(([outcome]) => outcome !== 'lost' && isBad(outcome as keyof typeof last.outcomes))
      .reduce((sum, [, count]) => sum + count, 0);
    tiles.push(
      tile('missing', missing, CHECKPOINT_WORDS[settled.name], missing > 0 ? 'warn' : ''),
      tile(
        'blind loss',
        retried.name === 'heal' ? undefined : retried.blindLoss,
        CHECKPOINT_WORDS[retried.name],
        retried.blindLoss > 0 ? 'warn' : '',
      ),
      tile('brought back', recovered, 'by retry and replay'),
      tile('lost', last.outcomes.lost, 'in the end', last.outcomes.lost > 0 ? 'bad' : ''),
    );
    if (wrong > 0) tiles.push(tile('otherwise wrong', wrong, 'in the end', 'bad'));
  }
  return markup`<ul class="figures">${tiles}</ul>`;
}

function tile(name: string, value: number | undefined, note: string, tone: 'bad' | 'warn' | '' = ''): Markup {
  return markup`<li class="${tone}"><span class="name">${name}</span> <span class="value">${formatValue(value)}</span> <span class="of">${note}</span></li>`;
}
