import type { Scenario } from '../../scenario/scenario.ts';

/** Where a scenario that was found came from. */
export interface Origin {
  /** Id of the run that failed. */
  readonly run: string;
  /** How many steps its timeline had. */
  readonly steps: number;
  /** Why it failed, in a sentence. */
  readonly sentence: string;
  /** The command that shows the failure again. */
  readonly command: string;
}

/** The text of a scenario file: what `run FILE` takes. */
export function scenarioText(scenario: Scenario, origin: Origin): string {
  const comment = [
    `Reduced from the ${origin.steps} steps of the run ${origin.run}.`,
    origin.sentence,
    `See it fail: ${origin.command}`,
  ];
  const lines = comment.map((line) => ` * ${line.replaceAll('*/', '* /')}`);
  return `/**\n${lines.join('\n')}\n */\nexport default ${JSON.stringify(scenario, null, 2)};\n`;
}
