import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** What a note of a test begins with that was left out because its statement is not about what is up (`target.ts`). */
const NOT_FOR = /^not for /;

/**
 * Prints at the end how many statements hold, and which are not about this version or write mode, by the reason. Any other that was
 * left out makes the suite fail, unless only those of a name were asked for (`-t`): it would stand there as if it held.
 */
export default class Summary implements Reporter {
  #areNamed = false;

  onInit({ config }: Vitest): void {
    this.#areNamed = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, unexplained: 0 };
    const leftOut = new Map<string, string[]>();
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'failed') counts.failed += 1;
        else if (result.state === 'skipped' && NOT_FOR.test(result.note ?? '')) {
          const reason = result.note ?? '';
          leftOut.set(reason, [...(leftOut.get(reason) ?? []), test.fullName]);
        } else counts.unexplained += 1;
      }
    }
    for (const [reason, names] of leftOut)
      console.info(`\n${reason}:\n${names.map((name) => `  ${name}`).join('\n')}`);
    const others = [...leftOut.values()].flat().length;
    console.info(
      `\nStatements: ${counts.passed} hold, ${counts.failed} do not, ${others} are not for this version or way to run it, ${counts.unexplained} were not tested.`,
    );
    if (counts.unexplained > 0 && !this.#areNamed) process.exitCode = 1;
  }
}
