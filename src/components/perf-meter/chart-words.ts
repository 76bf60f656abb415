/** What charts say, in English; a page replaces it by `configureMessages`, under the same keys. */
export const chartWords = {
  'perf.chart.none': 'Nothing was measured yet.',
  'perf.chart.frames': 'Frames a second',
  'perf.chart.lost': 'Frames lost',
  'perf.chart.busy': 'Encoder busy, page blocked',
  'perf.chart.bitrate': 'Bits a second',
  'perf.chart.write': 'Time of a write, 95 in 100',
  'perf.chart.headroom': 'Time until the encoder loses frames',
  'perf.chart.memory': 'Memory',
  'perf.chart.now': 'now',
  'perf.chart.range': '{low} to {high}, median {median}',
} as const;

export type ChartWord = keyof typeof chartWords;
