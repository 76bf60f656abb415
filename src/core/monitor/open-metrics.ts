import { countUpTo, FRAME_TIMERS, Metrics, POINTS, type CounterName, type HistogramState } from '../metrics/index.js';
import type { MonitorSnapshot } from './chronicle.js';
import type { PerformanceMonitor } from './performance-monitor.js';
import { askedOf, PRESSURES, THRESHOLDS, type Cause } from './diagnosis.js';
import { byName, LATENCY } from './session-log.js';

/** The content type of what `openMetrics` answers. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

type Labels = Readonly<Record<string, string>>;
/** What was not told is no sample: never 0. */
type Value = number | string | null | undefined;
type Row = readonly [labels: Labels, value: Value];

const PREFIX = 'stream_manager_';

/** Upper edges of the buckets, in seconds; counts are within 1.6 % of them. */
const EDGES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.033, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
/** Those of latencies: there may be many types of them, and all have to fit into a push. */
const LATENCY_EDGES = [0.1, 0.2, 0.5, 1, 2, 5];

/** Milliseconds after which a measure of the whole page is of another time: there is one in five minutes in the mean, where it is seen. */
const OLD = 900_000;

const STATES = ['idle', 'ok', 'warn', 'bad'] as const;
const CAUSES = [...new Set(Object.keys(THRESHOLDS).map((measure) => measure.split(':')[0]!))].filter(
  (cause) => cause !== 'quality',
) as Cause[];

/**
 * The last snapshot of a monitor, and all that was ever counted, as OpenMetrics 1.0 text. Counters and histograms are of all time, so that whoever
 * collects them sees no step back; gauges are of the last window. No type is used that older parsers of Prometheus do not
 * know.
 *
 * @param labels given to every sample: few, and of few values, such as the name of a producer
 */
export function openMetrics(monitor: Pick<PerformanceMonitor, 'snapshot' | 'counted'>, labels: Labels = {}): string {
  const writer = new Writer(labels);
  const all = new Metrics();
  for (const state of monitor.counted()) all.merge(state);
  const { counters, histograms } = all.state();
  writeCounters(writer, counters);
  writeHistograms(writer, histograms);
  writeGauges(writer, monitor.snapshot());
  return writer.end();
}

function writeCounters(writer: Writer, counters: Readonly<Record<string, number>>): void {
  const of = (name: CounterName | (string & {})): Value => counters[name];
  const named = (kind: string, label: string): Row[] =>
    Object.entries(byName(counters, kind)).map(([name, count]) => [{ [label]: name }, count]);
  const outcomes = (['succeeded', 'failed'] as const).flatMap((outcome) =>
    named(`${outcome}:`, 'operation').map(([labels, count]): Row => [{ ...labels, outcome }, count]),
  );
  const counter = (name: string, help: string, ...rows: Row[]) => writer.family(name, 'counter', help, rows, '_total');
  const one = (name: string, help: string, value: Value) => counter(name, help, [{}, value]);

  counter(
    'frames',
    'Frames, by how far they came.',
    [{ stage: 'captured' }, of('frames:captured')],
    [{ stage: 'taken' }, of('frames:taken')],
    [{ stage: 'shown' }, of('preview:shown')],
    [{ stage: 'sent' }, of('network:frames')],
  );
  counter(
    'dropped_frames',
    'Frames left out; those of the cause rate were not wanted, all others are lost.',
    ...named('frames:dropped:', 'cause'),
    [{ cause: 'preview' }, of('preview:dropped')],
  );
  one('recorded_seconds', 'Seconds that were recorded.', of('record:seconds'));
  one('written_bytes', 'Bytes written to disk.', of('bytes:written'));
  one('sent_bytes', 'Bytes sent to the network.', of('network:bytes'));
  counter('quality_changes', 'Moves between levels of quality.', ...named('quality:', 'direction'));
  counter('captures', 'Captures, by whether a device had to be opened.', ...named('pool:', 'kind'));
  one('audio_clips', 'Runs of samples at full scale.', of('audio:clips'));
  one('page_long_frames', 'Frames of the page that took 50 ms or more.', of('page:frames'));
  one('page_blocked_seconds', 'Time for which the page let others wait.', of('page:blocked'));
  one('gc_seconds', 'Time that went into collecting garbage.', of('gc:seconds'));
  one('gc_pauses', 'Collections of garbage that the page waited for.', of('gc:pauses'));
  counter('operations', 'Operations, by how they ended.', ...outcomes);
  counter('errors', 'Errors, by code.', ...named('error:', 'code'));
}

function writeHistograms(writer: Writer, histograms: Readonly<Record<string, HistogramState>>): void {
  const timed = [...Object.keys(POINTS), ...Object.keys(FRAME_TIMERS)];
  const rows = (all: Readonly<Record<string, HistogramState>>, label: string) =>
    Object.entries(all).map(([name, state]) => [{ [label]: name }, state] as const);
  const stages = Object.fromEntries(timed.flatMap((name) => (histograms[name] ? [[name, histograms[name]]] : [])));
  const { encode } = histograms;
  if (encode) writer.histogram('encoding_time_ms', 'From the encoder taking a frame to its packet.', [[{}, encode]]);
  writer.histogram('stage_seconds', 'Time that each stage takes.', rows(stages, 'stage'));
  const latencies = rows(byName(histograms, LATENCY), 'type');
  writer.histogram('latency_seconds', 'Latencies, by type.', latencies, LATENCY_EDGES);
}

function writeGauges(writer: Writer, snapshot: MonitorSnapshot): void {
  const { capture, preview, encoder, disk, network, audio, page, machine, memory, buffers, diagnosis } = snapshot;
  const gauge = (name: string, help: string, ...rows: Row[]) => writer.family(name, 'gauge', help, rows);
  const one = (name: string, help: string, value: Value) => gauge(name, help, [{}, value]);
  const by = (label: string, values: Readonly<Record<string, Value>>): Row[] =>
    Object.entries(values).map(([name, value]) => [{ [label]: name }, value]);
  const kilo = (bits: number | null | undefined) => (bits === null || bits === undefined ? null : bits / 1000);
  const { agent } = memory;
  const { battery } = machine;

  gauge(
    'fps',
    'Frames a second.',
    ...by('stage', {
      capture: capture.frameRate,
      encode: encoder.frameRate,
      preview: preview.frameRate,
      network: network?.frameRate,
    }),
  );
  one('target_fps', 'Frames a second that the source should give.', capture.target);
  gauge(
    'bitrate_kbps',
    'Kilobits per second.',
    ...by('kind', {
      recording: kilo(disk.bitrate),
      network: kilo(network?.bitrate),
      available: kilo(network?.available),
    }),
  );
  one('queue_size', 'Frames that wait for the encoder, at most.', buffers.encoder?.waiting);
  one('queue_bytes', 'Bytes that wait for the disk, at most.', buffers.disk?.waiting);
  one('queue_packets', 'Packets that wait to be sent, at most.', buffers.network?.waiting);
  gauge(
    'headroom_seconds',
    'Time for which a stage may stand still before something is lost.',
    ...by('queue', {
      encoder: buffers.encoder?.headroom,
      disk: buffers.disk?.headroom,
    }),
  );
  gauge(
    'lost_ratio',
    'Share that is lost, by stage.',
    ...by('stage', {
      capture: capture.lost,
      encoder: encoder.lost,
      disk: disk.lost,
      preview: preview.lost,
      network: network?.lost,
    }),
  );
  gauge(
    'busy_ratio',
    'Share of its time that a stage works.',
    ...by('stage', {
      encoder: encoder.busy,
      disk: disk.busy,
      page: page.blocked,
      gc: machine.gc,
      monitor: snapshot.cost,
    }),
  );
  one('quality_ratio', 'Share of the full quality that is recorded.', encoder.quality);
  const own = Object.values(memory.own).reduce((sum, bytes) => sum + bytes, 0);
  gauge(
    'memory_bytes',
    'Memory, as far as the browser tells.',
    ...by('kind', {
      heap: memory.heap,
      agent: agent === null || agent === 'unsupported' || snapshot.at - agent.at > OLD ? null : agent.bytes,
      limit: memory.limit,
      own: Object.keys(memory.own).length > 0 ? own : null,
    }),
  );
  one('memory_growth_bytes_per_hour', 'Growth of memory.', memory.slope);
  one('round_trip_seconds', 'To the other side and back.', network?.roundTrip);
  one('jitter_seconds', 'Of packets, at the other side.', network?.jitter);
  one('audio_peak_dbfs', 'Highest sample of the last two seconds.', audio?.peak);
  one('audio_true_peak_dbtp', 'Highest true peak.', audio?.truePeak);
  gauge('audio_loudness_lufs', 'Loudness.', ...by('over', { moment: audio?.momentary, all: audio?.integrated }));
  one('audio_silent_seconds', 'Time for which only zeros have come.', audio?.silentFor);
  one('inp_seconds', 'Interaction to next paint, of the page.', page.vitals.inp);
  one('lcp_seconds', 'Largest contentful paint, of the page.', page.vitals.lcp);
  one('cls', 'Cumulative layout shift, of the page.', page.vitals.cls);
  const pressure = PRESSURES.indexOf(machine.cpu as (typeof PRESSURES)[number]);
  one('cpu_pressure', '0 nominal, 1 fair, 2 serious, 3 critical.', pressure < 0 ? null : pressure);
  one('own_cpu_ratio', 'Share of the pressure on the processor that is of this page.', machine.ownCpu);
  one('battery_ratio', 'Charge.', battery === null || battery === 'unsupported' ? null : battery.level);
  one('storage_bytes', 'Storage that is left.', machine.storage);
  one('uptime_seconds', 'Time since the monitor was made, or reset.', snapshot.uptime);
  gauge(
    'state',
    'The state, as the one of these that is 1.',
    ...STATES.map((state): Row => [{ state }, Number(state === diagnosis.state)]),
  );
  const asked = askedOf(snapshot);
  gauge(
    'trouble',
    '0 is none, 1 is a warning, 2 is bad; of what is measured at the moment.',
    ...CAUSES.map((cause): Row => {
      const found = diagnosis.findings.find((finding) => finding.cause === cause);
      return [{ cause }, found ? STATES.indexOf(found.state) - 1 : asked.has(cause) ? 0 : null];
    }),
  );
}

/** Units that a name may end in, for which the format asks for a line of its own. */
const UNIT = /_(seconds|bytes|ms|kbps|ratio)$/;

class Writer {
  readonly #lines: string[] = [];
  readonly #labels: Labels;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** A family without a sample is left out. */
  family(name: string, type: 'counter' | 'gauge', help: string, rows: readonly Row[], suffix = ''): void {
    const told = rows.filter(([, value]) => typeof value === 'number');
    if (told.length > 0) this.#head(name, type, help);
    for (const [labels, value] of told) this.#sample(name + suffix, labels, value as number);
  }

  /** Of histograms in seconds; in milliseconds where the name says so. */
  histogram(name: string, help: string, rows: readonly (readonly [Labels, HistogramState])[], edges = EDGES): void {
    const scale = name.endsWith('_ms') ? 1000 : 1;
    if (rows.length > 0) this.#head(name, 'histogram', help);
    for (const [labels, state] of rows) {
      for (const edge of edges)
        this.#sample(`${name}_bucket`, { ...labels, le: canonical(edge * scale) }, countUpTo(state, edge));
      this.#sample(`${name}_bucket`, { ...labels, le: '+Inf' }, state.count);
      this.#sample(`${name}_count`, labels, state.count);
      this.#sample(`${name}_sum`, labels, state.sum * scale);
    }
  }

  end(): string {
    return [...this.#lines, '# EOF', ''].join('\n');
  }

  #head(name: string, type: string, help: string): void {
    const unit = UNIT.exec(name)?.[1];
    this.#lines.push(`# TYPE ${PREFIX}${name} ${type}`);
    if (unit) this.#lines.push(`# UNIT ${PREFIX}${name} ${unit}`);
    this.#lines.push(`# HELP ${PREFIX}${name} ${help}`);
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries({ ...this.#labels, ...labels }).map(
      ([key, text]) => `${named(key)}="${escaped(text)}"`,
    );
    this.#lines.push(`${PREFIX}${name}${pairs.length > 0 ? `{${pairs.join()}}` : ''} ${numeral(value)}`);
  }
}

const numeral = (value: number): string =>
  Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';

/** An edge as the format wants it: whole numbers with their fraction. */
function canonical(value: number): string {
  const rounded = Number(value.toPrecision(6));
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

/** What the format allows as the name of a label. */
const named = (key: string): string => key.replace(/^(?=\d)|\W/g, '_');

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
