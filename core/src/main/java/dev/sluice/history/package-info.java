/**
 * What was said last in each chat: who, when, what, for whoever answers next.
 *
 * <p>Start with {@link dev.sluice.history.Histories} and {@link dev.sluice.history.NewEntry}; {@link dev.sluice.history.HistoryStore} is where
 * the truth is, {@link dev.sluice.history.HistoryBounds} says how much is kept. The steps stand in {@code history.lua} and the scripts beside
 * it, then {@code HistoryLoader}.
 *
 * <h2>One chat</h2>
 *
 * It is one hash, so that all of it changes in one step and goes together: an index with a line for each entry (number, time, tokens, whose
 * text it is, digest of its id) and the entries' contents, sealed one by one. Order is that of the index, which is that in which Redis took
 * them; the times are what was brought and decide nothing but when an entry is too old. Each append trims: what is too old, then the oldest
 * until the rest is few enough and little enough. The newest stays even if it alone has too many tokens: a bot that is asked something
 * long must not find that nothing was asked.
 *
 * <pre>
 *   nothing --append--&gt; partly --read: lease--&gt; being loaded --fill under the lease's fence--&gt; loaded
 *      |                                            |      ^                                    |
 *      +---------------read: lease------------------+      +----------- its time is over -------+
 *                                                   |
 *                          cleared, or somebody forgotten: the fence is gone, the fill refused, and it is looked at again
 * </pre>
 *
 * That nothing was said is loaded, too, and known from then on.
 *
 * <h2>What was loaded and what was appended meanwhile</h2>
 *
 * An append does not wait for a load. The fill puts what was loaded among what is there: the order is that of what was loaded, what is in both
 * is there once, by its id, and what is not in it stays behind it. So it makes no difference whether an append came before the store was
 * asked, while it was, or after. Loads count for {@link dev.sluice.history.HistorySettings#keep}, however much is appended: then the store is
 * asked again, and what is missing here, for whatever reason, is there again.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>A process dies between the store's append and Redis'</b>: the store has it; whoever brings it again under its id has it in both, and
 *       otherwise the next load has.
 *   <li><b>A process dies while it loads</b>: its lease ends half a second after the time that the store has, and another loads.
 *   <li><b>A loader is slow</b>: its fence is gone, and what it brings is refused.
 *   <li><b>Redis does not answer</b>: appends wait in this process' memory, bounded, and are appended when it does; what it may have taken is
 *       known by its id. A process that ends before takes them along. Reads go on from the store and what waits here.
 *   <li><b>Redis loses writes or evicts a chat</b>: with a store it is loaded again. Without one that talk is forgotten.
 *   <li><b>Redis' memory is full</b>: likewise as if it did not answer; clearing and forgetting work.
 *   <li><b>An id comes again once its entry was trimmed</b>: it is appended again.
 * </ul>
 *
 * <h2>Privacy</h2>
 *
 * In a private chat all that is said is its user's; in others what comes with their id. With the level {@code none} it goes to this process'
 * memory and nowhere else, not to the store either; in a group it takes a number from Redis, so that it is read where it was said. Of
 * what a store loads, theirs is left out. While nobody can tell a user's level, their text waits here for that, too.
 */
@NullMarked
package dev.sluice.history;

import org.jspecify.annotations.NullMarked;
