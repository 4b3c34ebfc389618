import stringWidth from 'string-width';

/** Rows of text as columns of a terminal, two blanks between them; the columns named in `right` are figures. */
export function tableText(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const cell = (text: string, column: number) => {
    const gap = ' '.repeat((widths[column] ?? 0) - stringWidth(text));
    return right.includes(column) ? gap + text : text + gap;
  };
  return rows.map((row) => `${row.map(cell).join('  ').trimEnd()}\n`).join('');
}
