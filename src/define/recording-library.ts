import { OaRecordingLibrary } from '../components/recording-library/recording-library.js';
import { safeDefine } from './safe-define.js';

safeDefine('recording-library', OaRecordingLibrary);
