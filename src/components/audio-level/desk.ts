import type { nothing, TemplateResult } from 'lit';
import {
  CHANNEL_LAYOUTS,
  LevelMeter,
  type ChannelLayout,
  type LevelMeterPhase,
  type LevelMeterState,
  type Levels,
} from '../../core/audio/index.js';
import type { OnAirError } from '../../core/errors.js';
import { message } from '../../core/messages.js';
import type { MediaProducer } from '../../core/producer/index.js';
import { ClipEvent, SilenceEvent } from '../events.js';
import { nearestLang } from '../shared/lang.js';
import type { OaAudioLevel } from './audio-level.js';
import { words, type Word } from './desk-words.js';
import { flagsOf, isSoundless, lackOf } from './flags.js';
import { MediaTap } from './media-tap.js';
import { renderHint, renderMeter, type MeterActions } from './meter-view.js';
import { Pacer } from './pacer.js';
import { Painter } from './painter.js';
import { makePlan, type Plan, type Say } from './plan.js';
import type { Sound, Wanted } from './sources.js';
import { Watch } from './watch.js';

export { deskStyles } from './desk-styles.js';

/** What the element does for it. */
export interface DeskHooks {
  /** The state, a flag, or what is to be shown beside the levels is another. */
  readonly changed: () => void;
  readonly announce: (sentence: string) => void;
  readonly failed: (error: OnAirError) => void;
}

/** What a change of state is told by; those that are not here pass, or are told as a fault. */
const TOLD: { readonly [P in LevelMeterPhase]?: Word } = {
  muted: 'level.told.muted',
  suspended: 'level.told.suspended',
  stale: 'level.told.stale',
  ended: 'level.told.ended',
};

/** Those who tell of the sound of a producer, in the order in which they came. */
const tellers = new WeakMap<MediaProducer, readonly (() => Levels | null)[]>();

/** What is drawn before the first levels. */
const UNKNOWN = { channels: [null, null], layout: 'stereo' } as const;

/** What an element does once there is a sound: measures, watches, draws. It is loaded with the first one. */
export class Desk {
  readonly #host: OaAudioLevel;
  readonly #hooks: DeskHooks;
  readonly #pacer: Pacer;
  #watch = new Watch();
  #wanted: Wanted | null = null;
  #tap: MediaTap | null = null;
  #meter: LevelMeter | null = null;
  /** What the meter was given. */
  #used: MediaStream | AudioNode | null = null;
  #options: { owner: object; layout: ChannelLayout | null } | null = null;
  #settings = { loudness: false, layout: null as ChannelLayout | null, paused: false };
  #unfollow: () => void = () => {};
  /** The producer whose sound this is, whose monitors are told. */
  #producer: MediaProducer | null = null;
  /** Those of a source that is over. */
  #last: Levels | null = null;
  #told: LevelMeterPhase = 'idle';
  #toldFlags = 0;
  #toldError: OnAirError | null = null;
  #plan: Plan | null = null;
  #painter: Painter | null = null;

  constructor(host: OaAudioLevel, hooks: DeskHooks) {
    this.#host = host;
    this.#hooks = hooks;
    this.#pacer = new Pacer(host, {
      differs: (text) => this.#painter?.differs(text) ?? false,
      draw: (text) => this.#painter?.draw(text),
    });
  }

  get state(): LevelMeterPhase {
    if (this.#tap?.problem) return 'failed';
    if (this.#tap?.held) return 'suspended';
    return this.#meter?.state ?? (this.#last ? 'ended' : 'idle');
  }

  get levels(): Levels | null {
    return this.#meter?.levels ?? this.#last;
  }

  get error(): OnAirError | null {
    return this.#tap?.problem ?? this.#meter?.error ?? null;
  }

  /** States of the element beside that of the meter. */
  get flags(): string[] {
    return [this.#clipped ? 'clipped' : '', this.#watch.silent ? 'silent' : ''];
  }

  /** Meters this from now on; null for nothing: the last levels stay. */
  use(wanted: Wanted | null, loudness: boolean, layout: string | null, paused: boolean): void {
    const known = CHANNEL_LAYOUTS.find((name) => name === layout) ?? null;
    this.#settings = { loudness, layout: known, paused };
    if (wanted?.sound !== this.#wanted?.sound) this.#take(wanted);
    else this.#arrange();
  }

  /** Begins anew; of a source that is over, nothing is left. One that has failed is tried again. */
  reset(): void {
    this.#meter?.reset();
    this.#watch.reset();
    this.#last = null;
    this.#used = null;
    this.#arrange();
  }

  /** Lets go of everything. */
  close(): void {
    this.#tap?.close();
    this.#retire(null);
    this.#pacer.close();
    this.#painter?.close();
  }

  render(lang: string): TemplateResult | typeof nothing {
    const { state } = this;
    const say: Say = (key, values) => message(key, lang, values, words);
    const hint = this.#hint(say);
    this.#plan = state === 'idle' || state === 'failed' ? null : this.#makePlan(lang, say);
    if (!this.#plan) return renderHint(hint);
    return renderMeter({
      plan: this.#plan,
      say,
      flags: flagsOf(this.#phase, this.#clipped, this.#watch.silent, this.#host),
      hint,
      suspended: state === 'suspended',
      paused: this.#host.paused,
      integrates: this.#host.mode === 'loudness',
      actions: this.#actions,
    });
  }

  /** To be called after what `render` gave is in the document. */
  updated(root: ParentNode): void {
    this.#painter?.close();
    this.#painter = this.#plan && new Painter(root, this.#plan, () => this.levels);
    this.#pacer.want(true);
  }

  #take(wanted: Wanted | null): void {
    this.#wanted = wanted;
    this.#tap?.close();
    this.#tap = null;
    const sound = wanted?.sound;
    if (sound instanceof HTMLMediaElement) {
      this.#tap = new MediaTap(sound, () => this.#arrange());
      this.#tap.open();
    }
    this.#arrange();
  }

  get #sound(): Exclude<Sound, HTMLMediaElement> | null {
    if (this.#tap) return this.#tap.sound;
    return (this.#wanted?.sound as MediaStream | AudioNode | undefined) ?? null;
  }

  /** Sees to it that what is wanted is metered as it is wanted. */
  #arrange(): void {
    const sound = this.#sound;
    const owner = this.#wanted?.owner;
    if (!sound || !owner) this.#retire(this.levels);
    else this.#measure(sound, owner);
    this.#tell();
    if (this.#tap?.problem) this.#complain(this.#tap.problem);
  }

  #measure(sound: MediaStream | AudioNode, owner: object): void {
    const { loudness, paused } = this.#settings;
    const before = this.#meter;
    if (!this.#fits(owner)) this.#renew(owner);
    const meter = this.#meter!;
    if (loudness) meter.measureLoudness();
    if (paused !== meter.store.get().paused) meter[paused ? 'pause' : 'resume']();
    // One that has failed with it would fail, and complain, again with whatever else is another.
    if (sound === this.#used) return;
    this.#used = sound;
    const used = meter.use(sound);
    // Only when the new one has the AudioContext that they may share: with the last meter it would be closed.
    if (before && before !== meter) void used.then(() => before.close());
  }

  /** What measures more than it has to goes on: what was integrated would be lost. */
  #fits(owner: object): boolean {
    return this.#meter !== null && this.#options?.owner === owner && this.#options.layout === this.#settings.layout;
  }

  #renew(owner: object): void {
    const { loudness, layout } = this.#settings;
    this.#unfollow();
    this.#watch = new Watch();
    this.#last = null;
    this.#options = { owner, layout };
    this.#used = null;
    this.#meter = new LevelMeter({ owner, loudness, layout });
    this.#unfollow = this.#meter.store.subscribe(this.#follow);
    this.#share('store' in owner ? (owner as MediaProducer) : null);
  }

  #retire(last: Levels | null): void {
    this.#share(null);
    this.#unfollow();
    this.#meter?.close();
    this.#meter = null;
    this.#options = null;
    this.#used = null;
    this.#last = last;
    this.#watch = new Watch();
  }

  /** Of one that several meter the last one to come tells, of those that are left. */
  #share(producer: MediaProducer | null): void {
    const before = this.#producer;
    if (before === producer) return;
    this.#producer = producer;
    const others = (of: MediaProducer) => (tellers.get(of) ?? []).filter((one) => one !== this.#measured);
    if (before) {
      const left = others(before);
      tellers.set(before, left);
      if (before.store.get().levels === this.#measured) before.store.set({ levels: left.at(-1) ?? null });
    }
    if (producer) {
      tellers.set(producer, [...others(producer), this.#measured]);
      producer.store.set({ levels: this.#measured });
    }
  }

  /** Zeros that have a reason, and what is left of a source that has ended, are told to nobody. */
  readonly #measured = (): Levels | null => {
    const { levels } = this;
    return levels && this.#expected ? { ...levels, silentFor: this.#watch.silentFor(levels) } : null;
  };

  #follow = (now: LevelMeterState, before: LevelMeterState): void => {
    const { levels, error } = now;
    // Time begins anew with another context, and what was known before a reset is known no more.
    if (!levels) this.#watch = new Watch();
    // Of what is held back or over nobody knows that it is silent. What is stale may be still.
    else if (now.state !== 'stale') this.#look(levels, before.levels);
    if (now.state !== before.state || now.paused !== before.paused) this.#tell();
    if (error && error !== before.error) this.#complain(error);
  };

  #look(levels: Levels, before: Levels | null): void {
    const news = this.#watch.look(levels, this.#expected);
    this.#pacer.want();
    const changed =
      levels.channels.length !== before?.channels.length ||
      levels.layout !== before.layout ||
      (levels.truePeak === null) !== (before.truePeak === null);
    const flags = Number(this.#clipped) + 2 * Number(this.#watch.silent);
    if (changed || flags !== this.#toldFlags) this.#hooks.changed();
    this.#toldFlags = flags;
    if (news.clip) this.#host.dispatchEvent(new ClipEvent(levels.clippedAt!, levels.clips!, levels.clippedSamples!));
    if (news.silence) this.#host.dispatchEvent(new SilenceEvent(this.#watch.silentSince, this.#watch.silences));
    if (news.told.length > 0) this.#say(...news.told);
  }

  /** Whether silence is worth a word. */
  get #expected(): boolean {
    return this.#meter?.state === 'running' && (this.#tap?.playing ?? true);
  }

  get #clipped(): boolean {
    return (this.levels?.clips ?? 0) > 0;
  }

  /** What is told of the state: where there never was a sound, none has ended. */
  get #phase(): LevelMeterPhase {
    const { state } = this;
    return state === 'ended' && !this.levels && isSoundless(this.#sound) ? 'idle' : state;
  }

  #tell(): void {
    const state = this.#phase;
    const before = this.#told;
    this.#told = state;
    this.#hooks.changed();
    if (state === before) return;
    const word = TOLD[state] ?? (state === 'running' && TOLD[before] ? 'level.told.running' : null);
    if (word) this.#say(word);
  }

  #complain(error: OnAirError): void {
    if (error === this.#toldError) return;
    this.#toldError = error;
    this.#hooks.failed(error);
  }

  /** All at once: what is said next takes the place of what was said. */
  #say(...told: Word[]): void {
    const lang = nearestLang(this.#host);
    const name = this.#host.label || message('level.label', lang, {}, words);
    this.#hooks.announce(told.map((word) => message(word, lang, { name }, words)).join(' '));
  }

  #hint(say: Say): string | null {
    const lack = this.#tap?.lack;
    return lack ? say(lack) : lackOf(this.#sound, this.levels, this.#host.mode, say);
  }

  #makePlan(lang: string, say: Say): Plan {
    const { mode, activeScale, unit, aim, orientation } = this.#host;
    const { levels } = this;
    const { channels, layout } = levels ?? UNKNOWN;
    return makePlan(
      { mode, scale: activeScale, unit, target: aim, orientation, lang, layout, channels: channels.length },
      say,
    );
  }

  readonly #actions: MeterActions = {
    pause: () => {
      this.#host.pause();
      this.#say('level.told.paused');
    },
    resume: () => {
      this.#host.resume();
      this.#say('level.told.resumed');
    },
    reset: () => {
      this.#host.reset();
      this.#say('level.told.reset');
    },
    // What was made here hears of any gesture by itself. One of the page may be closed by now.
    letIn: () => {
      const sound = this.#sound;
      if (sound instanceof AudioNode) (sound.context as AudioContext).resume().catch(() => {});
    },
  };
}
