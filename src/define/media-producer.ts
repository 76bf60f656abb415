import { OaMediaProducer } from '../components/media-producer/media-producer.js';
import { safeDefine } from './safe-define.js';

safeDefine('media-producer', OaMediaProducer);
