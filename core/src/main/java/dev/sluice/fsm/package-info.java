/**
 * Where a bot's conversations are (finite state machines): state and data per bot, chat, user, thread, shared by all replicas.
 *
 * <p>Start with {@link dev.sluice.fsm.FsmStorage} and {@link dev.sluice.fsm.FsmWrite}; {@link dev.sluice.fsm.ConversationLocks} lets one handler
 * at a time at a conversation, {@link dev.sluice.fsm.StateMachine} says what may follow what. The steps stand in {@code conversation.lua} and the
 * scripts beside it.
 *
 * <h2>One conversation, one key</h2>
 *
 * State, version, fence and each data field stand in one hash, so that they change in one step and go together. Its hash tag is the user, as with
 * budgets: a Cluster spreads users, and all conversations of one are in one place. Data fields are sealed one by one, under digests of their
 * names: scripts put and remove single ones without reading any.
 *
 * <p>A version is made from the store's clock (the last one plus 1, or the time in microseconds), so that it is never seen twice, although the
 * conversation was cleared, forgotten, or Redis wiped: compare-and-set by version has no ABA problem.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The process dies between its look and its write.</b> Nothing was changed; what others write meanwhile stands.
 *   <li><b>It dies after its write.</b> State and data are both there. An action of {@link dev.sluice.fsm.StateMachine} that was to follow did not run.
 *   <li><b>The answer to a write is lost.</b> It may have been done: {@link dev.sluice.redis.RedisUnavailableException#mayHaveRun}. Written again on
 *       the same version, it is answered as unexpected, and a look shows what stands.
 *   <li><b>A handler is stopped beyond its lease</b> and writes when it goes on: refused from when its successor was let in, for as long as the
 *       conversation is kept.
 *   <li><b>Redis does not answer.</b> Neither looks nor writes; nothing is answered from memory, since it could be long past.
 *   <li><b>Redis' memory is full.</b> Looks, removals and clearing work; what adds is refused and changes nothing.
 *   <li><b>Redis' clock jumps.</b> Ahead by more than its time: a conversation is forgotten early. Back: versions grow on, one by one.
 *   <li><b>Redis loses writes</b> (failover, crash before fsync): the conversation is as it was before them.
 * </ul>
 */
@NullMarked
package dev.sluice.fsm;

import org.jspecify.annotations.NullMarked;
