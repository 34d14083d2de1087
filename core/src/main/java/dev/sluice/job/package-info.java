/**
 * The registry of jobs: what runs where, how far it is, how it ended, and what died.
 *
 * <p>Start with {@link dev.sluice.job.Jobs} and {@link dev.sluice.job.Job}; {@link dev.sluice.job.JobTracker} sends the heartbeats of what
 * runs in this process. The steps stand in {@code jobs.lua} and the scripts beside it.
 *
 * <h2>The life of a job</h2>
 *
 * <pre>
 *            start                    end
 *   (none) --------&gt; running ------------------------&gt; succeeded, failed, cancelled --- start: a new run ---&gt; running
 *                    ^     | silent for too long
 *          heard of  |     v
 *                    +--- dead --- start by anybody: a new run; whatever the old one says is refused ---&gt; running
 * </pre>
 *
 * Nobody writes down that a job is dead: whoever looks sees when it was last heard of, by the store's clock. A job that was silent and is
 * heard of again runs on, unless somebody has started it anew: runs are told apart by a number, as holders of a lock are by their fence.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The process dies.</b> The job is dead after its silence, and forgotten after its time.
 *   <li><b>The answer to a start is lost.</b> A job stands there that nobody runs; it is dead after its silence, and can be started then.
 *   <li><b>The answer to an addition is lost.</b> It may count; repeated it may count twice.
 *   <li><b>Redis does not answer.</b> Nothing is written; a job that cannot be heard of for long enough looks dead, and is not stopped by that.
 *   <li><b>The store's clock jumps ahead.</b> Jobs look dead until their next heartbeat, and those that ended are forgotten early.
 * </ul>
 */
@NullMarked
package dev.sluice.job;

import org.jspecify.annotations.NullMarked;
