import { after, before, it } from 'node:test';
import { LiveStage } from '../support/live-stage.js';
import { inEachBrowser } from '../support/stage.js';
import { rules } from './whip/rules.js';
import { Tries } from './whip/suite.js';

inEachBrowser('a WHIP client', (name) => {
  let stage: LiveStage;
  let tries: Tries;
  before(async () => {
    stage = await LiveStage.open(name);
    tries = new Tries(stage, stage.pages.page('whip-client.html'));
  });
  after(() => stage?.close());

  for (const rule of rules) it(`${rule.section && `${rule.section} `}${rule.name}`, () => tries.try(rule));
});
