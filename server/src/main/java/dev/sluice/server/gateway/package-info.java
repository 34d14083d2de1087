/**
 * The Bot API, unchanged, in front of the guards: requests of bots in any language come in here, and their answers go out.
 *
 * <p>Reading order: {@link dev.sluice.server.gateway.Gateway} routes a request; {@code MeteredCall} is the life of one that
 * counts against Telegram's limits, {@code Relay} that of all others. {@code Exchange} is one try at Telegram, written once.
 *
 * <h2>A metered call</h2>
 *
 * <pre>
 *   head read      Visit        a slot among the concurrent calls, the caller's close is watched from here on
 *   headers        CallHeaders  X-Sluice-*, Idempotency-Key, Prefer; a bad one is a 400
 *   token          TrustedTokens  trusted, refused, or one getMe first, while the body waits in the socket
 *   body           BodyReceiver tees the raw bytes into a Spool while files are digested as they pass
 *   --- event loop above, a virtual thread below ---
 *   parameters     ParameterReader  chat, cost, lane and fingerprint; nothing else is understood, all is forwarded as it came
 *   delivery       Delivery     decides, waits, calls Sender (UpstreamSender, Exchange), settles
 *   answer         Answers      the outcome as a Bot API envelope; whether it was written is told to the receipt
 * </pre>
 *
 * <p>Failure windows: until the first byte is handed to the socket an attempt is <i>not reached</i>; from then on, whatever
 * breaks, it is <i>unanswered</i>, also if the connection turns out to have been closed before: that nothing was written can not
 * be proven then. A write that succeeded says that the kernel took the answer, not that the caller read it.
 *
 * <p>A chat's new id, after a migration, is put first into the query string, the body stays as it is: Telegram's server reads
 * the query before the body and takes the first of two equal names (tdlib, {@code HttpReader::parse_url},
 * {@code HttpQuery::get_arg}). The same order decides which chat id counts when a caller gives two.
 */
@NullMarked
package dev.sluice.server.gateway;

import org.jspecify.annotations.NullMarked;
