import { OaStreamRecorder } from '../components/stream-recorder/stream-recorder.js';
import { safeDefine } from './safe-define.js';

safeDefine('stream-recorder', OaStreamRecorder);
