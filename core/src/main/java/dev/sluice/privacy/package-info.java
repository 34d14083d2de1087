/**
 * How much may be kept of a user, and that all of it can be forgotten.
 *
 * <p>Start with {@link dev.sluice.privacy.PrivacyLevels}, which every part asks before it writes a text, then
 * {@link dev.sluice.privacy.PersonalData}, which every part that keeps something of users is, and {@link dev.sluice.privacy.Privacy}, which
 * operators and bots use.
 *
 * <h2>Whose text it is</h2>
 *
 * A private chat has the id of its user, so all that a bot sends there and hears there is theirs ({@link
 * dev.sluice.privacy.PrivacyLevels#ofChat}). In a group it is what comes with their id.
 *
 * <h2>How replicas know, and how late</h2>
 *
 * Redis has one sorted set of the users whose level is {@code none}, by when that was set. Each replica holds a copy and asks four times a
 * second what has changed since ({@code changes.lua}). A copy counts for one second from when it was asked for, on the replica's own
 * monotonic clock; past that, or with too many users to hold, Redis is asked about the one user, and if it does not answer the level is
 * taken for {@code none}. So one second after a level was set nobody decides by the old one, whatever happened to whom: no announcement is
 * needed for that.
 *
 * <pre>
 *   set(none) ──► level written, two purges owed ──► purged at once ──► 1 s: nobody decides by the old level
 *                          │                                                │ what was under way ends by its deadline
 *                          └────────────────────────────────────────────────┴──► after 15 s and 90 s: purged again
 * </pre>
 *
 * The level and the debts are written in one step, so a replica killed after it leaves the purges to the others. One that fails in some part
 * stays owed and is tried again.
 *
 * <h2>How processes forget what they have in memory</h2>
 *
 * A forgetting is a change with a number of the same count, in a record that is bounded by time and number ({@code note_forgotten} in
 * {@code levels.lua}). A process follows the record before a copy of the levels counts again, and before an answer of Redis about a user who is in
 * it does ({@link dev.sluice.privacy.FollowedForgettings}): each forgetting once, but for those that it was asked for itself. What it had of the
 * user until it heard goes, whenever that came; to keep what is newer than the change, each part would have to know what came before it by Redis'
 * clock. Whether something of the record is missing is told by a number (its floor), not by how long a process was away: where nobody was
 * forgotten nothing is dropped. The record is written before the stores are purged, so that nothing gets from a memory into a store behind the
 * purge, and once more for copies after it, since they may have been made meanwhile.
 *
 * <p>What is kept in stores is owed from the same step ({@link dev.sluice.privacy.Debt}): whoever asked has taken the debt on, and if it dies another
 * does it, once. It is not repeated for what others were just writing or where a part failed, as no part can tell that from what the user has written
 * since they were forgotten, which is accepted and must not be lost; whoever asked is told, and may ask once more. Debts of forgettings stand apart from those of levels, since replicas of an older version would take them on and not do them.
 *
 * <p>If Redis loses data (wiped, or a failover to one that lagged behind), each replica finds it by the number of the last change or by the
 * count, and writes the users it knew back: of two levels the more private one wins. What no living replica knew is lost with Redis.
 */
@NullMarked
package dev.sluice.privacy;

import org.jspecify.annotations.NullMarked;
