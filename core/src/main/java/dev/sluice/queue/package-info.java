/**
 * The queue: what cannot be sent now waits durably, in order per chat, fairly among chats, and leaves the moment its limits
 * allow.
 *
 * <p>Start with {@link dev.sluice.queue.MessageQueue}, then {@link dev.sluice.queue.NewMessage},
 * {@link dev.sluice.queue.Ending} and {@link dev.sluice.queue.DeadLetters}.
 *
 * <h2>The life of a message</h2>
 *
 * <pre>
 *              due                  claim                    Sent
 *   DELAYED ---------&gt; QUEUED ----------------&gt; LEASED ----------------&gt; SENT
 *      |                | ^  ^                   | | |
 *      |                | |  |  NotSent, Flooded | | |  Refused, Suppressed, or Retry and none is left
 *      |                | |  +-------------------+ | +------------------------------&gt; FAILED
 *      |                | |                        |                                   ^  |
 *      |                | |  after its delay       | Retry                             |  |
 *      |                | +------- RETRYING &lt;------+                                   |  |
 *      |                |             |            |                                   |  |
 *      +----------------+-------------+--- cancelled, expired, superseded -------------+  |
 *                       ^                          |                                      |
 *                       |                          | Unanswered, lease over      requeued |
 *                       +------ requeued ----- UNKNOWN (at most once)   (dead letters) ---+--&gt; QUEUED
 * </pre>
 *
 * <p>What is cancelled, expires or is superseded after an attempt that may have reached Telegram is UNKNOWN and not FAILED: one that was
 * not answered, or whose lease ran out without a word of its worker since. The last attempt's word still counts when it comes late.
 *
 * <p>Under {@link dev.sluice.queue.DeliveryPolicy#AT_LEAST_ONCE} an unanswered attempt is a failed one: RETRYING, or QUEUED
 * when its lease ran out, and UNKNOWN only after the last, whichever of them it was that was not answered. Attempts that count are those after which Telegram might have
 * been asked: a failed one, an unanswered one and a lost lease; not a 429 and nothing that was given back unsent.
 *
 * <h2>Lanes</h2>
 *
 * A message stays in its chat's lane until it is settled; to claim it only lays a lease over it, so that a crash moves
 * nothing. The lane's order is VIPs, then high, normal, low, and within these the order of acceptance, also of what was
 * delayed and comes back: its number is its place. A leased message and one between two attempts are at the head, whatever
 * comes meanwhile.
 *
 * <p>A lane that holds anything is in exactly one place:
 *
 * <pre>
 *                     its head is leased            settled, others follow
 *        +-----------------------------&gt; leased --------------------------+
 *        |                                 |                               |
 *        |                                 | backoff, flooded              |
 *        |   time reached                  v                               v
 *      ready &lt;-------------------------- waiting &lt;---+                   ready
 *        |                                           |
 *        +--- denied by its chat, group or user -----+        or in none of them: paused by hand
 * </pre>
 *
 * <h2>Who is next</h2>
 *
 * VIPs strictly. Then the priority with the least <em>pass</em>, which grows with each message by its cost over the
 * priority's weight (stride scheduling; C. Waldspurger, 1995); one that had nothing to send takes over the pass of whoever
 * went last, so that nobody saves up for a burst. Within a priority the chat with the least <em>tag</em>: the virtual time
 * when it became ready and what it cost (self-clocked fair queueing; S. Golestani, 1994), the virtual time being the tag of
 * whoever was chosen last. One that has had its turn goes on from the tag of that turn and what the turn cost, however long
 * it was in flight: with many in flight the time turns while some are away, and whoever is often late would lose a turn each
 * time. It catches up on a cost of 16 at most, so that nobody saves much up. One that waited for its own limit comes back at the virtual time.
 *
 * <p>Of equal tags who came first goes first. By name, chats whose messages come one by one would lose whenever the time turns
 * while they are in flight, and always the same ones. Tags are of the finish and not of the start because who has a message a
 * turn would else go before those that wait at the virtual time.
 *
 * <p>Messages of the paid lane, and replies, are ready apart from the others, since the bot's limit holds the one and not the other.
 *
 * <h2>Sent together</h2>
 *
 * Messages that say that they may be joined ({@link dev.sluice.queue.Joint}) can be leased with the head of their lane once that is leased
 * ({@link dev.sluice.queue.MessageQueue#claimAlong}). Each then has a lane of its own until it is settled, so that everything that holds
 * for a leased message holds for it: its fence, the end of its lease, that it is settled for itself. Its chat is still held by the head
 * alone. What is put back returns to its place by acceptance.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The worker dies.</b> Its leases end; the next claim moves what they covered, by policy. Its limits stay charged:
 *       it may have sent.
 *   <li><b>The worker is slow</b> and settles after its lease ended. If nobody has leased or resolved the message since, what
 *       it says holds, since its knowledge is better than none. Else its fence is refused.
 *   <li><b>The reply to a claim is lost.</b> Nobody has the messages: they come back, or count as unknown, when their lease is
 *       over. A claim is the dispatch mark and says nothing of whether anybody read it.
 *   <li><b>The reply to an enqueue is lost.</b> Under a key it is safe to repeat; without one it may double.
 *   <li><b>The reply to a settlement is lost.</b> Repeat it: see {@link dev.sluice.queue.MessageQueue#settle}.
 *   <li><b>What processes tell each other is lost</b> (they were not connected). Workers find what is queued by themselves: they look
 *       again at the wake-up that a claim named, and every few seconds.
 *   <li><b>Somebody is to be told, and nobody lives to do so.</b> That it is owed is written in the step that ends the message;
 *       whoever claims callbacks next tells it. See {@link dev.sluice.queue.Callbacks}.
 *   <li><b>The clock jumps.</b> Forward: leases, delays and lifetimes end early. Back: late. Numbers and fences ascend
 *       regardless, as long as the queue's state is there.
 *   <li><b>Redis loses writes.</b> What was acknowledged and lost never was: an accepted message may be gone, a settled one
 *       may be leased again.
 *   <li><b>A Cluster moves the slot.</b> No step starts until all keys have moved: see {@code QueueScripts#keys}.
 *   <li><b>Redis' memory is full.</b> Enqueueing is refused before it changes anything; claiming, settling and all that
 *       removes goes on.
 * </ul>
 */
@NullMarked
package dev.sluice.queue;

import org.jspecify.annotations.NullMarked;
