import { OaAudioLevel } from '../components/audio-level/audio-level.js';
import { safeDefine } from './safe-define.js';

// Types of tags and events come with it: an import of what is only used as a value is not in a declaration file.
export type { OaAudioLevel };

safeDefine('audio-level', OaAudioLevel);
