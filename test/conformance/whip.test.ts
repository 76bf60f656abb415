import { after, before, it } from 'node:test';
import { LiveStage } from '../support/live-stage.js';
import { inEachBrowser } from '../support/stage.js';
import { rules } from './whip/rules.js';
import { tryRule } from './whip/suite.js';

inEachBrowser('a WHIP client', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  after(() => stage?.close());

  for (const rule of rules)
    it(`${rule.section && `${rule.section} `}${rule.name}`, () =>
      tryRule(rule, stage, stage.pages.page('whip-client.html')));
});
