/** Sockets that come back by themselves, and requests over them: `onair-elements/channel`. */
export { OnAirError, type OnAirErrorCode } from '../errors.js';
export type { Clock } from './clock.js';
export type { HeartbeatOptions } from './heartbeat.js';
export { LiveSocket, type LiveSocketOptions, type LiveSocketState } from './live-socket.js';
export type { ChannelMessage, Json } from './message.js';
export {
  RequestChannel,
  RequestError,
  type Answer,
  type RequestChannelOptions,
  type RequestOptions,
} from './request-channel.js';
export type { SendBufferLimits } from './send-buffer.js';
