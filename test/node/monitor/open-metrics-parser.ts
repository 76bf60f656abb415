import assert from 'node:assert/strict';

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Family {
  name: string;
  type: string;
  unit: string;
  help: string;
  samples: Sample[];
}

/** Suffixes that samples of a type have (OpenMetrics 1.0, "Metric Types"); of those that we make. */
const SUFFIXES: Record<string, string[]> = {
  gauge: [''],
  counter: ['_total', '_created'],
  histogram: ['_bucket', '_count', '_sum', '_created'],
};

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads OpenMetrics 1.0 text, strictly, and throws where a rule is broken: metadata before samples and once, families in
 * one piece, names with the suffixes of their type and the unit of their own, no label and no series twice, counters and
 * buckets that make sense, and the end.
 */
export function parseOpenMetrics(text: string): Map<string, Family> {
  assert.ok(text.endsWith('\n# EOF\n') || text === '# EOF\n', 'the end');
  assert.ok(!text.includes('\r') && !text.includes('\n\n'), 'lines');
  const families = new Map<string, Family>();
  const series = new Set<string>();
  let current: Family = { name: '', type: '', unit: '', help: '', samples: [] };
  for (const line of text.split('\n').slice(0, -2)) {
    if (line.startsWith('#')) {
      const [, kind, name, rest] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? assert.fail(line);
      if (current.name !== name) {
        assert.ok(!families.has(name!), `${name} is in two pieces`);
        current = { name: name!, type: '', unit: '', help: '', samples: [] };
        families.set(name!, current);
      }
      assert.equal(current.samples.length, 0, `metadata behind samples: ${line}`);
      const key = kind!.toLowerCase() as 'type' | 'unit' | 'help';
      assert.equal(current[key], '', `twice: ${line}`);
      current[key] = rest!;
      if (kind === 'TYPE') assert.ok(rest! in SUFFIXES, line);
      if (kind === 'UNIT') assert.ok(name!.endsWith(`_${rest}`), `the unit is not in the name: ${line}`);
      if (kind === 'HELP') assert.doesNotMatch(rest!, /(^|[^\\])(\\\\)*\\([^\\n"]|$)/, line);
      continue;
    }
    const sample = parseSample(line);
    assert.ok(current.type, `no type: ${line}`);
    const suffix = sample.name.slice(current.name.length);
    assert.ok(
      sample.name.startsWith(current.name) && SUFFIXES[current.type]!.includes(suffix),
      `no part of ${current.name}: ${line}`,
    );
    const id = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    assert.ok(!series.has(id), `twice: ${line}`);
    series.add(id);
    if (current.type !== 'gauge') assert.ok(sample.value >= 0, line);
    assert.equal('le' in sample.labels, suffix === '_bucket', line);
    current.samples.push(sample);
  }
  for (const family of families.values()) {
    assert.ok(family.samples.length > 0, `${family.name} is empty`);
    if (family.type === 'histogram') checkHistogram(family);
    // The unit is told where the name tells it.
    const told = /_(seconds|bytes|ratio|ms|kbps)$/.exec(family.name)?.[1];
    if (told) assert.equal(family.unit, told, family.name);
  }
  const names = [...families.values()].flatMap(({ name, type }) => SUFFIXES[type]!.map((suffix) => name + suffix));
  assert.equal(new Set(names).size, names.length, 'families whose samples could be taken for each other');
  return families;
}

function parseSample(line: string): Sample {
  const [, name, inner, number] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (inner && LABEL.lastIndex < inner.length) {
    const [, label, value, end] = LABEL.exec(inner) ?? assert.fail(`no label: ${line}`);
    assert.ok(!(label! in labels), `twice ${label}: ${line}`);
    labels[label!] = value!.replace(/\\([\\"n])/g, (_, char: string) => (char === 'n' ? '\n' : char));
    assert.ok(end === '' || LABEL.lastIndex < inner.length, `a comma at the end: ${line}`);
  }
  return { name: name!, labels, value: parseNumber(number!, line) };
}

function parseNumber(text: string, line: string): number {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  if (text === 'NaN') return NaN;
  assert.match(text, NUMBER, line);
  return Number(text);
}

function checkHistogram({ name, samples }: Family): void {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  for (const [key, group] of groups) {
    const buckets = group.filter((sample) => sample.name.endsWith('_bucket'));
    const edges = buckets.map(({ labels }) => {
      assert.match(labels['le']!, /^(\+Inf|.*[.e].*)$/, `${name}: an edge is a float`);
      return parseNumber(labels['le']!, name);
    });
    assert.equal(edges.at(-1), Infinity, `${name} ${key}`);
    edges.forEach((edge, index) => index > 0 && assert.ok(edge > edges[index - 1]!, `${name}: edges in order`));
    buckets.forEach(
      ({ value }, index) => index > 0 && assert.ok(value >= buckets[index - 1]!.value, `${name}: cumulative`),
    );
    const count = group.filter((sample) => sample.name.endsWith('_count'));
    assert.deepEqual(
      count.map(({ value }) => value),
      [buckets.at(-1)!.value],
      `${name} ${key}: count`,
    );
    assert.equal(group.filter((sample) => sample.name.endsWith('_sum')).length, 1, `${name} ${key}: sum`);
  }
}
