/*
 * Runs inside the report, in any current browser, after uPlot: draws the charts, filters the findings, copies
 * the command. The page reads well without it.
 */
(() => {
  const byId = (id) => document.getElementById(id);

  const offset = (seconds) => {
    const whole = Math.abs(Math.round(seconds));
    const two = (number) => String(number).padStart(2, '0');
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    const clock = hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
    return seconds < 0 && whole > 0 ? `-${clock}` : clock;
  };
  const number = (value) =>
    value === null || value === undefined
      ? ''
      : value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });

  /** Colours live in the style sheet; paper is always light. */
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const AXIS = 78;
  const RIGHT = 16;
  const PAPER_WIDTH = 680;

  /** Fault windows behind the lines, checkpoints as dashed lines before them. */
  function marks(data) {
    const band = (u, from, to, fill) => {
      const left = u.valToPos(Math.max(from, data.from), 'x', true);
      const right = u.valToPos(Math.min(to, data.to), 'x', true);
      if (right <= left) return;
      u.ctx.fillStyle = fill;
      u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    };
    const line = (u, at, stroke, dash) => {
      const x = Math.round(u.valToPos(at, 'x', true)) + 0.5;
      u.ctx.strokeStyle = stroke;
      u.ctx.lineWidth = devicePixelRatio;
      u.ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
      u.ctx.beginPath();
      u.ctx.moveTo(x, u.bbox.top);
      u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
      u.ctx.stroke();
    };
    return {
      drawClear: (u) => {
        u.ctx.save();
        for (const fault of data.faults) {
          band(u, fault.from, fault.to, colour(fault.felt === null ? 'band-unfelt' : 'band-fault'));
          if (fault.felt === null) continue;
          band(u, fault.to, fault.healed, colour('band-healing'));
          line(u, fault.felt, colour('mark-fault'), [1, 3]);
        }
        u.ctx.restore();
      },
      draw: (u) => {
        u.ctx.save();
        for (const at of data.checkpoints) line(u, at, colour('mark-checkpoint'), [4, 3]);
        u.ctx.restore();
      },
    };
  }

  function chart(data, { id, title, height, series, last }) {
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const { drawClear, draw } = marks(data);
    const grid = { stroke: () => colour('rule'), width: 1 };
    const options = {
      title,
      width: byId(id).clientWidth,
      height: height + (last ? 32 : 8),
      padding: [8, RIGHT, 0, 0],
      legend: { markers: { dash: (_u, index) => (series[index - 1]?.dash ? 'dashed' : 'solid') } },
      cursor: { sync: { key: 'run' }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
      scales: {
        x: { time: false, range: [data.from, data.to] },
        y: { range: (_u, _min, max) => [0, Math.max(1, max ?? 1) * 1.08] },
      },
      axes: [
        {
          font,
          stroke: () => colour('muted'),
          grid,
          ticks: { ...grid, size: 4, show: last },
          gap: 6,
          size: last ? 32 : 8,
          incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400],
          values: (_u, splits) => splits.map((at) => (last ? offset(at) : '')),
        },
        {
          font,
          stroke: () => colour('muted'),
          grid,
          ticks: { show: false },
          gap: 8,
          size: AXIS,
          space: 28,
          incrs: [1, 2, 5, 10, 20, 50]
            .flatMap((step) => [step])
            .concat([100, 1e3, 1e4, 1e5, 1e6, 1e7].flatMap((step) => [step, 2 * step, 5 * step])),
          values: (_u, splits) => splits.map(number),
        },
      ],
      series: [
        { label: 'time', value: (_u, at) => (at === null || at === undefined ? '' : offset(at)) },
        ...series.map(({ label, ink, width = 1.5, dash, area }) => ({
          label,
          stroke: () => colour(ink),
          width,
          ...(dash ? { dash } : {}),
          ...(area ? { fill: () => colour(`${ink}-area`) } : {}),
          points: { show: data.at.length < 2 },
          value: (_u, value) => number(value),
        })),
      ],
      hooks: { drawClear: [drawClear], draw: [draw] },
    };
    return new uPlot(options, [data.at, ...series.map(({ values }) => values)], byId(id));
  }

  function drawTimeline() {
    const source = byId('timeline-data');
    if (!source) return;
    const data = JSON.parse(source.textContent);
    const charts = [
      chart(data, {
        id: 'chart-rates',
        title: 'Events per second',
        height: 190,
        series: [
          { label: 'seen in ClickHouse', ink: 'landed', values: data.landed, width: 2, area: true },
          { label: 'acknowledged', ink: 'acknowledged', values: data.acknowledged },
          { label: 'sent', ink: 'sent', values: data.sent, dash: [5, 4] },
        ],
      }),
      chart(data, {
        id: 'chart-queue',
        title: 'Jobs in the ingestion queue',
        height: 130,
        series: [
          { label: 'delayed', ink: 'delayed', values: data.delayed, width: 2, area: true },
          { label: 'waiting', ink: 'waiting', values: data.waiting },
          { label: 'active', ink: 'active', values: data.active, dash: [5, 4] },
        ],
      }),
      chart(data, {
        id: 'chart-failed',
        title: 'Failed set',
        height: 80,
        last: true,
        series: [{ label: 'failed', ink: 'failed', values: data.failed, width: 2, area: true }],
      }),
    ];
    const resize = (width) => {
      for (const one of charts) one.setSize({ width, height: one.height });
    };
    const repaint = () => {
      for (const one of charts) one.redraw(false, true);
    };
    const box = byId('chart-rates');
    new ResizeObserver(() => resize(box.clientWidth)).observe(box);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
    addEventListener('beforeprint', () => {
      document.documentElement.classList.add('paper');
      resize(PAPER_WIDTH);
      repaint();
    });
    addEventListener('afterprint', () => {
      document.documentElement.classList.remove('paper');
      resize(box.clientWidth);
      repaint();
    });
  }

  function filterFindings() {
    const form = byId('filters');
    if (!form) return;
    const rows = [...byId('findings-table').tBodies[0].rows].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      outcome: row.dataset.outcome,
      stages: row.dataset.stages.split(' '),
    }));
    const apply = () => {
      const text = byId('filter-text').value.trim().toLowerCase();
      const outcome = byId('filter-outcome').value;
      const stage = byId('filter-stage').value;
      let shown = 0;
      for (const entry of rows) {
        const fits =
          entry.text.includes(text) &&
          (outcome === '' || entry.outcome === outcome) &&
          (stage === '' || entry.stages.includes(stage));
        entry.row.hidden = !fits;
        if (fits) shown += 1;
      }
      byId('filter-count').textContent = `${number(shown)} of ${number(rows.length)} shown`;
    };
    form.hidden = false;
    form.addEventListener('input', apply);
    form.addEventListener('submit', (event) => event.preventDefault());
    apply();
  }

  function copyCommand() {
    const button = byId('copy');
    const command = byId('command');
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        button.textContent = 'Copied';
      } catch {
        // A file opened from disk may not write to the clipboard everywhere: leave the text selected.
        getSelection().selectAllChildren(command);
        button.textContent = 'Selected';
      }
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
  }

  copyCommand();
  filterFindings();
  drawTimeline();
})();
