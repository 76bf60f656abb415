/** The text of docs/elements.md and docs/errors.md, made of the manifest and the sources, so that it cannot drift from them. */
import { format } from 'prettier';
import { codes, interfaceOf, sentencesOf } from './sources.mjs';

/** In the order in which a page needs them; what is new comes after. */
const ORDER = [
  'media-producer',
  'stream-recorder',
  'recording-library',
  'stream-publisher',
  'audio-level',
  'perf-meter',
  'stream-pool-status',
];

/** Plain data that elements hand out, after what hands it out. */
export const DATA = [
  'Recording',
  'Guarantee',
  'StorageState',
  'PublisherStats',
  'Levels',
  'ChannelLevels',
  'LoudnessLevels',
  'ProducerMetricsSnapshot',
  'MonitorSnapshot',
  'Diagnosis',
  'Finding',
  'NetworkFigures',
  'AudioFigures',
  'LongFrame',
  'MemoryFigures',
  'BufferHealth',
  'HistogramSummary',
  'SessionFigures',
  'LoggedError',
  'PoolStatus',
  'PooledStream',
];

const written = (parts) => format(`${parts.join('\n\n')}\n`, { parser: 'markdown', printWidth: 120 });

/** @param {{ modules: { declarations?: object[] }[] }} manifest @returns {Promise<string>} */
export async function elementsReference(manifest) {
  const elements = manifest.modules.flatMap(({ declarations = [] }) => declarations).filter(({ tagName }) => tagName);
  const place = ({ tagName }) => (ORDER.indexOf(tagName) + ORDER.length + 1) % (ORDER.length + 1);
  elements.sort((a, b) => place(a) - place(b) || a.tagName.localeCompare(b.tagName));
  return written([opening, ...elements.map(section), dataOpening, ...DATA.map(dataSection)]);
}

/** @returns {Promise<string>} */
export async function errorsReference() {
  const all = codes();
  const known = new Set(all.map(({ code }) => code));
  const sentences = sentencesOf((key) => known.has(key.split('.')[0]));
  const groups = [...new Set(all.map(({ group }) => group))].map((group) => {
    const ofGroup = all.filter((entry) => entry.group === group);
    return table(group, ['Code', 'When', 'Says'], ofGroup, (entry) => errorRow(entry, sentences), '##');
  });
  const caveats = sentencesOf((key) => key.startsWith('caveat.'));
  return written([
    errorsOpening,
    ...groups,
    rows(caveatsOpening, ['Caveat', 'Says'], caveats, ({ key, sentence }) => [code(key), sentence]),
  ]);
}

/** A code may have more words than one; what is said in several places is told once. */
function errorRow({ code: name, meaning }, sentences) {
  const own = sentences.filter(({ key }) => key.split('.')[0] === name);
  const says = own.map(({ key, sentence }) => (key === name ? sentence : `${code(key)}: ${sentence}`));
  return [code(name), meaning, [...new Set(says)].join('<br>')];
}

const opening = `# Elements

<!-- Written by \`npm run manifest\`. Change the comments in src/ instead. -->

Durations are seconds, bitrates bits per second, sizes bytes. A setting is a request; what is really in use is told by a
property whose name begins with \`active\`. An attribute that is not understood counts as its default and never throws.

Events are subclasses of \`Event\` with typed fields. Each fires after the state it tells of can be read. Changes of an
element's own state do not bubble; results and faults do, and \`source\` of a fault tells whose it is.`;

const dataOpening = `## Plain data

What elements hand out is frozen, and another object once it has changed. In a type, \`Told<T>\` stands for
\`T | null | 'unsupported'\`: null is what is not known, \`unsupported\` what this engine cannot tell.`;

const errorsOpening = `# Faults

<!-- Written by \`npm run manifest\`. Change src/core/errors.ts and the tables of sentences instead. -->

A fault is an \`OnAirError\`. \`code\` is for programs, and one of these; \`message\` is a sentence for people. \`fatal\` says
whether the job has ended, \`cause\` holds the platform's own error where there is one, and \`detail\` says that in words for a bug
report. Methods reject with it, and elements tell it by \`oa-error\`, which carries the same fields, and the element as \`source\`.

A code may have more sentences than one, by what is known; they have keys of their own. \`{device}\` and the like are filled
in. \`configureMessages()\` replaces sentences by their keys; elements have words of their own for some:
[accessibility.md](accessibility.md#languages).`;

const caveatsOpening = `## What is not promised

\`guarantee.caveats\` of a recorder are keys, too.`;

function dataSection(name) {
  const { description, members } = interfaceOf(name);
  const head = `### \`${name}\`\n\n${description}`;
  return rows(head, ['Member', 'Type', ''], members, (member) => [
    code(member.name),
    code(member.type),
    member.description,
  ]);
}

function section(element) {
  const { tagName, description, attributes = [], members = [] } = element;
  const isPublic = ({ privacy, static: own, name }) =>
    !own && (privacy ?? 'public') === 'public' && !name.startsWith('#');
  const fields = members.filter((member) => member.kind === 'field' && isPublic(member) && !member.attribute);
  const methods = members.filter((member) => member.kind === 'method' && isPublic(member) && !isCallback(member));
  return [
    `## \`<${tagName}>\``,
    description,
    table('Attributes', ['Attribute', 'Property', 'Type', 'Default', ''], attributes, attributeRow),
    table('Properties', ['Property', 'Type', ''], fields, fieldRow),
    table('Methods', ['Method', 'Answers', ''], methods, methodRow),
    table('Events', ['Event', 'Class', ''], element.events, ({ name, type, description }) => [
      code(name),
      code(type?.text),
      description,
    ]),
    table('Slots', ['Slot', ''], element.slots, ({ name, description }) => [
      name ? code(name) : 'default',
      description,
    ]),
    table('Parts', ['`::part()`', ''], element.cssParts, named),
    table('States', ['`:state()`', ''], element.cssStates, named),
    table('Custom properties', ['Property', 'Default', ''], element.cssProperties, (property) => [
      code(property.name),
      code(property.default),
      property.description,
    ]),
  ]
    .filter(Boolean)
    .join('\n\n');
}

const isCallback = ({ name }) => /Callback$|^(requestUpdate|updated|willUpdate|render)$/.test(name);

const attributeRow = ({ name, fieldName, type, default: initial, description }) => [
  code(name),
  fieldName && fieldName !== name ? code(fieldName) : '',
  code(type?.text),
  // What is null or empty by default is told by the description.
  initial && !/^(null|''|false)$/.test(initial) ? code(initial.replaceAll("'", '')) : '',
  description,
];
const fieldRow = ({ name, type, readonly, description }) => [
  code(name),
  code(type?.text),
  [description, readonly ? 'Read only.' : ''].filter(Boolean).join(' '),
];
const methodRow = ({ name, parameters = [], return: answer, description }) => [
  code(`${name}(${parameters.map((parameter) => parameter.name).join(', ')})`),
  code(answer?.type?.text),
  description,
];
const named = ({ name, description }) => [code(name), description];

const code = (text) => (text ? `\`${text}\`` : '');
/** A cell is one line, and a bar in it would end it. */
const cell = (text = '') => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;

function table(title, heads, entries = [], toRow, level = '###') {
  return entries.length > 0 ? rows(`${level} ${title}`, heads, entries, toRow) : null;
}

const rows = (title, heads, entries, toRow) =>
  [title, '', line(heads), line(heads.map(() => '---')), ...entries.map((entry) => line(toRow(entry)))].join('\n');
