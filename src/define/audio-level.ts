import { OaAudioLevel } from '../components/audio-level/audio-level.js';
import { safeDefine } from './safe-define.js';

safeDefine('audio-level', OaAudioLevel);
