import { OaStreamPoolStatus } from '../components/stream-pool-status/stream-pool-status.js';
import { safeDefine } from './safe-define.js';

safeDefine('stream-pool-status', OaStreamPoolStatus);
