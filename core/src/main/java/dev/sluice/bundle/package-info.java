/**
 * Bundles: bursts of one person's messages, joined before a costly answer.
 *
 * <p>Start with {@link dev.sluice.bundle.Bundler} and {@link dev.sluice.bundle.BundleHandler}; {@link dev.sluice.bundle.Bundles} is for
 * those who take bundles by themselves, {@link dev.sluice.bundle.BundleSettings} says what belongs together,
 * {@link dev.sluice.bundle.AsideBundles} is what is handed over no more. The steps stand in
 * {@code bundles.lua} and the scripts beside it.
 *
 * <h2>What belongs together</h2>
 *
 * When messages came decides, by the store's clock, in the step that takes a message; not when somebody looks. So the bundles are the same
 * however many processes look, and whether any does.
 *
 * <pre>
 *                    a message within the quiet window, before the longest time, with room
 *                                        +--+
 *                                        |  v
 *   nothing --first message--&gt; collecting --quiet, longest time, full, or a command--&gt; closed
 *                                                                                          |  ^
 *                                                     handed over: lease, greater fence    v  | lease over, or handler failed
 *                                                                                      leased
 *                                                   set aside &lt;--too many leases ran out--  | settled by its fence
 *                                                                                          v
 *                                                                                       handled
 * </pre>
 *
 * A command closes what is collecting and is a bundle by itself. Of a conversation the first bundle that is not handled is handed over and no
 * other; what comes meanwhile collects behind it. Within a bundle messages are in the order of Telegram's ids, since replicas may
 * bring them in another; one that comes when its bundle is closed is in the next.
 *
 * <h2>Who looks</h2>
 *
 * A sorted set per bot has the time of each conversation when somebody must look: the collecting bundle closes, the lease of one ends. A
 * claim answers when the next is; processes sleep until then, and are told on a channel if something becomes earlier than all before. News
 * may be lost: each looks once a second.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>A process dies.</b> What it had taken is handed over again when its lease is over; a message whose addition was not
 *       answered is sent again by Telegram, and known by its id.
 *   <li><b>A process is paused beyond its lease</b> while it handles a bundle: another handles it, too. The id is the same, the fence is
 *       greater; the late settlement is refused. In one process a conversation's bundles are never handled at the same time.
 *   <li><b>All processes are away.</b> What was taken waits for a day from its conversation's last message or lease on, as long as
 *       Telegram keeps updates. {@code REDIS_TTL_TALKBUF} is for the ids of what has been handled: a shorter life of what has not would lose
 *       what was accepted.
 *   <li><b>Redis was away for longer than a lease</b> while a bundle was handled: its process renews the lease before anybody takes the
 *       bundle, since nobody takes any for 2 s after such an outage.
 *   <li><b>A bundle kills whoever handles it.</b> The step that would hand it over once more counts the lease that ran out, and sets it aside
 *       after some. All that was with a process that died has lost a lease, so the last one that it may lose a bundle has alone: of a bot
 *       one such bundle is out at a time. If several kill, one may take another's last lease with it.
 *   <li><b>Another program writes into somebody's keys.</b> What messages are there are set aside, and their person begins anew.
 *   <li><b>The key that sealed a bundle is lost.</b> It is put back for who has it, and set aside after an hour: its person waits no longer.
 *   <li><b>Redis does not answer.</b> Messages go on in this process' memory, and end with it. A person's go on there until all of
 *       theirs there are handled. Redis may have taken one whose answer was lost: it is handed over twice then.
 *   <li><b>Redis loses writes</b> (a failover, a crash before fsync): messages that were added within the last moments are gone, and
 *       handled bundles may come again.
 *   <li><b>Redis' clock jumps.</b> Ahead: bundles close early, leases end early. Back: what is collecting closes late by as much, or with its
 *       person's next message.
 *   <li><b>Redis' memory is full.</b> No message is taken; bundles are handed over and settled.
 * </ul>
 *
 * Joining by a quiet window is the debounce of switch contacts (Ganssle, "A Guide to Debouncing", 2004), with a longest time so that somebody who never
 * stops is answered; leases are those of Gray and Cheriton, "Leases" (SOSP 1989).
 */
@NullMarked
package dev.sluice.bundle;

import org.jspecify.annotations.NullMarked;
