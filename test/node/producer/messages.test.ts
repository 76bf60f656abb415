import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { fault } from '../../../src/core/faults.js';
import { configureMessages, explain, message, onMessagesChange } from '../../../src/core/messages.js';

describe('sentences', () => {
  it('are filled in, also with other sentences of the same language', () => {
    assert.equal(
      fault('busy', { device: 'device.camera' }).message,
      'The camera is in use by another program. Close it and try again.',
    );
  });

  it('of a fault are said in English, and again in the language of an element', () => {
    configureMessages('de', { busy: '{device} ist belegt.', 'device.camera': 'Die Kamera' });
    const error = fault('busy', { device: 'device.camera' });
    assert.match(error.message, /^The camera is in use/);
    assert.equal(explain(error, 'de-AT'), 'Die Kamera ist belegt.');
    assert.equal(explain(error, 'fr'), error.message, 'English where there is no table');
  });

  it('of a fault from elsewhere stay its own, unless the page has one', () => {
    const error = new OnAirError('disk-full', 'Own words.');
    assert.equal(explain(error, 'en'), 'Own words.');
    configureMessages('nl', { 'disk-full': 'De schijf is vol.' });
    assert.equal(explain(error, 'nl'), 'De schijf is vol.');
  });

  it('tell when they are replaced', () => {
    let told = 0;
    const stop = onMessagesChange(() => told++);
    configureMessages('en', { 'producer.start': 'Go' });
    stop();
    configureMessages('en', { 'producer.start': 'Start' });
    assert.equal(told, 1);
    assert.equal(message('producer.start', 'en'), 'Start');
  });
});
